"""Writing scores: all rows of one date in one transaction, and nothing where nothing changed."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from ml.common.frames import Reader

CHUNK = 5_000
_ASKED = sql.SQL("(%s::text[] is null or kept.account_id = any(%s::text[]))")


@dataclass(frozen=True)
class ScoreTable:
    """A table of scores: its key besides date and version, and its values, with their types."""

    name: str
    key: Mapping[str, str]
    values: Mapping[str, str]


CHURN = ScoreTable(
    "churn_score",
    {"account_id": "text"},
    {
        "churn_probability": "double precision",
        "probability_low": "double precision",
        "probability_high": "double precision",
        "risk_tier": "text",
        "reasons": "jsonb",
        "features": "jsonb",
        "basis": "text",
        "is_published": "boolean",
    },
)
OPPORTUNITY = ScoreTable(
    "opportunity_score",
    {"account_id": "text", "kind": "text", "product": "text"},
    {
        "propensity": "double precision",
        "expected_arr": "numeric(16,2)",
        "evidence": "text",
        "stands_out": "boolean",
        "reasons": "jsonb",
        "features": "jsonb",
        "basis": "text",
        "is_published": "boolean",
    },
)


@dataclass(frozen=True)
class Written:
    """How many rows a write changed; a repetition changes none."""

    changed: int
    deleted: int


def feature_vector(row: Mapping[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the features of a row as JSON: exact numbers, null for what is not known."""
    found: dict[str, Any] = {}
    for name in names:
        value = row[name]
        if isinstance(value, str) or value is None:
            found[name] = value
        else:
            found[name] = float(value) if math.isfinite(value) else None
    return found


def write_scores(
    reader: Reader,
    table: ScoreTable,
    as_of: dt.date,
    rows: Sequence[Mapping[str, Any]],
    versions: Sequence[str],
    accounts: Sequence[str] | None = None,
) -> Written:
    """Write the scores of one date in the connection's transaction.

    Parameters
    ----------
    rows
        Each holds the table's key, ``model_version`` and all values.
    versions
        What was scored: rows of these versions and this date that are not among the given ones
        are deleted. Published rows of other versions lose the flag.
    accounts
        Rows of other accounts stay as they are; all are written if not given.
    """
    asked = None if accounts is None else list(accounts)
    changed = _withdraw(reader, table, as_of, rows, asked)
    for start in range(0, len(rows), CHUNK):
        changed += _upsert(reader, table, as_of, rows[start : start + CHUNK])
    return Written(changed, _delete_others(reader, table, as_of, rows, versions, asked))


def _keys(table: ScoreTable) -> list[str]:
    return [*table.key, "model_version"]


def _given(table: ScoreTable, rows: Sequence[Mapping[str, Any]]) -> tuple[sql.Composed, list[Any]]:
    """Return the keys of rows as a table expression named ``given``."""
    names = _keys(table)
    kinds = [sql.SQL(table.key.get(name, "text")) for name in names]
    arrays = sql.SQL(", ").join(sql.SQL("%s::{}[]").format(kind) for kind in kinds)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    expression = sql.SQL("unnest({}) as given ({})").format(arrays, columns)
    return expression, [[row[name] for row in rows] for name in names]


def _same_key(table: ScoreTable) -> sql.Composed:
    pairs = [sql.SQL("given.{0} = kept.{0}").format(sql.Identifier(name)) for name in _keys(table)]
    return sql.SQL(" and ").join(pairs)


def _withdraw(
    reader: Reader,
    table: ScoreTable,
    as_of: dt.date,
    rows: Sequence[Mapping[str, Any]],
    accounts: Sequence[str] | None,
) -> int:
    expression, arrays = _given(table, [row for row in rows if row["is_published"]])
    statement = sql.SQL(
        "update {table} as kept set is_published = false, scored_at = now()"
        " where as_of_date = %s and is_published and {asked}"
        " and not exists (select 1 from {given} where {same})"
    ).format(
        table=reader.table("ml", table.name),
        asked=_ASKED,
        given=expression,
        same=_same_key(table),
    )
    values = [as_of, accounts, accounts, *arrays]
    return reader.connection.execute(statement, values).rowcount


def _upsert(
    reader: Reader, table: ScoreTable, as_of: dt.date, rows: Sequence[Mapping[str, Any]]
) -> int:
    types = {**table.key, "model_version": "text", **table.values}
    columns = sql.SQL(", ").join(map(sql.Identifier, types))
    typed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in types.items()
    )
    values = [sql.Identifier(name) for name in table.values]
    statement = sql.SQL(
        "insert into {table} as kept (as_of_date, {columns})"
        " select %s, {columns} from jsonb_to_recordset(%s::jsonb) as given ({typed})"
        " on conflict (as_of_date, {key}) do update set ({values}, scored_at) = ({new}, now())"
        " where ({old}) is distinct from ({new})"
    ).format(
        table=reader.table("ml", table.name),
        columns=columns,
        typed=typed,
        key=sql.SQL(", ").join(map(sql.Identifier, _keys(table))),
        values=sql.SQL(", ").join(values),
        new=sql.SQL(", ").join(sql.SQL("excluded.{}").format(v) for v in values),
        old=sql.SQL(", ").join(sql.SQL("kept.{}").format(v) for v in values),
    )
    content = json.dumps([{name: row[name] for name in types} for row in rows], allow_nan=False)
    return reader.connection.execute(statement, (as_of, content)).rowcount


def _delete_others(
    reader: Reader,
    table: ScoreTable,
    as_of: dt.date,
    rows: Sequence[Mapping[str, Any]],
    versions: Sequence[str],
    accounts: Sequence[str] | None,
) -> int:
    expression, arrays = _given(table, rows)
    statement = sql.SQL(
        "delete from {table} as kept where as_of_date = %s and {asked} and model_version = any(%s)"
        " and not exists (select 1 from {given} where {same})"
    ).format(
        table=reader.table("ml", table.name),
        asked=_ASKED,
        given=expression,
        same=_same_key(table),
    )
    values = [as_of, accounts, accounts, list(versions), *arrays]
    return reader.connection.execute(statement, values).rowcount
