"""From JSON schema to Postgres types, and from JSON values to the text that COPY reads.

What does not fit its column becomes null with an entry for ``_airbyte_meta.changes``; the reasons
are the Airbyte protocol's own.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import orjson

from connectors.runner.protocol import NotANumber

NULL = "\x01"  # the marker of a null in COPY's text format; escaped wherever text holds it
_SPECIAL = re.compile("[\x00\x01\\\\\t\n\r\ud800-\udfff]")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x01": "\\x01", "\x00": ""}
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+-]\d\d(:?\d\d)?)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+-]\d\d(:?\d\d)?)?")
_FROM_ISO = dt.datetime.fromisoformat
_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,6})?")
_BIGINT = range(-(2**63), 2**63)
_NUMERIC_DIGITS = 131_072
_NUMERIC_SCALE = 16_383


class Reason(StrEnum):
    """Why a value was changed."""

    TYPECAST = "DESTINATION_TYPECAST_ERROR"
    SIZE = "DESTINATION_FIELD_SIZE_LIMITATION"
    SERIALIZATION = "DESTINATION_SERIALIZATION_ERROR"


@dataclass(frozen=True)
class Nulled:
    """The value does not fit at all."""

    reason: Reason


@dataclass(frozen=True)
class Shortened:
    """The value fits without the characters that Postgres cannot hold."""

    text: str
    reason: Reason = Reason.SERIALIZATION


Converter = Callable[[Any], "str | Nulled | Shortened"]

_NO_CAST = Nulled(Reason.TYPECAST)
_NO_ROOM = Nulled(Reason.SIZE)


def postgres_type(schema: Any) -> str:
    """Return the column type for a JSON schema, as destination-postgres lays it out.

    Parameters
    ----------
    schema : dict
        The schema of one property.

    Returns
    -------
    str
        A Postgres type; ``jsonb`` for unions and whatever is unknown.
    """
    if not isinstance(schema, Mapping):
        return "jsonb"
    for word in ("oneOf", "anyOf"):
        if word in schema:
            options = {postgres_type(option) for option in schema[word] if not _is_null(option)}
            return options.pop() if len(options) == 1 else "jsonb"
    kinds = schema.get("type")
    names = {kinds} if isinstance(kinds, str) else set(kinds or ())
    names.discard("null")
    if len(names) != 1:
        return "jsonb"
    name = names.pop()
    if name == "string":
        return _string_type(schema)
    if name == "number" and schema.get("airbyte_type") in {"integer", "big_integer"}:
        return "bigint"
    return {"integer": "bigint", "number": "numeric", "boolean": "boolean"}.get(name, "jsonb")


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") in ("null", ["null"])


def _string_type(schema: Mapping[str, Any]) -> str:
    kind, form = schema.get("airbyte_type"), schema.get("format")
    if form == "date-time":
        return "timestamp" if kind == "timestamp_without_timezone" else "timestamptz"
    if form == "time":
        return "timetz" if kind == "time_with_timezone" else "time"
    if form == "date":
        return "date"
    if kind in {"integer", "big_integer"}:
        return "bigint"
    return "numeric" if kind in {"number", "big_number"} else "varchar"


def converter(column_type: str) -> Converter:
    """Return the function that turns a JSON value (not null) into COPY text of a type."""
    return _CONVERTERS[column_type]


def copy_text(value: str) -> str:
    """Escape a text that holds neither NUL nor lone surrogates for COPY's text format."""
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value


def clean_text(value: str) -> str:
    """Return the text without what Postgres cannot hold (NUL, halves of surrogate pairs)."""
    return _SURROGATE.sub("\ufffd", value.replace("\x00", ""))


def _varchar(value: Any) -> str | Nulled | Shortened:
    text = value if isinstance(value, str) else _plain(value)
    if text is None:
        return _NO_CAST
    if _SPECIAL.search(text) is None:
        return text
    cleaned = clean_text(text)
    escaped = cleaned.translate(_ESCAPES)
    return escaped if cleaned == text else Shortened(escaped)


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, NotANumber):
        return None
    return dump_json(value)[0]


