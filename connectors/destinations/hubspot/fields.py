"""What the copilot's fields are in HubSpot: names and definitions of properties, and values."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.destinations.common.fields import FIELDS, GROUP, Kind, OutboundField, Value

COMPANIES = "companies"
TASKS = "tasks"
GROUP_NAME = "customer_success_copilot"
PREFIX = "copilot_"
MARKER = OutboundField(
    "marker",
    "Copilot Marker",
    "text",
    length=255,
    help_text="Names the copilot's action that this task was made for.",
)
_TYPES: dict[Kind, tuple[str, str]] = {
    "number": ("number", "number"),
    "percent": ("number", "number"),
    "money": ("number", "number"),
    "choice": ("enumeration", "select"),
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "date": ("date", "date"),
    "url": ("string", "text"),
}
Definition = Mapping[str, Any]


def name_of(field: OutboundField) -> str:
    """Return the property's name."""
    return f"{PREFIX}{field.column}"


NAMES = {name_of(field): field for field in FIELDS}


def accepts(field: OutboundField, found: Definition) -> bool:
    """Say whether an existing property of this definition can hold the values."""
    return bool(found.get("type") == _TYPES[field.kind][0])


def missing_options(field: OutboundField, found: Definition) -> list[dict[str, Any]]:
    """Return the options that an existing choice lacks."""
    known = {option.get("value") for option in found.get("options") or []}
    return [option for option in _options(field) if option["value"] not in known]


def definition(field: OutboundField, currency: str, *, is_unique: bool = False) -> dict[str, Any]:
    """Return what makes the property.

    HubSpot shows an amount in the account's own currency without converting it, and a percentage
    as a fraction of 1; so both are plain numbers, with their unit in the label.
    """
    kind, field_type = _TYPES[field.kind]
    unit = {"money": f" ({currency})", "percent": " (%)"}.get(field.kind, "")
    made: dict[str, Any] = {
        "groupName": GROUP_NAME,
        "name": name_of(field),
        "label": f"{field.label}{unit}",
        "type": kind,
        "fieldType": field_type,
        "description": _description(field),
        "formField": False,  # nobody outside is asked for it
        "hasUniqueValue": is_unique,
    }
    return {**made, "options": _options(field)} if field.values else made


def _description(field: OutboundField) -> str:
    if field.is_peoples:
        return field.help_text
    return f"{field.help_text} Written by the {GROUP}.".strip()


def _options(field: OutboundField) -> list[dict[str, Any]]:
    return [
        {
            "label": value.replace("_", " ").capitalize(),
            "value": value,
            "displayOrder": order,
            "hidden": False,
        }
        for order, value in enumerate(field.values)
    ]


def to_text(field: OutboundField, value: Value) -> str:
    """Return a value as HubSpot takes it; an empty text empties the property."""
    if value is None:
        return ""
    return f"{value:.{field.scale}f}" if isinstance(value, int | float) else value


def from_text(field: OutboundField, text: str | None) -> Value:
    """Return HubSpot's value in the form of `OutboundField.normal`."""
    if field.kind == "date" and text and text.lstrip("-").isdigit():  # milliseconds since 1970
        return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC).date().isoformat()
    return field.normal(text)
