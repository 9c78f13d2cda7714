"""The loader's ledgers: ``ops.sync_state``, ``ops.sync_run``, ``ops.rejected_row``."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb, set_json_loads

from connectors.runner.protocol import parse_line
from connectors.runner.tables import Connection
from connectors.runner.types import clean_text, dump_json
from warehouse.database import Warehouse

SHARED = "*"  # the row that holds a GLOBAL or LEGACY state, which belongs to all streams


@dataclass(frozen=True)
class StoredState:
    """The state that a stream's rows have reached, and the generation they belong to."""

    state: Any
    generation_id: int
    age_days: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class RejectedRow:
    """A row that was not loaded, and why."""

    stream: str
    record_key: str | None
    reason: str
    row: str  # JSON


class StateStore:
    """Reads and writes ``ops.sync_state``.

    Writing happens on the caller's connection, in the transaction of the rows it acknowledges.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._table = sql.Identifier(warehouse.schema("ops"), "sync_state")

    def load(self, connection: Connection, source: str) -> dict[str, StoredState]:
        """Return the states of a source by stream."""
        with connection.cursor() as cursor:
            set_json_loads(_loads, cursor)
            cursor.execute(
                sql.SQL(
                    "select stream, state, generation_id,"
                    " extract(epoch from now() - updated_at) / 86400 from {} where source = %s"
                ).format(self._table),
                (source,),
            )
            return {
                str(row[0]): StoredState(row[1], int(row[2]), float(row[3]))
                for row in cursor.fetchall()
            }

    def save(
        self, connection: Connection, source: str, stream: str, state: Any, generation_id: int
    ) -> None:
        """Write the state of one stream; the caller commits."""
        connection.execute(
            sql.SQL(
                "insert into {} (source, stream, state, generation_id, updated_at)"
                " values (%s, %s, %s, %s, now()) on conflict (source, stream) do update"
                " set state = excluded.state, generation_id = excluded.generation_id,"
                " updated_at = excluded.updated_at"
            ).format(self._table),
            (source, stream, None if state is None else Jsonb(state, _dumps), generation_id),
        )


class RunLog:
    """Writes one sync into ``ops.sync_run``: a row a stream; the caller commits."""

    def __init__(self, warehouse: Warehouse, run_id: str, source: str) -> None:
        self._table = sql.Identifier(warehouse.schema("ops"), "sync_run")
        self._run_id = run_id
        self._source = source

    def start(self, connection: Connection, streams: Iterable[str]) -> None:
        """Write that the streams are being read; syncs that were killed are marked so."""
        connection.execute(
            sql.SQL(
                "update {} set status = 'failed', finished_at = now(),"
                " message = 'The process was ended from outside.'"
                " where source = %s and status = 'running'"
            ).format(self._table),
            (self._source,),
        )
        now = dt.datetime.now(dt.UTC)
        with connection.cursor() as cursor:
            cursor.executemany(
                sql.SQL(
                    "insert into {} (run_id, source, stream, started_at, status)"
                    " values (%s, %s, %s, %s, 'running')"
                    " on conflict (run_id, source, stream) do update set"  # the run tries again
                    " started_at = excluded.started_at, status = 'running', message = null"
                ).format(self._table),
                [(self._run_id, self._source, stream, now) for stream in streams],
            )

    def finish(
        self, connection: Connection, counts: dict[str, int], status: str, message: str | None
    ) -> None:
        """Write how it ended, and how many rows of each stream were kept."""
        text = None if message is None else clean_text(message)
        with connection.cursor() as cursor:
            cursor.executemany(
                sql.SQL(
                    "update {} set records = %s, finished_at = now(), status = %s, message = %s"
                    " where run_id = %s and source = %s and stream = %s"
                ).format(self._table),
                [
                    (count, status, text, self._run_id, self._source, stream)
                    for stream, count in counts.items()
                ],
            )


def save_rejected(
    connection: Connection, warehouse: Warehouse, source: str, rows: Iterable[RejectedRow]
) -> None:
    """Write rows into ``ops.rejected_row``, once each; the caller commits."""
    values = [
        (
            source,
            row.stream,
            row.record_key and clean_text(row.record_key),
            clean_text(row.reason),
            row.row,
            hashlib.sha256(row.row.encode()).hexdigest(),
        )
        for row in rows
    ]
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            sql.SQL(
                "insert into {} (source, stream, record_key, reason, row, row_hash)"
                " values (%s, %s, %s, %s, %s::jsonb, %s)"
                " on conflict (source, stream, row_hash, reason) do nothing"
            ).format(sql.Identifier(warehouse.schema("ops"), "rejected_row")),
            values,
        )


def _loads(text: str | bytes) -> Any:
    return parse_line(text.encode() if isinstance(text, str) else text)


def _dumps(value: Any) -> str:
    return dump_json(value)[0]
