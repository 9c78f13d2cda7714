"""Fields of records: those that every company has, those that it made, and what they may hold."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.pipedrive import errors
from connectors.sandbox.pipedrive.entities import is_date, is_number

FIELD_LISTS = ("activityFields", "dealFields", "organizationFields", "personFields")
TYPES = frozenset(
    [
        "varchar",
        "varchar_auto",
        "text",
        "double",
        "monetary",
        "date",
        "set",
        "enum",
        "user",
        "org",
        "people",
        "phone",
        "time",
        "timerange",
        "daterange",
        "address",
    ]
)
WITH_OPTIONS = frozenset({"enum", "set"})
_SHORT, _LONG = 255, 65_000
_STANDARD: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "activityFields": (
        ("id", "ID", "int"),
        ("subject", "Subject", "varchar"),
        ("type", "Type", "enum"),
        ("owner_id", "Assigned to user", "user"),
        ("due_date", "Due date", "date"),
        ("due_time", "Due time", "time"),
        ("done", "Done", "boolean"),
        ("note", "Note", "text"),
        ("org_id", "Organization", "org"),
        ("priority", "Priority", "enum"),
        ("add_time", "Add time", "date"),
        ("update_time", "Last updated time", "date"),
    ),
    "dealFields": (
        ("id", "ID", "int"),
        ("title", "Title", "varchar"),
        ("owner_id", "Owner", "user"),
        ("value", "Value", "double"),
        ("currency", "Currency", "varchar"),
        ("org_id", "Organization", "org"),
        ("person_id", "Contact person", "people"),
        ("stage_id", "Stage", "stage"),
        ("status", "Status", "status"),
        ("expected_close_date", "Expected close date", "date"),
        ("add_time", "Deal created", "date"),
        ("update_time", "Update time", "date"),
    ),
    "organizationFields": (
        ("id", "ID", "int"),
        ("name", "Name", "varchar"),
        ("owner_id", "Owner", "user"),
        ("address", "Address", "address"),
        ("website", "Website", "varchar"),
        ("linkedin", "LinkedIn profile", "varchar"),
        ("industry", "Industry", "enum"),
        ("annual_revenue", "Annual revenue", "double"),
        ("employee_count", "Number of employees", "int"),
        ("visible_to", "Visible to", "visible_to"),
        ("add_time", "Organization created", "date"),
        ("update_time", "Update time", "date"),
    ),
    "personFields": (
        ("id", "ID", "int"),
        ("name", "Name", "varchar"),
        ("owner_id", "Owner", "user"),
        ("org_id", "Organization", "org"),
        ("emails", "Email", "varchar"),
        ("phones", "Phone", "phone"),
        ("add_time", "Person created", "date"),
        ("update_time", "Update time", "date"),
    ),
}
_PRIORITIES = [{"id": 1, "label": "High"}, {"id": 2, "label": "Medium"}, {"id": 3, "label": "Low"}]
_MONETARY = [
    {"field_code": "value", "field_name": "Value", "field_type": "double"},
    {"field_code": "currency", "field_name": "Currency", "field_type": "varchar"},
]
_VISIBILITY = {
    "ui_visibility": {"add_visible_flag": False, "details_visible_flag": True},
    "important_fields": {"enabled": False, "stage_ids": []},
    "required_fields": {"enabled": False, "stage_ids": [], "statuses": {}},
}


def standard_fields(list_name: str) -> list[Record]:
    """Return the fields that every company has."""
    return [
        {
            "id": number,
            "field_name": name,
            "field_code": code,
            "field_type": kind,
            "is_custom_field": False,
            "options": _PRIORITIES if code == "priority" else None,
        }
        for number, (code, name, kind) in enumerate(_STANDARD[list_name], 1)
    ]


def shown(field: Record, namespaces: Sequence[str] = ()) -> Record:
    """Return a field as version 2 shows it."""
    return {
        "field_name": field["field_name"],
        "field_code": field["field_code"],
        "field_type": field["field_type"],
        "options": field["options"],
        "subfields": _MONETARY if field["field_type"] == "monetary" else None,
        "is_custom_field": field["is_custom_field"],
        "is_optional_response_field": False,
        **{name: field.get(name, _VISIBILITY[name]) for name in namespaces},
    }


def shown_1(field: Record, order: int) -> Record:
    """Return a field as version 1 shows it."""
    is_custom = field["is_custom_field"]
    listed = {} if field["options"] is None else {"options": field["options"]}
    return {
        "id": field["id"],
        "key": field["field_code"],
        "name": field["field_name"],
        "order_nr": order,
        "field_type": field["field_type"],
        "json_column_flag": is_custom,
        "add_time": moment_1(field.get("add_time")) or "2020-01-01 00:00:00",
        "update_time": moment_1(field.get("update_time")) or "2020-01-01 00:00:00",
        "active_flag": True,
        "edit_flag": is_custom,
        "index_visible_flag": True,
        "details_visible_flag": True,
        "add_visible_flag": False,
        "important_flag": False,
        "bulk_edit_allowed": True,
        "searchable_flag": is_custom,
        "filtering_allowed": True,
        "sortable_flag": True,
        "mandatory_flag": field["field_code"] in {"name", "title"},
        **listed,
    }


def moment_1(moment: str | None) -> str | None:
    """Return a moment as version 1 writes it: UTC, without saying so."""
    return None if moment is None else moment[:19].replace("T", " ")


def problems_of(values: Mapping[str, Any], fields: Mapping[str, Record]) -> list[str]:
    """Return what is wrong with the custom values that were sent, by the company's fields."""
    problems = []
    for code, value in values.items():
        path = f"custom_fields.{code}"
        field = fields.get(code)
        if field is None or not field["is_custom_field"]:
            problems.append(errors.not_allowed(path))
        elif value is not None and not _fits(field, value):
            kind = field["field_type"]
            problems.append(f"{path}: Value is not valid for a field of type {kind}")
    return problems


def _fits(field: Record, value: Any) -> bool:
    if field["field_type"] in WITH_OPTIONS:
        chosen = value if isinstance(value, list) else [value]
        known = {option["id"] for option in field["options"]}
        is_list = isinstance(value, list)
        return is_list == (field["field_type"] == "set") and bool(chosen) and set(chosen) <= known
    return _FITS.get(field["field_type"], lambda given: isinstance(given, dict))(value)


def _is_money(value: Any) -> bool:
    if not isinstance(value, dict) or not is_number(value.get("value")):
        return False
    currency = value.get("currency")
    return isinstance(currency, str) and len(currency) == 3 and currency.isupper()


def _is_text(most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= most


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "varchar": _is_text(_SHORT),
    "varchar_auto": _is_text(_SHORT),
    "phone": _is_text(_SHORT),
    "text": _is_text(_LONG),
    "double": is_number,
    "monetary": _is_money,
    "date": is_date,
    **dict.fromkeys(("user", "org", "people"), lambda value: isinstance(value, int)),
}


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return custom values as they are stored: text without blanks around it, none for empty."""
    stored = {}
    for code, value in values.items():
        given = value.strip() if isinstance(value, str) else value
        stored[code] = None if given == "" else given
    return stored
