"""What is remembered of each publish: intents before, outcomes after, and who did it."""

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.destinations.common.fields import Value
from warehouse.database import Role, Warehouse

ACTOR = "copilot"
State = Literal["unchanged", "applied", "rejected", "deferred", "unknown"]


@dataclass(frozen=True)
class Outcome:
    """The one state that a row ends in.

    Parameters
    ----------
    record_id, state, message
        Of the row; the message is for a person.
    fields : mapping, optional
        What was to change, as `PlannedRow.shown` gives it.
    written : mapping
        Values that the CRM is now known to have from the copilot, by column.
    refused : Refusal, optional
        What was refused, and how often by now.
    """

    record_id: str
    state: State
    message: str | None = None
    fields: Mapping[str, Any] | None = None
    written: Mapping[str, Value] = field(default_factory=dict)
    refused: "Refusal | None" = None


@dataclass(frozen=True)
class Refusal:
    """What the CRM refused.

    Parameters
    ----------
    values : dict
        The refused values by column; empty if it was the record as such.
    is_named : bool
        The CRM named these columns; otherwise they are all that were sent.
    attempts : int
        How often it was refused.
    """

    values: dict[str, Value]
    is_named: bool = False
    attempts: int = 1


@dataclass(frozen=True)
class Intent:
    """A write that was about to be sent, and of which no outcome is known.

    ``changes`` holds (value before, value sent) by column.
    """

    intent_id: str
    run_id: str
    record_id: str
    changes: dict[str, tuple[Value, Value]]
    logged_at: dt.datetime


@dataclass(frozen=True)
class Remembered:
    """What is known of one record from earlier runs.

    Parameters
    ----------
    written : dict
        By column, the value that the copilot wrote last and that was read back.
    refused : Refusal or None
        What the CRM refused last, if nothing was written since.
    message : str
        In which words.
    """

    written: dict[str, Value] = field(default_factory=dict)
    refused: Refusal | None = None
    message: str = ""


