"""Rows that happened after a date, for any raw table: an existing row's twin with new ids.

Every instant in the row (columns, and numbers and texts inside JSON) lies after the date; keys are
new, so that the row is an addition; web and mail domains and names are new, because an added domain
or company name may rightly change an identity link, which is another rule.
"""

import datetime as dt
import random
import re
from typing import Any

_UNIX = range(1_400_000_000, 2_100_000_000)
_ISO = re.compile(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$")
_KEYS = {"id", "insert_id", "$insert_id", "_airbyte_raw_id", "number"}
_DOMAINS = {"website", "domain", "domain_names", "email", "requester_email", "details"}


def row_after(
    chance: random.Random,
    table: str,
    template: dict[str, Any],
    types: dict[str, str],
    day: dt.date,
    key: str,
) -> dict[str, Any]:
    """Draw a row like ``template`` in which everything happened after ``day``.

    Ids of other records stay, so that the row belongs to the same account.
    """
    own_key = "distinct_id" if table == "engage" else f"{table}_id"
    row = {}
    for column, value in template.items():
        name = "id" if column == own_key else column
        row[column] = _value(chance, name, value, types[column], day, key)
    return row


def _value(
    chance: random.Random, column: str, value: Any, kind: str, day: dt.date, key: str
) -> Any:
    name = column.lower()
    if column.startswith("_airbyte_") and column != "_airbyte_raw_id":
        return value
    if name in _DOMAINS:
        return _fresh_domain(value, key)
    if name == "name" and isinstance(value, str):
        return f"{value} {key}"
    if kind in ("timestamp with time zone", "timestamp without time zone", "date"):
        return None if value is None else _moment(chance, day, kind)
    if isinstance(value, dict | list):
        return _inside(chance, value, day, key)
    if name in _KEYS:
        return key if kind in ("character varying", "text") else abs(hash(key)) % 10**12
    if kind == "bigint" and isinstance(value, int) and value in _UNIX:
        return _unix(chance, day)
    if name.endswith("_id"):
        return value
    if kind in ("bigint", "numeric") and value is not None:
        return chance.randint(0, 5_000)
    if kind == "boolean" and value is not None:
        return chance.random() < 0.5
    if isinstance(value, str) and _ISO.match(value):
        return _moment(chance, day, "timestamp with time zone").isoformat()
    return value


def _inside(chance: random.Random, value: Any, day: dt.date, key: str) -> Any:
    if isinstance(value, dict):
        return {
            name: f"{key}{name}"
            if name == "id" and isinstance(inner, str) and not inner.startswith(("price", "prod"))
            else _inside(chance, inner, day, key)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_inside(chance, inner, day, f"{key}{place}") for place, inner in enumerate(value)]
    if isinstance(value, int) and not isinstance(value, bool) and value in _UNIX:
        return _unix(chance, day)
    if isinstance(value, str) and _ISO.match(value):
        return _moment(chance, day, "timestamp with time zone").isoformat()
    return value


def _moment(chance: random.Random, day: dt.date, kind: str) -> dt.date | dt.datetime:
    days = chance.choice([1, chance.randint(1, 7), chance.randint(1, 200)])
    time = chance.choice([dt.time(0), dt.time(chance.randint(0, 23), 59)])
    moment = dt.datetime.combine(day, time) + dt.timedelta(days)
    if kind == "date":
        return moment.date()
    return moment if kind.endswith("without time zone") else moment.replace(tzinfo=dt.UTC)


def _unix(chance: random.Random, day: dt.date) -> int:
    moment = _moment(chance, day, "timestamp with time zone")
    assert isinstance(moment, dt.datetime)
    return int(moment.timestamp())


def _fresh_domain(value: Any, key: str) -> Any:
    domain = f"{key.lower()}.example"
    if isinstance(value, list):
        return [domain] if value else value
    if isinstance(value, str):
        return f"someone@{domain}" if "@" in value else domain
    return value
