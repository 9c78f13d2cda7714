"""The data of the reports: each source query of `reports/sources`, written as Parquet."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql
from psycopg.types.numeric import FloatLoader

from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

SOURCE = "warehouse"
ROWS_A_BATCH = 20_000
NOON = pa.scalar(dt.timedelta(hours=12), pa.duration("ms"))

_NUMBERS = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric"})
_TEXTS = frozenset({"text", "varchar", "bpchar", "uuid", "name"})
_TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("ms", tz="UTC"),
    "timestamp": pa.timestamp("ms"),
    **dict.fromkeys(_NUMBERS, pa.float64()),
    **dict.fromkeys(_TEXTS, pa.string()),
}


@dataclass(frozen=True)
class ExportedTable:
    """One table of the reports.

    Parameters
    ----------
    name : str
        As pages call it after ``warehouse.``.
    path : Path
        The Parquet file, below the folder that `export_tables` was given.
    rows : int
        Number of rows.
    digest : str
        Hash of the file: its address, so that a browser may keep it for ever.
    """

    name: str
    path: Path
    rows: int
    digest: str


def export_tables(warehouse: Warehouse, queries: Path, target: Path) -> list[ExportedTable]:
    """Run every ``*.sql`` of ``queries`` as the analyst and write the rows below ``target``.

    All queries see one state of the database. An empty result gives an empty, typed table.

    Parameters
    ----------
    warehouse : Warehouse
        Its analyst role reads; names in the queries are looked up in the marts.
    queries : Path
        Folder of the source queries, one a table.
    target : Path
        Receives ``warehouse/<table>/<hash>/<table>.parquet`` and ``manifest.json``.

    Raises
    ------
    CopilotError
        A query fails, or gives a column that a report cannot show.
    """
    found = sorted(queries.glob("*.sql"))
    if not found:
        raise CopilotError(f"{queries} holds no source query.", "Is the checkout complete?")
    with warehouse.connect(Role.ANALYST) as connection:
        connection.rollback()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.adapters.register_loader("numeric", FloatLoader)
        connection.execute(
            sql.SQL("set local search_path to {}").format(sql.Identifier(warehouse.schema("marts")))
        )
        tables = [_export(connection, query, target) for query in found]
    _write_manifest(tables, target)
    return tables


def _export(
    connection: psycopg.Connection[tuple[Any, ...]], query: Path, target: Path
) -> ExportedTable:
    draft = target / f"{query.stem}.parquet"
    draft.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    try:
        with connection.cursor() as cursor:
            cursor.execute(query.read_bytes())
            kinds = _kinds(cursor, query)
            schema = pa.schema([(name, _stored(kind)) for name, kind in kinds])
            with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
                while batch := cursor.fetchmany(ROWS_A_BATCH):
                    rows += len(batch)
                    writer.write_table(_table(batch, kinds, schema))
    except psycopg.Error as error:
        raise CopilotError(
            f"The source query reports/sources/warehouse/{query.name} fails: {_first_line(error)}",
            "Are the reporting models built (`copilot build`), and does the query fit them?",
        ) from error
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()[:16]
    path = target / SOURCE / query.stem / digest / draft.name
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(path)
    return ExportedTable(query.stem, path, rows, digest)


def _kinds(cursor: psycopg.Cursor[tuple[Any, ...]], query: Path) -> list[tuple[str, str]]:
    kinds = []
    for column in cursor.description or []:
        found = cursor.connection.adapters.types.get(column.type_code)
        kind = found.name if found else str(column.type_code)
        if kind not in _TYPES:
            raise CopilotError(
                f"reports/sources/warehouse/{query.name}: column {column.name} is of type {kind}, "
                "which a report cannot show.",
                "Cast it in the rpt_ model.",
            )
        kinds.append((column.name, kind))
    return kinds


def _stored(kind: str) -> pa.DataType:
    return pa.timestamp("ms") if kind in ("date", "timestamptz") else _TYPES[kind]


def _table(
    batch: Sequence[tuple[Any, ...]], kinds: list[tuple[str, str]], schema: pa.Schema
) -> pa.Table:
    columns = []
    for position, (_, kind) in enumerate(kinds):
        values = pa.array([row[position] for row in batch], type=_TYPES[kind])
        if kind == "date":
            # Noon UTC is the same calendar day for every reader between UTC-12 and UTC+11.
            values = pc.add(values.cast(pa.timestamp("ms")), NOON)
        elif kind == "timestamptz":
            values = values.cast(pa.timestamp("ms"))
        columns.append(values)
    return pa.Table.from_arrays(columns, schema=schema)


def _write_manifest(tables: Sequence[ExportedTable], target: Path) -> None:
    files = [f"static/data/{table.path.relative_to(target).as_posix()}" for table in tables]
    manifest = {"renderedFiles": {SOURCE: files}}
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
