"""One run of the copilot: its settings, date and warehouse, under the run lock."""

import contextlib
import datetime as dt
import os
import time
from collections.abc import Iterator

import dagster as dg
from pydantic import PrivateAttr
from sqlalchemy import text

from orchestration.resources.dbt_environment import dbt_environment
from warehouse.clock import resolve_as_of, utc_now
from warehouse.database import Warehouse, open_warehouse
from warehouse.errors import CopilotError, TransientError
from warehouse.lock import run_lock
from warehouse.migrations import migrate
from warehouse.settings import Settings, load_settings


class CopilotRun(dg.ConfigurableResource["CopilotRun"]):
    """What every asset of a run shares.

    Parameters
    ----------
    as_of : str
        ISO date that the run is "as of"; empty for the default of `warehouse.clock`.
    full_refresh : bool
        Read every source and build every table anew.
    """

    as_of: str = ""
    full_refresh: bool = False

    _settings: Settings = PrivateAttr()
    _warehouse: Warehouse = PrivateAttr()
    _run_id: str = PrivateAttr()
    _started: float = PrivateAttr()

    @property
    def settings(self) -> Settings:
        """The settings, read when the run began."""
        return self._settings

    @property
    def warehouse(self) -> Warehouse:
        """The open warehouse."""
        return self._warehouse

    @property
    def run_id(self) -> str:
        """Dagster's id of this run."""
        return self._run_id

    @property
    def as_of_date(self) -> dt.date:
        """The date that the run is "as of"."""
        return resolve_as_of(self._settings, parse_date(self.as_of))

    def say(self, message: str) -> None:
        """Show a line of progress to whoever watches the run."""
        print(f"[{time.monotonic() - self._started:6.1f} s] {message}", flush=True)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["CopilotRun"]:
        """Open the warehouse, take the run lock and keep the run's row in ``ops.run``."""
        self._started = time.monotonic()
        self._settings = load_settings()
        self._run_id = context.run.run_id if context.run else "no-run"
        self._warehouse = open_warehouse(self._settings)
        migrate(self._warehouse, self._settings)
        try:
            with run_lock(self._warehouse):
                os.environ.update(dbt_environment(self._warehouse))
                self._open_ledger()
                yield self
        finally:
            self._warehouse.dispose()

    def require_not_in_the_past(self) -> None:
        """Raise unless this run may publish: it is not older than what was published."""
        latest = latest_published_date(self._warehouse)
        if latest is not None and self.as_of_date < latest:
            raise CopilotError(
                f"This run is as of {self.as_of_date}, but {latest} has been published already.",
                "A run for an earlier date never publishes: use `copilot run --as-of`, which"
                " takes the backfill job for a past date.",
            )

    def mark(self, status: str) -> None:
        """Write the run's status into ``ops.run``."""
        table = f'"{self._warehouse.schema("ops")}".run'
        with self._warehouse.engine().begin() as connection:
            connection.execute(
                text(
                    f"update {table} set status = :status, finished_at = :at"  # noqa: S608
                    " where run_id = :run_id"
                ),
                {"status": status, "at": utc_now(), "run_id": self._run_id},
            )

    def _open_ledger(self) -> None:
        table = f'"{self._warehouse.schema("ops")}".run'
        with self._warehouse.engine().begin() as connection:
            connection.execute(
                text(
                    f"update {table} set status = 'interrupted', finished_at = :at"  # noqa: S608
                    " where status = 'running'"
                ),
                {"at": utc_now()},
            )
            connection.execute(
                text(
                    f"insert into {table} (run_id, as_of_date, started_at, status)"  # noqa: S608
                    " values (:run_id, :as_of, :at, 'running') on conflict do nothing"
                ),
                {"run_id": self._run_id, "as_of": self.as_of_date, "at": utc_now()},
            )


def latest_published_date(warehouse: Warehouse) -> dt.date | None:
    """Return the latest date that a finished daily run was as of, or None."""
    table = f'"{warehouse.schema("ops")}".run'
    with warehouse.engine().connect() as connection:
        return connection.execute(
            text(f"select max(as_of_date) from {table} where status = 'published'")  # noqa: S608
        ).scalar()


def parse_date(value: str) -> dt.date | None:
    """Return the date of an ISO string, None of an empty one.

    Raises
    ------
    CopilotError
        The string is no date.
    """
    if not value:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise CopilotError(f"'{value}' is not a date.", "Write it as 2026-06-30.") from error


@contextlib.contextmanager
def readable_failures() -> Iterator[None]:
    """Turn a `CopilotError` into a step failure; only a transient one is worth another try."""
    try:
        yield
    except CopilotError as error:
        may_pass = isinstance(error, TransientError)
        raise dg.Failure(description=str(error), allow_retries=may_pass) from error
