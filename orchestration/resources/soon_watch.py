"""The process that stays up: looks whether raw tables changed, and works on what is severe."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event

import psycopg

from orchestration.resources.soon import (
    Say,
    SoonRun,
    pending_accounts,
    reason_to_wait,
    run_soon,
)
from orchestration.resources.soon_build import Signal, SoonBuild
from warehouse.clock import day_in_progress, utc_now
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.lock import SOON, BusyError, run_lock
from warehouse.settings import Settings

AGAIN_AFTER_SECONDS = 300.0
"""What failed, or what its account's build did not confirm, is tried again after so long."""

Counters = Mapping[str, tuple[int, int]]
"""Each raw table's identity, and how many rows were ever written to it."""


def raw_counters(warehouse: Warehouse, settings: Settings) -> Counters:
    """Return the database's own counts of writes to the raw tables of the sources in use.

    It keeps them for each table anyway, whoever writes, so that nothing has to be scanned.
    """
    schemas = [warehouse.schema(f"raw_{source}") for source in settings.sources]
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select schemaname || '.' || relname, relid::bigint, n_tup_ins + n_tup_upd + n_tup_del"
            " from pg_stat_user_tables where schemaname = any(%s)",
            (schemas,),
        ).fetchall()
    return {name: (relid, written) for name, relid, written in rows}


@dataclass
class Watcher:
    """Notices what lands, and has the accounts it touches made anew.

    Parameters
    ----------
    warehouse, settings
        Where, and by which rules.
    say
        Shows a line to whoever watches.
    """

    warehouse: Warehouse
    settings: Settings
    say: Say
    _build: SoonBuild | None = None
    _built_for: dt.date | None = None
    _seen: Counters | None = None
    _tried: dict[str, float] = field(default_factory=dict)
    _waits: str | None = None
    _again_at: float = 0.0

    def prepare(self) -> SoonBuild:
        """Return dbt's project as parsed for the day in progress; import what the work needs."""
        day = day_in_progress(self.settings)
        if self._build is None or self._built_for != day:
            _import_early()
            self._build = SoonBuild(self.warehouse, self.settings, day)
            self._built_for = day
            self._seen = None
        return self._build

    def look(self) -> SoonRun | None:
        """Look once, and work on what is there; return what was done, None if there was nothing.

        Raises
        ------
        CopilotError
            What landed could not be worked on; it is tried again, at the earliest after
            `AGAIN_AFTER_SECONDS`.
        """
        build = self.prepare()
        counters = raw_counters(self.warehouse, self.settings)
        is_due = counters != self._seen or 0 < self._again_at <= time.monotonic()
        if not is_due or self._has_to_wait():
            return None
        noticed_at = utc_now()
        try:
            with run_lock(self.warehouse, SOON):
                self._seen = counters
                run = self._next_run(build, noticed_at)
                if run is not None:
                    self._work_on(build, run)
                return run
        except BusyError as error:
            self._wait_for(error.what)
            return None
        except (CopilotError, psycopg.Error):
            self._again_at = time.monotonic() + AGAIN_AFTER_SECONDS
            raise

    def _has_to_wait(self) -> bool:
        return self._wait_for(reason_to_wait(self.warehouse, day_in_progress(self.settings)))

    def _wait_for(self, reason: str | None) -> bool:
        if reason is not None and reason != self._waits:
            self.say(f"waiting: {reason}")
        self._waits = reason
        return reason is not None

    def _next_run(self, build: SoonBuild, noticed_at: dt.datetime) -> SoonRun | None:
        """Return whom to make anew: of what is new, and of attempts that came to no end."""
        now = time.monotonic()
        found = self._of_accounts(build.signals())
        fresh = [signal for signal in found if self._is_fresh(signal, now)]
        self._again_at = now + AGAIN_AFTER_SECONDS if len(fresh) < len(found) else 0.0
        accounts = {account for signal in fresh for account in signal.accounts}
        accounts |= pending_accounts(self.warehouse)
        if not accounts:
            return None
        about = tuple(signal for signal in found if accounts.intersection(signal.accounts))
        day = day_in_progress(self.settings)
        return SoonRun(day, tuple(sorted(accounts)), about, noticed_at)

    def _of_accounts(self, found: list[Signal]) -> list[Signal]:
        """Return what is of known accounts; say once what is not."""
        for signal in found:
            if signal.account_id is None and signal.signal_id not in self._tried:
                self._tried[signal.signal_id] = time.monotonic()
                self.say(f"{_words(signal)} is of no known account: it waits for the night")
        return [signal for signal in found if signal.account_id is not None]

    def _is_fresh(self, signal: Signal, now: float) -> bool:
        tried = self._tried.get(signal.signal_id)
        return tried is None or now - tried >= AGAIN_AFTER_SECONDS

    def _work_on(self, build: SoonBuild, run: SoonRun) -> None:
        for signal in run.signals:
            self._tried[signal.signal_id] = time.monotonic()
            self.say(f"{_words(signal)} of account {signal.account_id}")
        started = time.monotonic()
        run_soon(self.warehouse, self.settings, build, run, self.say)
        took = time.monotonic() - started
        self.say(
            f"{len(run.accounts)} account(s) made anew in {took:.1f} s, as of {run.as_of_date}"
        )

    def stay(self, over: Event) -> None:
        """Look every few seconds until it is over; what fails is said, and looked at again."""
        while not over.is_set():
            try:
                self.look()
            except (CopilotError, psycopg.Error) as error:
                self.say(f"error: {error}")
            over.wait(self.settings.soon.every_seconds)


def _words(signal: Signal) -> str:
    what = {"severe_ticket": "urgent ticket", "payment_failed": "overdue invoice"}[signal.rule]
    return f"{what} {signal.record_id} ({signal.source})"


def _import_early() -> None:
    """Import now what costs seconds and would cost them when something has landed."""
    import great_expectations  # noqa: F401, PLC0415
    import lifelines  # noqa: F401, PLC0415

    import ml.churn.score  # noqa: PLC0415
    import ml.common.model  # noqa: PLC0415
    import ml.opportunity.score  # noqa: PLC0415
    import ml.value.score  # noqa: F401, PLC0415
