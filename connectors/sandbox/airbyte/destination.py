"""Writes rows as Airbyte's Postgres destination 3 does, with the login it was given.

The schema is created if it is absent (which asks for CREATE on the database even where it exists),
a table is made in the internal schema, the old one is dropped, and the new one is moved into its
place. So what a login may not do, and which grants a table loses on the way, shows here too.
"""

import json
import uuid
from typing import Any

import psycopg
from psycopg import sql

from connectors.sandbox.airbyte.store import Document

_META = (
    ("_airbyte_raw_id", "varchar not null"),
    ("_airbyte_extracted_at", "timestamptz not null"),
    ("_airbyte_meta", "jsonb not null"),
    ("_airbyte_generation_id", "bigint not null"),
)
_TYPES = {"string": "varchar", "integer": "bigint", "number": "numeric", "boolean": "boolean"}


def write_streams(
    destination: Document, connection: Document, kind: Document, generation: int
) -> tuple[int, str]:
    """Replace the tables of a connection; return the rows written and what went wrong."""
    given = destination["configuration"]
    namespace = connection["namespaceFormat"] or given["schema"]
    internal = given.get("raw_data_schema") or "airbyte_internal"
    written = 0
    try:
        with _connect(given) as session:
            for name in (given["schema"], namespace, internal):
                session.execute(
                    sql.SQL("create schema if not exists {}").format(sql.Identifier(name))
                )
            for choice in connection["configurations"]["streams"]:
                stream = next(s for s in kind["streams"] if s["name"] == choice["name"])
                rows = kind["records"].get(choice["name"], [])
                table = connection["prefix"] + choice["name"]
                cascade = bool(given.get("drop_cascade"))
                _replace(session, (internal, namespace, table), stream, rows, generation, cascade)
                written += len(rows)
    except psycopg.Error as error:
        return written, f"Could not write into the destination: {str(error).strip()}"
    return written, ""


def _connect(given: Document) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=given["host"],
        port=given["port"],
        dbname=given["database"],
        user=given["username"],
        password=given.get("password") or "",
        connect_timeout=5,
    )


def _replace(
    session: psycopg.Connection[Any],
    names: tuple[str, str, str],
    stream: Document,
    rows: list[Document],
    generation: int,
    cascade: bool,
) -> None:
    internal, namespace, table = names
    properties = stream.get("json_schema", {}).get("properties", {})
    made = sql.Identifier(internal, table)
    columns = [sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in _META]
    columns += [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_column_type(schema)))
        for name, schema in properties.items()
    ]
    session.execute(sql.SQL("drop table if exists {} cascade").format(made))
    session.execute(sql.SQL("create table {} ({})").format(made, sql.SQL(", ").join(columns)))
    with session.cursor() as cursor:
        for row in rows:
            values = [str(uuid.uuid4()), "now", "{}", generation]
            values += [_value(row.get(name)) for name in properties]
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
            cursor.execute(sql.SQL("insert into {} values ({})").format(made, marks), values)
    ending = sql.SQL(" cascade") if cascade else sql.SQL("")
    target = sql.Identifier(namespace, table)
    session.execute(sql.SQL("drop table if exists {}").format(target) + ending)
    session.execute(sql.SQL("alter table {} set schema {}").format(made, sql.Identifier(namespace)))


def _column_type(schema: Document) -> str:
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    kind = next((name for name in kinds if name != "null"), "object")
    if kind == "string" and schema.get("format") == "date-time":
        return "timestamptz"
    if kind == "string" and schema.get("format") == "date":
        return "date"
    return _TYPES.get(kind, "jsonb")


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