class Ledger:
    """``ops.publish_intent``, ``ops.publish_record``, ``ops.sync_row`` and ``ops.audit_log``.

    Parameters
    ----------
    warehouse : Warehouse
        Where they are.
    destination, object_name : str
        The CRM and its kind of record.
    """

    def __init__(self, warehouse: Warehouse, destination: str, object_name: str) -> None:
        self._warehouse = warehouse
        self.destination = destination
        self.object_name = object_name
        self._of = (destination, object_name)

    def table(self, name: str) -> sql.Identifier:
        """Return the name of a table of ``ops``."""
        return sql.Identifier(self._warehouse.schema("ops"), name)

    @contextlib.contextmanager
    def connect(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Yield a connection that may write the ledger, as one transaction."""
        pooled = self._warehouse.engine(Role.PUBLISHER).raw_connection()
        connection = cast("psycopg.Connection[tuple[Any, ...]]", pooled.driver_connection)
        try:
            with connection.transaction():
                yield connection
        finally:
            pooled.close()

    def intend(self, run_id: str, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """Write down what is about to be sent; return the intents' ids by record."""
        ids = {record_id: str(uuid.uuid4()) for record_id in changes}
        statement = sql.SQL(
            "copy {} (intent_id, run_id, destination, object, record_id, payload) from stdin"
        ).format(self.table("publish_intent"))
        with (
            self.connect() as connection,
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for record_id, intent_id in ids.items():
                payload = as_json(dict(changes[record_id]))
                copy.write_row((intent_id, run_id, *self._of, record_id, payload))
        return ids

    def open_intents(self) -> list[Intent]:
        """Return the intents of interrupted runs, oldest first."""
        statement = sql.SQL(
            "select intent_id, run_id, record_id, payload, created_at from {}"
            " where destination = %s and object = %s and settled_at is null"
            " order by created_at, intent_id"
        ).format(self.table("publish_intent"))
        with self.connect() as connection:
            rows = connection.execute(statement, self._of).fetchall()
        return [
            Intent(intent_id, run_id, record_id, {k: tuple(v) for k, v in sent.items()}, logged_at)
            for intent_id, run_id, record_id, sent, logged_at in rows
        ]

    def remembered(self) -> dict[str, Remembered]:
        """Return what is known of each record, by its id."""
        statement = sql.SQL(
            "select record_id, written, refused, attempts, message from {}"
            " where destination = %s and object = %s"
        ).format(self.table("publish_record"))
        with self.connect() as connection:
            rows = connection.execute(statement, self._of).fetchall()
        return {
            str(row[0]): Remembered(
                row[1], Refusal(**row[2], attempts=row[3]) if row[3] else None, row[4] or ""
            )
            for row in rows
        }

    def forget_values(self, columns: Sequence[str]) -> None:
        """Forget what was written into fields that are about to be made anew."""
        statement = sql.SQL(
            "update {} set written = written - %s::text[] where destination = %s and object = %s"
        ).format(self.table("publish_record"))
        with self.connect() as connection:
            connection.execute(statement, (list(columns), *self._of))

    def try_again(self, record_ids: Sequence[str] | None = None) -> int:
        """Forget the refusals of some records, or of all; return how many had any."""
        statement = sql.SQL(
            "update {} set attempts = 0, refused = null where destination = %s and object = %s"
            " and attempts > 0 and (%s::text[] is null or record_id = any(%s))"
        ).format(self.table("publish_record"))
        wanted = None if record_ids is None else list(record_ids)
        with self.connect() as connection:
            return connection.execute(statement, (*self._of, wanted, wanted)).rowcount

    def record(
        self,
        run_id: str,
        outcomes: Sequence[Outcome],
        *,
        settled: Sequence[str] = (),
        audit: tuple[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Write outcomes, settle their intents and log who did it, in one transaction.

        A run that is tried again under its own id finds unchanged what it applied before; its
        rows stay ``applied``.
        """
        with self.connect() as connection, connection.cursor() as cursor:
            self._put(cursor, self._outcome_statement(), run_id, _outcome_values(outcomes))
            self._put(cursor, self._record_statement(), run_id, _record_values(outcomes))
            if settled:
                cursor.execute(
                    sql.SQL("update {} set settled_at = now() where intent_id = any(%s)").format(
                        self.table("publish_intent")
                    ),
                    (list(settled),),
                )
            if audit is not None:
                action, detail = audit
                cursor.execute(
                    sql.SQL(
                        "insert into {} (actor, action, object, object_id, detail)"
                        " values (%s, %s, %s, %s, %s)"
                    ).format(self.table("audit_log")),
                    (ACTOR, action, ".".join(self._of), run_id, as_json(dict(detail))),
                )

    def _put(
        self,
        cursor: psycopg.Cursor[Any],
        statement: sql.Composed,
        run_id: str,
        rows: Sequence[Mapping[str, Any]],
    ) -> None:
        """Carry out one statement for all rows, which go as one JSON text."""
        if rows:
            of = dict(zip(("destination", "object"), self._of, strict=True))
            cursor.execute(statement, {"run_id": run_id, **of, "rows": as_json(list(rows))})

    def _outcome_statement(self) -> sql.Composed:
        return sql.SQL(
            "insert into {} (run_id, destination, object, record_id, state, message, fields)"
            " select %(run_id)s, %(destination)s, %(object)s, row.*"
            " from jsonb_to_recordset(%(rows)s)"
            " as row (record_id text, state text, message text, fields jsonb)"
            " on conflict (run_id, destination, object, record_id) do update"
            " set state = case when sync_row.state = 'applied' and excluded.state = 'unchanged'"
            " then 'applied' else excluded.state end, message = excluded.message,"
            " fields = coalesce(excluded.fields, sync_row.fields), at = now()"
        ).format(self.table("sync_row"))

    def _record_statement(self) -> sql.Composed:
        return sql.SQL(
            "insert into {} as known (destination, object, record_id, written, refused, attempts,"
            " message) select %(destination)s, %(object)s, row.*"
            " from jsonb_to_recordset(%(rows)s) as row (record_id text, written jsonb,"
            " refused jsonb, attempts integer, message text)"
            " on conflict (destination, object, record_id) do update set"
            " written = known.written || excluded.written, refused = excluded.refused,"
            " attempts = excluded.attempts, message = excluded.message, changed_at = now()"
        ).format(self.table("publish_record"))


def as_json(content: Any) -> Jsonb:
    """Return content as Postgres takes it: there is much of it, hence the fast encoder."""
    return Jsonb(content, dumps=orjson.dumps)


def _outcome_values(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    return [
        {
            "record_id": outcome.record_id,
            "state": outcome.state,
            "message": outcome.message,
            "fields": None if outcome.fields is None else dict(outcome.fields),
        }
        for outcome in outcomes
    ]


def _record_values(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    values = []
    for outcome in outcomes:
        refused = outcome.refused
        if not (outcome.written or refused or outcome.state == "applied"):
            continue
        values.append(
            {
                "record_id": outcome.record_id,
                "written": dict(outcome.written),
                "refused": refused and {"values": refused.values, "is_named": refused.is_named},
                "attempts": refused.attempts if refused else 0,
                "message": outcome.message if refused else None,
            }
        )
    return values
