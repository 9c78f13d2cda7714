"""One stream's way into its table: typed lines, a staging table, a merge."""

import datetime as dt
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import psycopg
from psycopg import sql

from connectors.runner.protocol import ResolvedStream, SyncMode
from connectors.runner.state import RejectedRow
from connectors.runner.tables import (
    AIRBYTE_COLUMNS,
    Column,
    Connection,
    data_columns,
    definition,
    shortened,
)
from connectors.runner.types import NULL, Nulled, Reason, Shortened, converter, copy_text, dump_json
from connectors.runner.writer import Writer

_BUFFER = 8 << 20  # characters of COPY text held in memory for one stream
_MENDS = 1000  # values that Postgres itself may refuse in one batch before the sync fails
_FAULT = re.compile(r"line (\d+), column (.+?)(?::|$)")
_META = 3  # its place in a staged line: seq, raw id, extracted at, meta, generation, fields
_FIELDS = 5


class StreamLoader:
    """Collects a stream's records and merges those that are acknowledged into its table.

    Parameters
    ----------
    connection : psycopg.Connection
        The sync's connection; this class executes on it and never commits.
    writer : Writer
        What executes on the connection while records are added.
    schema : str
        The schema of the table.
    stream : ResolvedStream
        The stream and its mode.
    generation_id, sync_id : int
        Written with each row.
    number : int
        Makes the staging table's name unique in the session.
    is_atomic : bool
        The rows are merged once, at the end of the sync.
    replaces : bool
        They take the place of all rows that are there.
    """

    def __init__(
        self,
        connection: Connection,
        writer: Writer,
        schema: str,
        stream: ResolvedStream,
        *,
        generation_id: int,
        sync_id: int,
        number: int,
        is_atomic: bool,
        replaces: bool,
    ) -> None:
        self.stream = stream
        self.generation_id = generation_id
        self.is_atomic = is_atomic
        self.read = 0
        self.kept = 0
        self.rejected = 0
        self._rejected_rows: deque[RejectedRow] = deque()  # two threads fill it
        self.replaces = replaces
        self._connection = connection
        self._writer = writer
        self._table = sql.Identifier(schema, shortened(stream.name))
        self._stage_name = f"copilot_stage_{number}"
        self._stage = sql.Identifier("pg_temp", self._stage_name)
        self._columns = data_columns(stream.catalog.json_schema)
        self._converters = [
            (c.field, c.type == "varchar", converter(c.type)) for c in self._columns
        ]
        self._rest = stream.catalog.rest_column
        self._named = frozenset(column.field for column in self._columns)
        self._key = [shortened(field) for field in stream.primary_key]
        self._is_dedup = stream.mode is SyncMode.INCREMENTAL_APPEND_DEDUP
        self._type_of_key = {
            c.field: c.type
            for c in self._columns
            if self._is_dedup and c.field in stream.primary_key
        }
        self._generation = str(generation_id)
        self._sync_id = sync_id
        self._clean_meta = copy_text(orjson.dumps(self._meta([])).decode())
        self._ids = raw_ids()
        self._emitted_at: Any = None
        self._extracted_at = ""
        self._lines: list[str] = []
        self._size = 0
        self._seq = 0
        self._boundary = 0
        self._handed_over = 0
        self._create_stage()

    @property
    def waiting(self) -> int:
        """How many acknowledged rows wait for the next merge."""
        return self._boundary - self._handed_over

    @property
    def unacknowledged(self) -> int:
        """How many rows came after the last state."""
        return self._seq - self._boundary

    def add(self, record: Mapping[str, Any], default_emitted_at: int) -> None:
        """Take one record of the protocol."""
        self.read += 1
        data = record.get("data")
        if not isinstance(data, dict):
            self._reject(None, "The record is no JSON object.", data)
            return
        if self._is_dedup and all(data.get(name) is None for name in self.stream.primary_key):
            key = ", ".join(self.stream.primary_key)
            self._reject(None, f"Its primary key ({key}) is empty.", data)
            return
        if self._rest:
            others = {name: value for name, value in data.items() if name not in self._named}
            data = {**data, self._rest: others}
        changes: list[dict[str, Any]] = []
        values = self._values(data, changes)
        for change in changes:
            if change["change"] == "NULLED" and change["field"] in self._type_of_key:
                self._reject(None, self._unfit_key(change["field"]), data)
                return
        meta = self._clean_meta
        given = record.get("meta")
        if given and given.get("changes"):
            changes = [*given["changes"], *changes]
        if changes:
            meta = copy_text(dump_json(self._meta(changes))[0])
        emitted_at = record.get("emitted_at", default_emitted_at)
        if emitted_at != self._emitted_at:
            self._extracted_at = _moment(emitted_at, default_emitted_at)
            self._emitted_at = emitted_at
        self._seq += 1
        head = f"{self._seq}\t{next(self._ids)}\t{self._extracted_at}\t{meta}\t{self._generation}"
        line = "\t".join((head, *values))
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _BUFFER:
            self._flush()

    def acknowledge(self) -> None:
        """Take note that the source's state covers all records so far."""
        self._boundary = self._seq

    def merge(self) -> None:
        """Have the acknowledged rows brought into the table, after what the writer has to do."""
        if self.waiting == 0:
            return
        self._flush()
        self._writer.submit(self._merge, self._boundary, self.waiting, self.unacknowledged == 0)
        self._handed_over = self._boundary

    def _merge(self, boundary: int, rows: int, is_all: bool) -> None:
        self._connection.execute(self._merge_statement(), (boundary,))
        if is_all:
            self._connection.execute(sql.SQL("truncate {}").format(self._stage))
        else:
            self._connection.execute(
                sql.SQL("delete from {} where seq <= %s").format(self._stage), (boundary,)
            )
        self.kept += rows

    def take_rejected(self) -> list[RejectedRow]:
        """Return the rejected rows that were not asked for yet."""
        rows = [self._rejected_rows.popleft() for _ in range(len(self._rejected_rows))]
        self.rejected += len(rows)
        return rows

    def empty_table(self) -> None:
        """Remove the rows of older generations, right before the merge that replaces them."""
        self._connection.execute(sql.SQL("truncate {}").format(self._table))

    def analyze(self) -> None:
        """Let the planner know the table's new size."""
        if self.kept:
            self._connection.execute(sql.SQL("analyze {}").format(self._table))

    def _values(self, data: Mapping[str, Any], changes: list[dict[str, Any]]) -> list[str]:
        values: list[str] = []
        value_of, keep = data.get, values.append
        for field, is_varchar, convert in self._converters:
            value = value_of(field)
            if value is None:
                keep(NULL)
                continue
            # Most values are plain texts: nothing in them is to be escaped.
            if is_varchar and type(value) is str and value.isprintable() and "\\" not in value:
                keep(value)
                continue
            text = convert(value)
            if type(text) is str:
                keep(text)
            elif isinstance(text, Nulled):
                keep(NULL)
                changes.append(_change(field, "NULLED", text.reason))
            elif isinstance(text, Shortened):
                keep(text.text)
                changes.append(_change(field, "TRUNCATED", text.reason))
        return values

    def _meta(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {"sync_id": self._sync_id, "changes": list(changes)}

    def _unfit_key(self, field: str) -> str:
        """Return why a row is not kept: as null, different keys would become one row."""
        kind = self._type_of_key[field]
        return f"Its primary key ({field}) does not fit the column's type, {kind}."

    def _reject(self, key: str | None, reason: str, data: Any) -> None:
        self._rejected_rows.append(RejectedRow(self.stream.name, key, reason, dump_json(data)[0]))

    def _create_stage(self) -> None:
        columns = [definition(column) for column in (*AIRBYTE_COLUMNS, *self._columns)]
        self._connection.execute(
            sql.SQL("create temp table {} (seq bigint not null, {})").format(
                sql.Identifier(self._stage_name),
                sql.SQL(", ").join(columns),
            )
        )

    def _flush(self) -> None:
        if self._lines:
            self._writer.submit(self._stage_lines, self._lines)
            self._lines, self._size = [], 0

    def _stage_lines(self, lines: list[str]) -> None:
        for _ in range(_MENDS):
            try:
                return self._copy(lines)
            except psycopg.DataError as error:
                self._mend(lines, error)
        raise psycopg.DataError(
            f"more than {_MENDS} values of {self.stream.name} do not fit their columns"
        )

    def _copy(self, lines: Sequence[str]) -> None:
        statement = sql.SQL("copy {} from stdin with (format text, null E'\\x01')")
        with (
            self._connection.transaction(),
            self._connection.cursor() as cursor,
            cursor.copy(statement.format(self._stage)) as copy,
        ):
            for start in range(0, len(lines), 5000):
                copy.write("\n".join(lines[start : start + 5000]) + "\n")

    def _mend(self, lines: list[str], error: psycopg.DataError) -> None:
        """Null the one value that Postgres names as not fitting its column; a key's row goes."""
        found = _FAULT.search(error.diag.context or "")
        names = ["seq", *(c.name for c in (*AIRBYTE_COLUMNS, *self._columns))]
        if found is None or found[2] not in names[_FIELDS:]:
            raise error
        row, position = int(found[1]) - 1, names.index(found[2])
        values = lines[row].split("\t")
        field = self._columns[position - _FIELDS].field
        if field in self._type_of_key:
            fields = (column.field for column in self._columns)
            filled = {f: v for f, v in zip(fields, values[_FIELDS:], strict=True) if v != NULL}
            self._reject(None, self._unfit_key(field), filled)
            self.kept -= 1  # it is counted with the rows that are merged
            del lines[row]
            return
        values[position] = NULL
        meta = orjson.loads(values[_META].replace("\\\\", "\\"))
        meta["changes"].append(_change(field, "NULLED", Reason.TYPECAST))
        values[_META] = copy_text(dump_json(meta)[0])
        lines[row] = "\t".join(values)

    def _merge_statement(self) -> sql.Composed:
        names = [c.name for c in (*AIRBYTE_COLUMNS, *self._columns)]
        parts = {
            "table": self._table,
            "stage": self._stage,
            "columns": sql.SQL(", ").join(map(sql.Identifier, names)),
        }
        if not self._is_dedup:
            return sql.SQL(
                "insert into {table} ({columns})"
                " select {columns} from {stage} where seq <= %s order by seq"
            ).format(**parts)
        cursor = self._cursor_column()
        rank: list[sql.Composable] = [sql.SQL("_airbyte_extracted_at desc, seq desc")]
        if cursor:
            rank.insert(0, sql.SQL("{} desc nulls last").format(_comparable(cursor)))
        return sql.SQL(
            "insert into {table} as t ({columns})"
            " select distinct on ({key}) {columns} from {stage} where seq <= %s"
            " order by {key}, {rank}"
            " on conflict ({key}) do update set {assignments} where {is_newer}"
        ).format(
            **parts,
            key=sql.SQL(", ").join(map(sql.Identifier, self._key)),
            rank=sql.SQL(", ").join(rank),
            assignments=sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names
            ),
            is_newer=_is_newer(cursor),
        )

    def _cursor_column(self) -> Column | None:
        path = self.stream.cursor_field
        if len(path) != 1:
            return None
        return next((c for c in self._columns if c.field == path[0]), None)


