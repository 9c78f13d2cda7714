"""Field types: what a value may be, how it is stored, and the vendor's words when it is wrong."""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from connectors.sandbox.salesforce.errors import ApiError, RowError, RowRefusedError
from connectors.sandbox.salesforce.ids import full_id, is_id

TEXT_TYPES = frozenset({"string", "textarea", "picklist", "email", "phone", "url", "combobox"})
NUMBER_TYPES = frozenset({"double", "currency", "percent", "int"})
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True)
class Field:
    """One field of an object.

    Parameters
    ----------
    name, label, type : str
        API name, label, and type as in a describe answer (``string``, ``double`` ...).
    length : int
        Most characters, of text.
    precision, scale : int
        Digits in all and after the point, of numbers.
    nillable, createable, updateable : bool
        As in a describe answer.
    values : tuple of str
        The values of a picklist.
    is_restricted : bool
        Whether a picklist refuses other values.
    reference_to : str
        Object that a reference points at; empty if any.
    is_custom, is_long : bool
        Made by a customer; long text, which no query may filter or sort by.
    is_unique, is_external_id : bool
        No two records have the same value; records can be addressed by it.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    values: tuple[str, ...] = field(default=())
    is_restricted: bool = False
    reference_to: str = ""
    is_custom: bool = False
    is_long: bool = False
    is_unique: bool = False
    is_external_id: bool = False

    @property
    def is_filterable(self) -> bool:
        """Whether WHERE and ORDER BY may use it."""
        return not self.is_long and self.type not in {"address", "anyType"}

    @property
    def column_type(self) -> str:
        """SQLite's column type."""
        if self.type in {"boolean", "int"}:
            return "INTEGER"
        return "REAL" if self.type in NUMBER_TYPES else "TEXT"


_Check = Callable[[Field, Any], Any]


def format_datetime(moment: dt.datetime) -> str:
    """Return a time as Salesforce keeps it: in UTC, whole seconds, milliseconds always zero."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_datetime(text: str) -> dt.datetime:
    """Read an ISO 8601 time; without an offset it is UTC.

    Raises
    ------
    ValueError
        It is no such time.
    """
    if not _DATETIME.fullmatch(text):
        raise ValueError(text)
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _unreadable(kind: str, value: object) -> ApiError:
    token, shown = "VALUE_STRING", str(value)
    if isinstance(value, bool):
        token, shown = f"VALUE_{str(value).upper()}", str(value).lower()
    elif isinstance(value, int | float):
        token = "VALUE_NUMBER_INT" if isinstance(value, int) else "VALUE_NUMBER_FLOAT"
    elif isinstance(value, dict | list):
        token, shown = ("START_OBJECT", "{") if isinstance(value, dict) else ("START_ARRAY", "[")
    return ApiError(
        400,
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {token} value {shown} or request may be"
        " missing a required field at [line:1, column:1]",
    )


def to_stored(spec: Field, value: Any) -> Any:
    """Check a value against its field and return what is stored.

    Raises
    ------
    ApiError
        The JSON value is of a wrong kind; Salesforce then refuses the whole request.
    RowRefusedError
        The value breaks a rule of the field; Salesforce then refuses the record.
    """
    if value is None or (value == "" and spec.type in TEXT_TYPES | {"reference"}):
        return False if spec.type == "boolean" else None
    otherwise: _Check = _to_number if spec.type in NUMBER_TYPES else _to_text
    return _CHECKS.get(spec.type, otherwise)(spec, value)


def _to_boolean(_spec: Field, value: Any) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise _unreadable("boolean", value)
    return value


def _to_number(spec: Field, value: Any) -> float | int:
    kind = "int" if spec.type == "int" else "double"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable(kind, value)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise _unreadable(kind, value) from error
    if not number.is_finite() or (spec.type == "int" and number != number.to_integral_value()):
        raise _unreadable(kind, value)
    whole_digits = (spec.precision or 18) - spec.scale
    if abs(number) >= Decimal(10) ** whole_digits:
        raise RowRefusedError(
            RowError(
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"{spec.label}: value outside of valid range on numeric field: {value}",
                (spec.name,),
            )
        )
    if spec.type == "int":
        return int(number)
    return float(number.quantize(Decimal(1).scaleb(-spec.scale), ROUND_HALF_UP))


def _to_date(_spec: Field, value: Any) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise _unreadable("date", value) from error


def _to_datetime(_spec: Field, value: Any) -> str:
    try:
        return format_datetime(parse_datetime(value))
    except (TypeError, ValueError) as error:
        raise _unreadable("datetime", value) from error


def _to_id(spec: Field, value: Any) -> str:
    if not is_id(value):
        raise RowRefusedError(
            RowError(
                "MALFORMED_ID", f"{spec.label}: id value of incorrect type: {value}", (spec.name,)
            )
        )
    return full_id(value)


def _to_text(spec: Field, value: Any) -> str:
    if isinstance(value, dict | list):
        raise _unreadable("string", value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if spec.type == "picklist" and spec.is_restricted and text not in spec.values:
        raise RowRefusedError(
            RowError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{spec.label}: bad value for restricted picklist field: {text}",
                (spec.name,),
            )
        )
    if spec.length and len(text) > spec.length:
        raise RowRefusedError(
            RowError(
                "STRING_TOO_LONG",
                f"{spec.label}: data value too large: {text} (max length={spec.length})",
                (spec.name,),
            )
        )
    if spec.type == "email" and not _EMAIL.fullmatch(text):
        raise RowRefusedError(
            RowError(
                "INVALID_EMAIL_ADDRESS",
                f"{spec.label}: invalid email address: {text}",
                (spec.name,),
            )
        )
    return text


_CHECKS: dict[str, _Check] = {
    "boolean": _to_boolean,
    "date": _to_date,
    "datetime": _to_datetime,
    "reference": _to_id,
    "id": _to_id,
}


def from_stored(spec: Field, value: Any) -> Any:
    """Return the JSON value of a stored one."""
    if spec.type == "boolean":
        return bool(value)
    if spec.type == "address" and value is not None:
        return json.loads(value)
    return value
