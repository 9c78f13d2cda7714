"""What is remembered of each publish: intents before, outcomes after, and who did it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.destinations.salesforce.fields import OBJECT
from warehouse.database import Role, Warehouse

DESTINATION = "salesforce"
ACTOR = "copilot"


@dataclass(frozen=True)
class Outcome:
    """The one state that a row ends in: unchanged, applied, rejected, deferred or unknown."""

    record_id: str
    state: str
    message: str | None = None
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Intent:
    """A write that was about to be sent, and of which no outcome is known."""

    intent_id: str
    run_id: str
    record_id: str
    payload: dict[str, Any]


class Ledger:
    """The tables ``ops.publish_intent``, ``ops.sync_row`` and ``ops.audit_log``.

    Parameters
    ----------
    warehouse : Warehouse
        Where they are.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._warehouse.schema("ops"), name)

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return self._warehouse.connect(Role.PUBLISHER)

    def intend(self, run_id: str, payloads: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Write down what is about to be sent, and return the intents' ids."""
        ids = [str(uuid.uuid4()) for _ in payloads]
        statement = sql.SQL(
            "insert into {} (intent_id, run_id, destination, object, record_id, payload)"
            " values (%s, %s, %s, %s, %s, %s)"
        ).format(self._table("publish_intent"))
        values = [
            (intent_id, run_id, DESTINATION, OBJECT, record_id, Jsonb(dict(payload)))
            for intent_id, (record_id, payload) in zip(ids, payloads.items(), strict=True)
        ]
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.executemany(statement, values)
        return ids

    def open_intents(self) -> list[Intent]:
        """Return the intents of interrupted runs, oldest first."""
        statement = sql.SQL(
            "select intent_id, run_id, record_id, payload from {}"
            " where destination = %s and object = %s and settled_at is null"
            " order by created_at, intent_id"
        ).format(self._table("publish_intent"))
        with self._connect() as connection:
            rows = connection.execute(statement, (DESTINATION, OBJECT)).fetchall()
        return [Intent(str(row[0]), str(row[1]), str(row[2]), row[3]) for row in rows]

    def record(
        self,
        run_id: str,
        outcomes: Iterable[Outcome],
        *,
        settled: Sequence[str] = (),
        audit: tuple[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Write outcomes, settle their intents and log who did it, in one transaction.

        A run that is tried again under its own id finds unchanged what it applied before; its
        rows stay ``applied``.
        """
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.executemany(self._outcome_statement(), _outcome_values(run_id, outcomes))
            if settled:
                cursor.execute(
                    sql.SQL("update {} set settled_at = now() where intent_id = any(%s)").format(
                        self._table("publish_intent")
                    ),
                    (list(settled),),
                )
            if audit is not None:
                action, detail = audit
                cursor.execute(
                    sql.SQL(
                        "insert into {} (actor, action, object, object_id, detail)"
                        " values (%s, %s, %s, %s, %s)"
                    ).format(self._table("audit_log")),
                    (ACTOR, action, f"{DESTINATION}.{OBJECT}", run_id, Jsonb(dict(detail))),
                )

    def _outcome_statement(self) -> sql.Composed:
        return sql.SQL(
            "insert into {} (run_id, destination, object, record_id, state, message, fields)"
            " values (%s, %s, %s, %s, %s, %s, %s)"
            " on conflict (run_id, destination, object, record_id) do update"
            " set state = case when sync_row.state = 'applied' and excluded.state = 'unchanged'"
            " then 'applied' else excluded.state end, message = excluded.message,"
            " fields = coalesce(excluded.fields, sync_row.fields), at = now()"
        ).format(self._table("sync_row"))


def _outcome_values(run_id: str, outcomes: Iterable[Outcome]) -> list[tuple[Any, ...]]:
    return [
        (
            run_id,
            DESTINATION,
            OBJECT,
            outcome.record_id,
            outcome.state,
            outcome.message,
            None if outcome.fields is None else Jsonb(dict(outcome.fields)),
        )
        for outcome in outcomes
    ]
