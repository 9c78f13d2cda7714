"""Definitions of properties, and what a value of each type may be."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.sandbox.hubspot.errors import ValueFault
from connectors.sandbox.hubspot.objects import TYPES, ObjectType

CATALOG = Path(__file__).resolve().parents[2] / "sources" / "hubspot" / "catalog.json"
FIELD_TYPES = {
    "string": {"text", "textarea", "html", "file", "phonenumber"},
    "phone_number": {"phonenumber"},
    "number": {"number", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "bool": {"booleancheckbox", "calculation_equation"},
}
_FIRST_FIELD_TYPE = {"string": "text", "enumeration": "select", "bool": "booleancheckbox"}
_STREAMS = {f"engagements_{name}": name for name in ("calls", "emails", "meetings", "tasks")}
_CUSTOM = frozenset({"segment", "contact_role"})
_CALCULATED = frozenset(
    {"hs_object_id", "hs_merged_object_ids", "hs_is_closed", "hs_is_closed_won"}
    | {"hs_deal_stage_probability", "hs_parent_company_id", "associatedcompanyid"}
)
_OPTIONS = {
    "hs_task_status": ("COMPLETED", "DEFERRED", "IN_PROGRESS", "NOT_STARTED", "WAITING"),
    "hs_task_priority": ("LOW", "MEDIUM", "HIGH", "NONE"),
    "hs_task_type": ("EMAIL", "CALL", "TODO"),
    "lifecyclestage": (
        *("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead"),
        *("opportunity", "customer", "evangelist", "other"),
    ),
    "dealtype": ("newbusiness", "existingbusiness"),
}
_CHOSEN_ELSEWHERE = frozenset({"hubspot_owner_id", "dealstage", "pipeline"})
_MORE: dict[str, dict[str, str]] = {
    "tickets": {"subject": "string", "content": "string", "hs_pipeline": "enumeration",
                "hs_pipeline_stage": "enumeration", "hs_ticket_priority": "enumeration",
                "hubspot_owner_id": "enumeration"},
    "products": {"name": "string", "price": "number", "description": "string"},
    "line_items": {"name": "string", "price": "number", "quantity": "number",
                   "amount": "number", "hs_product_id": "number"},
    "notes": {"hs_note_body": "string", "hs_timestamp": "datetime",
              "hubspot_owner_id": "enumeration"},
    "tasks": {"hs_task_body": "string"},
    "calls": {"hs_call_body": "string"},
    "deals": {"hs_deal_stage_probability": "number"},
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MILLISECONDS = re.compile(r"-?\d{9,}")


@dataclass(frozen=True)
class Property:
    """One property of a kind of records; the parameters are named as in HubSpot's answers."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    options: tuple[dict[str, Any], ...] = field(default=())
    description: str = ""
    is_custom: bool = False
    is_read_only: bool = False
    has_unique_value: bool = False

    def shown(self) -> dict[str, Any]:
        """Return it as version 3 of the API writes it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group_name,
            "options": list(self.options),
            "displayOrder": -1,
            "calculated": self.is_read_only,
            "externalOptions": self.name == "hubspot_owner_id",
            "archived": False,
            "hasUniqueValue": self.has_unique_value,
            "hidden": False,
            "hubspotDefined": not self.is_custom,
            "modificationMetadata": {
                "archivable": self.is_custom,
                "readOnlyDefinition": not self.is_custom,
                "readOnlyValue": self.is_read_only,
            },
            "formField": self.is_custom,
        }

    def shown_before(self) -> dict[str, Any]:
        """Return it as version 2 of the API wrote it."""
        newer = self.shown()
        kept = ("name", "label", "description", "groupName", "type", "fieldType", "options")
        return {
            **{name: newer[name] for name in kept},
            "displayOrder": -1,
            "hidden": False,
            "calculated": self.is_read_only,
            "readOnlyValue": self.is_read_only,
            "readOnlyDefinition": not self.is_custom,
            "externalOptions": newer["externalOptions"],
            "hubspotDefined": not self.is_custom,
            "formField": self.is_custom,
            "deleted": False,
        }


def option(value: str, order: int, label: str = "") -> dict[str, Any]:
    """Return an option of an enumeration."""
    return {
        "label": label or value,
        "value": value,
        "description": "",
        "displayOrder": order,
        "hidden": False,
    }


def standard_properties(catalog: Path = CATALOG) -> dict[str, dict[str, Property]]:
    """Return the properties of a fresh account, by kind of record and name.

    Parameters
    ----------
    catalog : Path
        The catalogue of the streams that are read: it names the properties that people use.
    """
    loaded = json.loads(catalog.read_text(encoding="utf-8"))
    streams = loaded["streams"] if isinstance(loaded, dict) else loaded
    found: dict[str, dict[str, Property]] = {}
    for kind in TYPES.values():
        names = dict.fromkeys((kind.created, kind.modified), "datetime")
        names |= {"hs_object_id": "number", **_MORE.get(kind.name, {})}
        found[kind.name] = {name: _standard(kind, name, of) for name, of in names.items()}
    for stream in streams:
        target = _STREAMS.get(stream["name"], stream["name"])
        if target not in TYPES:
            continue
        own = stream["json_schema"]["properties"]["properties"].get("properties", {})
        for name, schema in own.items():
            found[target].setdefault(name, _standard(TYPES[target], name, _type_of(name, schema)))
    return found


def _type_of(name: str, schema: Mapping[str, Any]) -> str:
    if name in _OPTIONS or name in _CHOSEN_ELSEWHERE:
        return "enumeration"
    kinds = schema.get("type", "string")
    if "boolean" in kinds:
        return "bool"
    if "number" in kinds or "integer" in kinds:
        return "number"
    return {"date-time": "datetime", "date": "date"}.get(schema.get("format", ""), "string")


def _standard(kind: ObjectType, name: str, value_type: str) -> Property:
    return Property(
        name,
        name.removeprefix("hs_").replace("_", " ").capitalize(),
        value_type,
        _FIRST_FIELD_TYPE.get(value_type, "date" if "date" in value_type else value_type),
        f"{kind.singular}information",
        tuple(option(value, order) for order, value in enumerate(_OPTIONS.get(name, ()))),
        is_custom=name in _CUSTOM,
        is_read_only=name in _CALCULATED or name in (kind.created, kind.modified),
        has_unique_value=(kind.name, name) == ("contacts", "email"),
    )


def to_text(value: Any) -> str:
    """Return a JSON value as the text that HubSpot keeps."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def checked(spec: Property, text: str) -> str | ValueFault:
    """Return a value as it is kept, or why it is refused; an empty text clears a property."""
    if text == "":
        return text
    if spec.type in {"datetime", "date"}:
        moment = _moment(text)
        if moment is None:
            return ValueFault(spec.name, "INVALID_DATE", f"{text} was not a valid date.")
        if spec.type == "date" and moment.astimezone(dt.UTC).time() != dt.time():
            at = moment.astimezone(dt.UTC)
            words = f"{text} is at {at.hour}:{at.minute}:{at.second}.0 UTC, not midnight!"
            return ValueFault(spec.name, "INVALID_DATE", words)
        return moment.date().isoformat() if spec.type == "date" else iso(moment)
    return _refusal(spec, text) or text


