"""Kinds of records: which values they have, and which of them may be written."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], bool]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Say whether a JSON value is a number (true and false are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_date(value: Any) -> bool:
    """Say whether a value is a date of the form YYYY-MM-DD."""
    try:
        return isinstance(value, str) and len(value) == 10 and bool(dt.date.fromisoformat(value))
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and "T" in value and bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


_CHECKS: Mapping[str, Check] = {
    "integer": _is_whole,
    "number": is_number,
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "date": is_date,
    "date-time": _is_moment,
}


@dataclass(frozen=True)
class Entity:
    """A kind of record.

    Parameters
    ----------
    name, noun : str
        As in addresses, and as people write one of them.
    required : str
        What a new one must have; empty if nothing.
    writable : mapping of str to str
        JSON type of each value that may be sent.
    references : mapping of str to str
        Collection of what a value names.
    defaults : mapping
        Values of a new one.
    filters : tuple of str
        Parameters by which a list is narrowed.
    fields : str
        Name of the list of its fields.
    """

    name: str
    noun: str
    required: str
    writable: Mapping[str, str]
    references: Mapping[str, str]
    defaults: Mapping[str, Any]
    filters: tuple[str, ...]
    fields: str

    def problem_of(self, name: str, value: Any) -> str | None:
        """Return what is wrong with a value that was sent; None if nothing is."""
        kind = self.writable[name]
        if value is None or _CHECKS[kind](value):
            return None
        return f"{name}: Parameter '{name}' must be of type {kind}"


_COMMON: Mapping[str, str] = {
    "owner_id": "integer",
    "visible_to": "integer",
    "label_ids": "array",
    "custom_fields": "object",
}
_NEW: Mapping[str, Any] = {"owner_id": None, "is_deleted": False, "visible_to": 3, "label_ids": []}

_ORGANIZATIONS = Entity(
    "organizations",
    "Organization",
    "name",
    {
        **_COMMON,
        "name": "string",
        "add_time": "date-time",
        "address": "object",
        "website": "string",
        "linkedin": "string",
        "industry": "integer",
        "annual_revenue": "number",
        "employee_count": "integer",
    },
    {"owner_id": "users"},
    {
        **_NEW,
        "name": "",
        "address": None,
        "website": None,
        "linkedin": None,
        "industry": None,
        "annual_revenue": None,
        "employee_count": None,
        "custom_fields": {},
    },
    ("owner_id",),
    "organizationFields",
)
_PERSONS = Entity(
    "persons",
    "Person",
    "name",
    {
        **_COMMON,
        "name": "string",
        "add_time": "date-time",
        "org_id": "integer",
        "emails": "array",
        "phones": "array",
    },
    {"owner_id": "users", "org_id": "organizations"},
    {
        **_NEW,
        "name": "",
        "first_name": None,
        "last_name": None,
        "org_id": None,
        "emails": [],
        "phones": [],
        "picture_id": None,
        "custom_fields": {},
    },
    ("owner_id", "org_id"),
    "personFields",
)
_DEALS = Entity(
    "deals",
    "Deal",
    "title",
    {
        **_COMMON,
        "title": "string",
        "add_time": "date-time",
        "person_id": "integer",
        "org_id": "integer",
        "pipeline_id": "integer",
        "stage_id": "integer",
        "value": "number",
        "currency": "string",
        "status": "string",
        "probability": "number",
        "lost_reason": "string",
        "close_time": "date-time",
        "won_time": "date-time",
        "lost_time": "date-time",
        "expected_close_date": "date",
        "is_archived": "boolean",
    },
    {
        "owner_id": "users",
        "person_id": "persons",
        "org_id": "organizations",
        "pipeline_id": "pipelines",
        "stage_id": "stages",
    },
    {
        **_NEW,
        "title": "",
        "creator_user_id": None,
        "value": 0,
        "currency": "EUR",
        "person_id": None,
        "org_id": None,
        "pipeline_id": 1,
        "stage_id": 1,
        "status": "open",
        "probability": None,
        "lost_reason": None,
        "is_archived": False,
        "archive_time": None,
        "stage_change_time": None,
        "close_time": None,
        "won_time": None,
        "lost_time": None,
        "expected_close_date": None,
        "origin": "API",
        "origin_id": None,
        "channel": None,
        "channel_id": None,
        "custom_fields": {},
    },
    ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status"),
    "dealFields",
)
_ACTIVITIES = Entity(
    "activities",
    "Activity",
    "",
    {
        "subject": "string",
        "type": "string",
        "owner_id": "integer",
        "deal_id": "integer",
        "lead_id": "string",
        "org_id": "integer",
        "project_id": "integer",
        "due_date": "date",
        "due_time": "string",
        "duration": "string",
        "busy": "boolean",
        "done": "boolean",
        "location": "object",
        "participants": "array",
        "attendees": "array",
        "public_description": "string",
        "priority": "integer",
        "outcome": "integer",
        "note": "string",
    },
    {"owner_id": "users", "org_id": "organizations", "deal_id": "deals"},
    {
        "subject": None,
        "type": "call",
        "owner_id": None,
        "creator_user_id": None,
        "is_deleted": False,
        "deal_id": None,
        "lead_id": None,
        "person_id": None,
        "org_id": None,
        "project_id": None,
        "due_date": None,
        "due_time": None,
        "duration": None,
        "busy": False,
        "done": False,
        "marked_as_done_time": None,
        "location": None,
        "participants": [],
        "conference_meeting_client": None,
        "conference_meeting_url": None,
        "conference_meeting_id": None,
        "public_description": None,
        "priority": None,
        "outcome": None,
        "note": None,
    },
    ("owner_id", "deal_id", "lead_id", "person_id", "org_id", "done"),
    "activityFields",
)

ENTITIES: Mapping[str, Entity] = {
    entity.name: entity for entity in (_ORGANIZATIONS, _PERSONS, _DEALS, _ACTIVITIES)
}
