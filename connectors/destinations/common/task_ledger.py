"""What is remembered of each task: the intent before a request, the answer after it."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from warehouse.database import Role, Warehouse

LIVE = ("making", "open", "closing")
ANSWERED = ("done", "dismissed")


@dataclass(frozen=True)
class KnownTask:
    """A row of ``ops.task``.

    Parameters
    ----------
    state : str
        ``making`` and ``closing``: a request was about to be sent. ``open``: made. ``done``: a
        person completed it. ``dismissed``: a person deleted it. ``closed``: its reason is gone.
        ``rejected``: the CRM refused it.
    made_on, ended_on : date
        Dates of the runs that made it, and that found it over.
    run_id : str
        The run that touched it last.
    """

    marker: str
    account_id: str
    record_id: str
    owner_id: str | None
    reason_key: str
    playbook: str
    subject: str
    due_on: dt.date
    made_on: dt.date
    state: str
    ended_on: dt.date | None = None
    task_id: str | None = None
    attempts: int = 0
    message: str | None = None
    run_id: str = ""

    @property
    def reason(self) -> tuple[str, str]:
        """What it is for: account and reason."""
        return self.account_id, self.reason_key

    def stands_for(self, since: dt.date) -> bool:
        """Say whether no other task is to be made for its reason, which holds since a day."""
        return self.state in LIVE or (self.state in ANSWERED and self.made_on >= since)


_COLUMNS = tuple(KnownTask.__dataclass_fields__)


class TaskLedger:
    """The table ``ops.task``, for one CRM.

    Parameters
    ----------
    warehouse : Warehouse
        Where it is.
    destination : str
        The CRM.
    """

    def __init__(self, warehouse: Warehouse, destination: str) -> None:
        self._warehouse = warehouse
        self._destination = destination

    def all(self) -> list[KnownTask]:
        """Return every task, those that are not over last."""
        statement = sql.SQL(
            "select {} from {} where destination = %s"
            " order by state = any(%s), made_on, created_at, marker"
        ).format(sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)), self._table())
        with (
            self._warehouse.connect(Role.PUBLISHER) as connection,
            connection.cursor(row_factory=class_row(KnownTask)) as cursor,
        ):
            return cursor.execute(statement, (self._destination, list(LIVE))).fetchall()

    def keep(self, run_id: str, tasks: Iterable[KnownTask]) -> None:
        """Write tasks as they now are, all or none."""
        names = ("destination", *_COLUMNS)
        statement = sql.SQL(
            "insert into {} ({}) values ({}) on conflict (destination, marker) do update set {},"
            " updated_at = now()"
        ).format(
            self._table(),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join([sql.Placeholder()] * len(names)),
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names[1:]
            ),
        )
        now = [dataclasses.replace(task, run_id=run_id) for task in tasks]
        rows = [(self._destination, *(getattr(task, name) for name in _COLUMNS)) for task in now]
        if rows:
            with (
                self._warehouse.connect(Role.PUBLISHER) as connection,
                connection.cursor() as cursor,
            ):
                cursor.executemany(statement, rows)

    def _table(self) -> sql.Identifier:
        return sql.Identifier(self._warehouse.schema("ops"), "task")