def _is_newer(cursor: Column | None) -> sql.Composable:
    """Return the condition under which a row replaces the one there (alias ``t``)."""
    later = sql.SQL("t._airbyte_extracted_at <= excluded._airbyte_extracted_at")
    if cursor is None:
        return later
    return sql.SQL(
        "({old} < {new} or ({old} is null and {new} is not null)"
        " or ({old} is not distinct from {new} and {later}))"
    ).format(old=_comparable(cursor, "t"), new=_comparable(cursor, "excluded"), later=later)


def _comparable(column: Column, alias: str | None = None) -> sql.Composed:
    """Return the column such that texts compare byte by byte, whatever the server's locale."""
    name = sql.Identifier(alias, column.name) if alias else sql.Identifier(column.name)
    collation = sql.SQL(' collate "C"' if column.type == "varchar" else "")
    return sql.SQL("{}{}").format(name, collation)


def _change(field: str, change: str, reason: Reason) -> dict[str, Any]:
    return {"field": field, "change": change, "reason": reason.value}


def _moment(milliseconds: Any, default: int) -> str:
    try:
        return _iso(int(milliseconds))
    except (TypeError, ValueError, OverflowError):
        return _iso(default)


def _iso(milliseconds: int) -> str:
    start = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return (start + dt.timedelta(milliseconds=milliseconds)).isoformat()


def raw_ids() -> Iterator[str]:
    """Yield random UUIDs (version 4) without a call into the system for each."""
    while True:
        pool = os.urandom(16 * 1024).hex()
        for start in range(0, len(pool), 32):
            h = pool[start : start + 32]
            yield f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"
