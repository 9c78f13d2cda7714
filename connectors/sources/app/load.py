"""Loads a folder of own tables into ``raw_app``: all of it, or nothing."""

import hashlib
import io
import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

from connectors.runner.load import raw_ids
from connectors.runner.state import RejectedRow, RunLog, StateStore, StoredState, save_rejected
from connectors.runner.tables import (
    AIRBYTE_COLUMNS,
    Column,
    Connection,
    ensure_schema,
    ensure_table,
    shortened,
)
from connectors.sources.app.contract import TABLES, OwnTable
from connectors.sources.app.files import ReadFile, find_files, fingerprint, read_file
from connectors.sources.app.validate import Checked, check
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

SOURCE = "app"
Progress = Callable[[str, int], None]
_COPY_ROWS = 50_000


@dataclass(frozen=True)
class TableCount:
    """Rows of one file: read, loaded, rejected, and dropped as mere repetitions."""

    read: int = 0
    loaded: int = 0
    rejected: int = 0
    collapsed: int = 0


@dataclass(frozen=True)
class LoadResult:
    """What a load did; ``is_changed`` is false if the files were loaded before as they are."""

    is_changed: bool
    tables: Mapping[str, TableCount] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """How many rows went to ``ops.rejected_row``."""
        return sum(count.rejected for count in self.tables.values())


@dataclass
class _Part:
    table: OwnTable
    columns: list[Column]
    rows: pa.Table
    rejected: list[RejectedRow]
    count: TableCount


def ensure_app_tables(warehouse: Warehouse) -> None:
    """Create the tables of the contract, empty, where they are absent."""
    schema = ensure_schema(warehouse, SOURCE)
    with warehouse.connect(Role.LOADER) as connection:
        for table in TABLES:
            ensure_table(connection, schema, table.name, _contract_columns(table), SOURCE)


def count_rows(connection: Connection, warehouse: Warehouse, name: str) -> int:
    """Return how many rows an own table holds."""
    identifier = sql.Identifier(warehouse.schema(f"raw_{SOURCE}"), name)
    row = connection.execute(sql.SQL("select count(*) from {}").format(identifier)).fetchone()
    return int(row[0]) if row else 0


def load_directory(
    path: Path, warehouse: Warehouse, *, progress: Progress | None = None
) -> LoadResult:
    """Replace ``raw_app`` with the files of a folder, in one transaction.

    Rows that break the contract go to ``ops.rejected_row``; what an earlier load rejected and
    this one does not is removed from there. Files that were loaded before as they are change
    nothing.

    Parameters
    ----------
    path : Path
        Holds ``account.csv`` (or ``.parquet``), ``subscription.csv`` and the optional ones.
    progress : callable, optional
        Called with a table's name and its rows when it is loaded.

    Raises
    ------
    CopilotError
        A file is missing or unreadable, or no row of a required one keeps the contract; the
        message names file, line and column. Nothing is changed then.
    """
    files = find_files(path)
    marks = {table.name: _mark(files.get(table.name)) for table in TABLES}
    ensure_app_tables(warehouse)
    store = StateStore(warehouse)
    with warehouse.connect(Role.LOADER) as connection:
        known = store.load(connection, SOURCE)
        if _is_loaded(connection, warehouse, known, marks):
            counts = {name: _counted(known[name]) for name in marks}
            _record_run(connection, warehouse, counts)  # they are as fresh as if they had changed
            return LoadResult(False, counts)
        connection.commit()
        parts = _read_all(files)
        try:
            with connection.transaction():
                _replace(connection, warehouse, parts, known, marks, progress)
        except psycopg.Error as error:
            raise CopilotError(
                f"Loading {path} failed in the database: {str(error).strip()}",
                "Nothing was changed; load again once the cause is mended.",
            ) from error
    return LoadResult(True, {part.table.name: part.count for part in parts})


def _mark(path: Path | None) -> str:
    return "absent" if path is None else fingerprint(path)


def _is_loaded(
    connection: Connection,
    warehouse: Warehouse,
    known: Mapping[str, StoredState],
    marks: Mapping[str, str],
) -> bool:
    for name, mark in marks.items():
        state = known[name].state if name in known else None
        if not isinstance(state, dict) or state.get("sha256") != mark:
            return False
        if count_rows(connection, warehouse, name) != state["loaded"]:
            return False
    return True


def _counted(stored: StoredState) -> TableCount:
    return TableCount(**{k: int(v) for k, v in stored.state.items() if k != "sha256"})


def _read_all(files: Mapping[str, Path]) -> list[_Part]:
    parts: list[_Part] = []
    accounts: pa.Array | None = None
    for table in TABLES:
        if table.name not in files:
            parts.append(_Part(table, [], pa.table({}), [], TableCount()))
            continue
        read = read_file(files[table.name], table)
        references = accounts if table.refers_to_account else None
        checked = check(read.cells, table, references, read.rows)
        part = _part(table, read, checked)
        if table.is_required and not part.count.loaded:
            raise _nothing_left(part, files[table.name])
        if not table.refers_to_account:
            accounts = part.rows.column("account_id").combine_chunks()
        parts.append(part)
    return parts


def _nothing_left(part: _Part, path: Path) -> CopilotError:
    if not part.count.read:
        return CopilotError(f"{path} has no rows.", "Line 1 names the columns, rows follow.")
    return CopilotError(
        f"No row of {path} keeps the contract; the first: {part.rejected[0].reason}.",
        "Correct the file; README.md describes the columns.",
    )


