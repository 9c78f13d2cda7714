"""Stored values as a person reads them."""

from collections.abc import Callable
from typing import Any

from connectors.sandbox.common.pages import day
from connectors.sandbox.salesforce.fieldtypes import Field, parse_datetime

BANDS = {"healthy": "Healthy", "watch": "Watch", "at_risk": "At risk", "unknown": "Unknown"}
_BASES = {
    "model": "Learned model",
    "rule": "Rules (no model was good enough)",
    "base_rate": "Base rate (too little history)",
}


def shown(spec: Field, value: Any) -> str:
    """Return a value as text; an empty one as an empty string."""
    return "" if value is None else _WRITERS.get(spec.type, str)(value)


def score(value: float | None) -> str:
    """Return a health score as a whole number."""
    return "" if value is None else f"{value:.0f}"


def basis(value: str | None) -> str:
    """Return what a score rests on, in words."""
    return _BASES.get(value or "", value or "")


def change(value: float | None) -> str:
    """Return a change with its sign."""
    if value is None:
        return ""
    return "no change" if value == 0 else f"{value:+.1f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _moment(value: str) -> str:
    return parse_datetime(value).strftime("%d %b %Y, %H:%M UTC").lstrip("0")


_WRITERS: dict[str, Callable[[Any], str]] = {
    "boolean": lambda value: "Yes" if value else "No",
    "currency": lambda value: f"{value:,.0f}",
    "percent": lambda value: f"{value:g}%",
    "double": _number,
    "int": _number,
    "date": day,
    "datetime": _moment,
}
