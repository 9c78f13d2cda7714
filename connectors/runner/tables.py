"""The tables of ``raw_<source>``: laid out as Airbyte's destination-postgres (direct load) does."""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from connectors.runner.protocol import CatalogStream
from connectors.runner.types import postgres_type
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.grants import ensure_roles_and_schemas

logger = logging.getLogger(__name__)

_TYPE_NAMES = {
    "character varying": "varchar",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
}
_LONGEST_NAME = 63  # bytes; Postgres cuts longer ones silently

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Column:
    """A column and the record's field that fills it."""

    name: str
    type: str
    field: str
    is_required: bool = False


AIRBYTE_COLUMNS = (
    Column("_airbyte_raw_id", "varchar", "", is_required=True),
    Column("_airbyte_extracted_at", "timestamptz", "", is_required=True),
    Column("_airbyte_meta", "jsonb", "", is_required=True),
    Column("_airbyte_generation_id", "bigint", "", is_required=True),
)


def shortened(name: str) -> str:
    """Return the name, or one of 63 bytes made from it and a hash."""
    encoded = name.encode()
    if len(encoded) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:8]
    return encoded[: _LONGEST_NAME - 9].decode("utf-8", "ignore") + "_" + digest


def data_columns(json_schema: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the columns of a stream's own fields, in the schema's order."""
    own = {column.name for column in AIRBYTE_COLUMNS}
    properties = json_schema.get("properties") or {}
    return tuple(
        Column(shortened(field), postgres_type(schema), field)
        for field, schema in properties.items()
        if field not in own
    )


def ensure_schema(warehouse: Warehouse, source: str) -> str:
    """Create ``raw_<source>`` with its owner and readers if it is absent; return its name."""
    schema = warehouse.schema(f"raw_{source}")
    with warehouse.connect() as connection:
        found = connection.execute("select to_regnamespace(quote_ident(%s))", (schema,)).fetchone()
    if found is None or found[0] is None:
        ensure_roles_and_schemas(warehouse, [source])
    return schema


def ensure_stream_tables(
    warehouse: Warehouse, source: str, streams: Iterable[CatalogStream]
) -> None:
    """Create the table of each stream, empty if need be, and add columns that are new.

    Raises
    ------
    CopilotError
        A column's type in the catalog is no longer the table's.
    """
    schema = ensure_schema(warehouse, source)
    with warehouse.connect(Role.LOADER) as connection:
        for stream in streams:
            ensure_table(connection, schema, stream.name, data_columns(stream.json_schema), source)


def create_table(
    connection: Connection, schema: str, table: str, columns: Sequence[Column]
) -> None:
    """Create the table if there is none yet."""
    connection.execute(
        sql.SQL("create table if not exists {} ({})").format(
            sql.Identifier(schema, shortened(table)),
            sql.SQL(", ").join(map(definition, (*AIRBYTE_COLUMNS, *columns))),
        )
    )


def ensure_table(
    connection: Connection,
    schema: str,
    table: str,
    columns: Sequence[Column],
    source: str,
    *,
    may_change_types: bool = False,
) -> None:
    """Create the table or add its new columns; a column that the stream no longer has stays.

    Parameters
    ----------
    may_change_types : bool
        Replace columns whose type has changed (their values, and views on them, are lost):
        only right before all rows are replaced.

    Raises
    ------
    CopilotError
        A column's type has changed.
    """
    name = shortened(table)
    create_table(connection, schema, table, columns)
    present = existing_columns(connection, schema, name)
    for column in columns:
        there = present.get(column.name)
        if there == column.type:
            continue
        if there is not None and not may_change_types:
            raise CopilotError(
                f"The column {column.name} of {schema}.{name} is {there}, and the source {source} "
                f"now delivers {column.type}.",
                "Read the source anew with `copilot run --full-refresh`; it replaces the column.",
            )
        identifier = sql.Identifier(schema, name)
        if there is not None:
            logger.warning(
                "%s: the column %s of %s.%s was %s and becomes %s; views on it come back with the"
                " next build",
                *(source, column.name, schema, name, there, column.type),
            )
            connection.execute(
                sql.SQL("alter table {} drop column {} cascade").format(
                    identifier, sql.Identifier(column.name)
                )
            )
        connection.execute(
            sql.SQL("alter table {} add column {}").format(identifier, definition(column))
        )


def existing_columns(connection: Connection, schema: str, table: str) -> dict[str, str]:
    """Return the table's columns and their types; empty if there is no such table."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
        " and attnum > 0 and not attisdropped order by attnum",
        (schema, table),
    ).fetchall()
    return {str(name): _TYPE_NAMES.get(str(kind), str(kind)) for name, kind in rows}


def ensure_key_index(
    connection: Connection, schema: str, table: str, key: Sequence[str], source: str
) -> None:
    """Give the table exactly one index over its key, or none if ``key`` is empty.

    The index is unique, nulls counting as equal, because rows are merged by it.

    Raises
    ------
    CopilotError
        The rows that are there repeat a key.
    """
    name = shortened(table)
    digest = hashlib.sha256("\0".join([table, *key]).encode()).hexdigest()[:8]
    wanted = f"copilot_key_{digest}"
    rows = connection.execute(
        "select indexname from pg_indexes where schemaname = %s and tablename = %s"
        " and indexname like 'copilot\\_key\\_%%'",
        (schema, name),
    ).fetchall()
    there = {str(row[0]) for row in rows}
    for index in there - ({wanted} if key else set()):
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(schema, index)))
    if not key or wanted in there:
        return
    try:
        connection.execute(
            sql.SQL("create unique index {} on {} ({}) nulls not distinct").format(
                sql.Identifier(wanted),
                sql.Identifier(schema, name),
                sql.SQL(", ").join(sql.Identifier(shortened(column)) for column in key),
            )
        )
    except psycopg.errors.UniqueViolation as error:
        raise CopilotError(
            f"{schema}.{name} holds several rows with one key ({', '.join(key)}), "
            f"so the rows of {source} cannot be merged into it.",
            "Read the source anew with `copilot run --full-refresh`; it replaces all rows.",
        ) from error


def definition(column: Column) -> sql.Composed:
    """Return ``"name" type [not null]``."""
    return sql.SQL("{} {}{}").format(
        sql.Identifier(column.name),
        sql.SQL(column.type),  # one of the types of `types.py`
        sql.SQL(" not null" if column.is_required else ""),
    )