def _part(table: OwnTable, read: ReadFile, checked: Checked) -> _Part:
    rejected = _rejected(table, read, checked)
    rejected += [
        RejectedRow(table.name, None, f"row {line.row}: {line.reason}",
                    orjson.dumps({"line": line.text}).decode())
        for line in read.broken
    ]  # fmt: skip
    rows = checked.cells.filter(pa.array(checked.is_good))
    kinds = {rule.name: rule.kind.value for rule in table.columns}
    columns = [
        Column(shortened(name), kinds.get(name, "varchar"), name)
        for name in checked.cells.column_names
    ]
    count = TableCount(
        read=checked.cells.num_rows + len(read.broken),
        loaded=rows.num_rows,
        rejected=len(rejected),
        collapsed=checked.collapsed,
    )
    return _Part(table, columns, rows, rejected, count)


def _rejected(table: OwnTable, read: ReadFile, checked: Checked) -> list[RejectedRow]:
    positions = list(checked.reasons)
    rows = checked.cells.take(pa.array(positions, pa.int64())).to_pylist()
    rejected: list[RejectedRow] = []
    for position, row in zip(positions, rows, strict=True):
        cells = {name: text.replace("\0", "") for name, text in row.items() if text is not None}
        reason = f"row {read.rows[position]}: {checked.reasons[position]}"
        content = orjson.dumps(cells).decode()
        rejected.append(RejectedRow(table.name, row[table.key], reason, content))
    return rejected


def _replace(
    connection: Connection,
    warehouse: Warehouse,
    parts: Sequence[_Part],
    known: Mapping[str, StoredState],
    marks: Mapping[str, str],
    progress: Progress | None,
) -> None:
    schema = warehouse.schema(f"raw_{SOURCE}")
    for part in parts:
        name = part.table.name
        generation = known[name].generation_id + 1 if name in known else 1
        columns = part.columns or list(_contract_columns(part.table))
        ensure_table(connection, schema, name, columns, SOURCE)
        identifier = sql.Identifier(schema, name)
        connection.execute(sql.SQL("truncate {}").format(identifier))
        if part.count.loaded:
            _copy(connection, identifier, part, generation)
            connection.execute(sql.SQL("analyze {}").format(identifier))
        state = {
            "sha256": marks[name],
            "read": part.count.read,
            "loaded": part.count.loaded,
            "rejected": part.count.rejected,
            "collapsed": part.count.collapsed,
        }
        StateStore(warehouse).save(connection, SOURCE, name, state, generation)
        if progress:
            progress(name, part.count.loaded)
    _replace_rejected(connection, warehouse, [row for part in parts for row in part.rejected])
    _record_run(connection, warehouse, {part.table.name: part.count for part in parts})


def _record_run(
    connection: Connection, warehouse: Warehouse, tables: Mapping[str, TableCount]
) -> None:
    run = RunLog(warehouse, uuid.uuid4().hex, SOURCE)
    counts = {name: count.loaded for name, count in tables.items()}
    run.start(connection, counts)
    run.finish(connection, counts, "succeeded", None)


def _replace_rejected(
    connection: Connection, warehouse: Warehouse, rejected: Sequence[RejectedRow]
) -> None:
    """Keep what is still rejected as it is, add what is new, remove what was mended."""
    hashes = [hashlib.sha256(row.row.encode()).hexdigest() for row in rejected]
    connection.execute(
        sql.SQL(
            "delete from {} as r where source = %s and not exists (select 1 from"
            " unnest(%s::text[], %s::text[], %s::text[]) as k (stream, row_hash, reason)"
            " where k.stream = r.stream and k.row_hash = r.row_hash and k.reason = r.reason)"
        ).format(sql.Identifier(warehouse.schema("ops"), "rejected_row")),
        (SOURCE, [row.stream for row in rejected], hashes, [row.reason for row in rejected]),
    )
    save_rejected(connection, warehouse, SOURCE, rejected)


def _copy(connection: Connection, identifier: sql.Identifier, part: _Part, generation: int) -> None:
    names = [c.name for c in (*AIRBYTE_COLUMNS, *part.columns)]
    statement = sql.SQL("copy {} ({}) from stdin with (format csv)").format(
        identifier, sql.SQL(", ").join(map(sql.Identifier, names))
    )
    row = connection.execute("select now()::text").fetchone()
    loaded_at = str(row[0]) if row else ""
    options = pa_csv.WriteOptions(include_header=False)
    with connection.cursor().copy(statement) as copy:
        for start in range(0, part.rows.num_rows, _COPY_ROWS):
            block = part.rows.slice(start, _COPY_ROWS)
            leading = _leading(block.num_rows, loaded_at, generation)
            arrays = [*leading, *block.columns]
            buffer = io.BytesIO()
            pa_csv.write_csv(pa.table(arrays, names=names), buffer, options)
            copy.write(buffer.getvalue())


def _leading(rows: int, loaded_at: str, generation: int) -> list[pa.Array]:
    ids = list(itertools.islice(raw_ids(), rows))
    meta = orjson.dumps({"sync_id": generation, "changes": []}).decode()
    constants = [pa.repeat(pa.scalar(text), rows) for text in (loaded_at, meta)]
    return [pa.array(ids, pa.string()), *constants, pa.repeat(pa.scalar(generation), rows)]


def _contract_columns(table: OwnTable) -> tuple[Column, ...]:
    return tuple(Column(rule.name, rule.kind.value, rule.name) for rule in table.columns)