def _bigint(value: Any) -> str | Nulled:
    if type(value) is str:
        if not _INTEGER.fullmatch(value):
            return _NO_CAST
        value = Decimal(value)
    if type(value) is int:
        return str(value) if value in _BIGINT else _NO_ROOM
    if not isinstance(value, float | Decimal):
        return _NO_CAST
    exact = Decimal(value)
    if not exact.is_finite() or exact.adjusted() > 20:
        return _NO_ROOM
    whole = int(exact)
    if whole != exact:
        return _NO_CAST
    return str(whole) if whole in _BIGINT else _NO_ROOM


def _numeric(value: Any) -> str | Nulled | Shortened:
    kind = type(value)
    if kind is float or kind is int:
        return repr(value)
    if kind is str:
        if not _NUMBER.fullmatch(value):
            return _NO_CAST
        try:
            value = Decimal(value)
        except InvalidOperation:
            return _NO_ROOM
        kind = Decimal
    if kind is not Decimal:
        return _NO_CAST
    return str(value) if _has_room(value) else _NO_ROOM


def _has_room(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):  # NaN or infinite
        return False
    return -exponent <= _NUMERIC_SCALE and (not number or number.adjusted() < _NUMERIC_DIGITS)


def _boolean(value: Any) -> str | Nulled:
    if value is True:
        return "t"
    return "f" if value is False else _NO_CAST


def _date(value: Any) -> str | Nulled:
    if type(value) is not str:
        return _NO_CAST
    if not _DATE.fullmatch(value):
        return _moment(value) if _MOMENT.fullmatch(value) else _unreadable(value)
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return _NO_CAST
    return value


def _moment(value: Any) -> str | Nulled:
    if type(value) is not str:
        return _NO_CAST
    if not _MOMENT.fullmatch(value):
        return _date(value) if _DATE.fullmatch(value) else _unreadable(value)
    try:
        _FROM_ISO(value)
    except ValueError:
        return _NO_CAST
    return value


def _time(value: Any) -> str | Nulled:
    if type(value) is not str or not _TIME.fullmatch(value):
        return _NO_CAST
    try:
        dt.time.fromisoformat(value)
    except ValueError:
        return _NO_CAST
    return value


def _zoned_time(value: Any) -> str | Nulled:
    text = _time(value)
    if isinstance(text, str) and dt.time.fromisoformat(text).tzinfo is None:
        return f"{text}Z"
    return text


def _unreadable(value: str) -> Nulled:
    """Tell a date of a year that no calendar here has from what is no date at all."""
    return _NO_ROOM if re.match(r"[+-]?\d{5,}-\d\d-\d\d", value) else _NO_CAST


def _jsonb(value: Any) -> str | Shortened:
    text, lossless = dump_json(value)
    escaped = copy_text(text)
    return escaped if lossless else Shortened(escaped)


def dump_json(value: Any) -> tuple[str, bool]:
    """Serialise to JSON that Postgres accepts.

    Returns
    -------
    tuple of str and bool
        The text, and whether nothing had to be left out (NUL characters, NaN).
    """
    try:
        dumped = orjson.dumps(value)
    except TypeError:
        pass
    else:
        if b"\\u0000" not in dumped:
            return dumped.decode(), True
    losses: list[str] = []
    return _exact_json(value, losses), not losses


def _exact_json(value: Any, losses: list[str]) -> str:
    if isinstance(value, dict):
        items = (
            f"{_exact_json(str(k), losses)}:{_exact_json(v, losses)}" for k, v in value.items()
        )
        return "{" + ",".join(items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_exact_json(item, losses) for item in value) + "]"
    if isinstance(value, str):
        cleaned = clean_text(value)
        if cleaned != value:
            losses.append("text")
        return orjson.dumps(cleaned).decode()
    if isinstance(value, NotANumber | Decimal):
        if isinstance(value, Decimal) and _has_room(value):
            return str(value)
        losses.append("number")
        return "null"
    return orjson.dumps(value).decode()


_CONVERTERS: dict[str, Converter] = {
    "varchar": _varchar,
    "bigint": _bigint,
    "numeric": _numeric,
    "boolean": _boolean,
    "date": _date,
    "timestamptz": _moment,
    "timestamp": _moment,
    "time": _time,
    "timetz": _zoned_time,
    "jsonb": _jsonb,
}
