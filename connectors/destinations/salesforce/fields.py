"""What the copilot's fields are in Salesforce: API names, types, metadata; the record's object."""

from typing import Any

from connectors.destinations.common.answers import ANSWERS
from connectors.destinations.common.fields import FIELDS, GROUP, Kind, OutboundField

OBJECT = "Account"
_NAMED_OTHERWISE = {"report_url": "Copilot_Report_URL__c"}
API_NAMES = {
    field.column: _NAMED_OTHERWISE.get(field.column, f"{field.label.replace(' ', '_')}__c")
    for field in FIELDS
}
ANSWER_NAMES = {field.column: f"{field.label.replace(' ', '_')}__c" for field in ANSWERS}
COLUMNS = {name: column for column, name in API_NAMES.items()}

_TYPES: dict[Kind, str] = {
    "number": "Number",
    "percent": "Percent",
    "money": "Currency",
    "choice": "Picklist",
    "text": "Text",
    "long_text": "LongTextArea",
    "date": "Date",
    "url": "Url",
}
_DESCRIBED: dict[Kind, set[str]] = {
    "number": {"double"},
    "percent": {"percent"},
    "money": {"currency", "double"},
    "choice": {"picklist"},
    "text": {"string"},
    "long_text": {"textarea"},
    "date": {"date"},
    "url": {"url"},
}
_PRECISION = {"number": 5, "percent": 5, "money": 18}


def accepts(field: OutboundField, described_type: str) -> bool:
    """Say whether an existing field of this type can hold the values."""
    return described_type in _DESCRIBED[field.kind]


def type_name(field: OutboundField) -> str:
    """Return the type as Salesforce's metadata name it."""
    return _TYPES[field.kind]


def metadata(field: OutboundField, currency: str, *, is_multi_currency: bool) -> dict[str, Any]:
    """Return the Tooling API's metadata to make the field.

    An org with several currencies would show an amount in each account's own currency without
    converting it, so there an amount is a plain number with its currency in the label.
    """
    kind, label = type_name(field), field.label
    if kind == "Currency" and is_multi_currency:
        kind, label = "Number", f"{label} ({currency})"
    made: dict[str, Any] = {
        "type": kind,
        "label": label,
        "description": f"{GROUP}. Written by {'people' if field.is_peoples else 'the copilot'}.",
        "inlineHelpText": field.help_text,
        "required": False,
    }
    if field.kind in _PRECISION:
        made |= {"precision": _PRECISION[field.kind], "scale": field.scale}
    if kind in {"Text", "LongTextArea"}:
        made["length"] = field.length
    if kind == "LongTextArea":
        made["visibleLines"] = 6
    if kind == "Picklist":
        values = [
            {"fullName": value, "valueName": value, "label": value, "default": False}
            for value in field.values
        ]
        made["valueSet"] = {
            "restricted": True,
            "valueSetDefinition": {"sorted": False, "value": values},
        }
    return made