def _refusal(spec: Property, text: str) -> ValueFault | None:
    if spec.type == "number" and not _NUMBER.fullmatch(text.strip()):
        return ValueFault(spec.name, "INVALID_DOUBLE", f"{text} was not a valid number.")
    if spec.type == "bool" and text.lower() not in {"true", "false"}:
        return ValueFault(spec.name, "INVALID_BOOLEAN", f"{text} was not a valid boolean.")
    if spec.type == "enumeration" and spec.options:
        allowed = [choice["value"] for choice in spec.options]
        chosen = text.split(";") if spec.field_type == "checkbox" else [text]
        if any(value and value not in allowed for value in chosen):
            words = f"{text} was not one of the allowed options: {allowed}"
            return ValueFault(spec.name, "INVALID_OPTION", words)
    return None


def iso(moment: dt.datetime) -> str:
    """Return a time as HubSpot writes it: in UTC, with milliseconds where there are any."""
    utc = moment.astimezone(dt.UTC)
    text = utc.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{utc.microsecond // 1000:03d}Z" if utc.microsecond >= 1000 else f"{text}Z"


def _moment(text: str) -> dt.datetime | None:
    try:
        if _MILLISECONDS.fullmatch(text):
            return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC)
        moment = dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def milliseconds(text: str) -> int | None:
    """Return a kept time or date in milliseconds since 1970; None if it is none."""
    moment = _moment(text)
    return None if moment is None else round(moment.timestamp() * 1000)
