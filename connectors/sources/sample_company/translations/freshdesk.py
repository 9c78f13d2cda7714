"""Freshdesk: Zendesk's records in Freshdesk's shape.

A ticket always has a priority there, the lowest if none was set. Each answer to a survey is a
record of its own. Deleted companies are not listed, and a ticket that was deleted after it was
read stays as it was; of a ticket's past only the times of its last turns are kept.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.simulation.timeline import iso_z
from connectors.sources.sample_company.translations import write_streams
from connectors.sources.sample_company.translations._zendesk import (
    Ticket,
    seconds,
    tickets,
    unique,
)

_REPEATED = ("contacts", "tickets", "satisfaction_ratings")
_NAMES = ("agents", "companies", *_REPEATED)
_PRIORITIES = {None: 1, "low": 1, "normal": 2, "high": 3, "urgent": 4}
_STATUSES = {"new": 2, "open": 2, "pending": 3, "solved": 4, "closed": 5}
_RATINGS = {"good": 103, "bad": -103}
_CHANNELS = {"email": 1, "web": 2, "api": 2}
People = dict[int, dict[str, Any]]


def translate(company: Path, target: Path) -> None:
    """Write every stream of Freshdesk that is read."""
    streams = {name: Stream(name) for name in _NAMES}
    people: People = {record["id"]: record for record in unique(company, "users")}
    for record in unique(company, "organizations"):
        if not record["deleted_at"]:
            streams["companies"].add(seconds(record["updated_at"]) * 1000, _company(record))
    for record in people.values():
        name = "contacts" if record["role"] == "end-user" else "agents"
        translated = _contact(record) if name == "contacts" else _agent(record)
        streams[name].add(seconds(record["updated_at"]) * 1000, translated)
    for ticket in tickets(company):
        requester = people[ticket.record["requester_id"]]
        streams["tickets"].add(ticket.updated * 1000, _ticket(ticket, requester))
        for moment, rating in _ratings(ticket):
            streams["satisfaction_ratings"].add(moment * 1000, rating)
    write_streams(streams, target, _REPEATED)


def _id(number: int | None) -> int | None:
    """Return Freshdesk's id of a record of Zendesk."""
    return None if number is None else number - 300_000_000_000


def _times(record: dict[str, Any]) -> Record:
    return {"created_at": record["created_at"], "updated_at": record["updated_at"]}


def _company(record: dict[str, Any]) -> Record:
    return {
        "id": _id(record["id"]),
        "name": record["name"],
        "description": None,
        "note": None,
        "domains": record["domain_names"],
        "custom_fields": {"crm_account_id": record["external_id"], "synthetic": True},
        "health_score": None,
        "account_tier": None,
        "renewal_date": None,
        "industry": None,
        **_times(record),
    }


def _contact(record: dict[str, Any]) -> Record:
    return {
        "id": _id(record["id"]),
        "name": record["name"],
        "email": record["email"],
        "active": True,
        "company_id": _id(record["organization_id"]),
        "language": "en",
        "time_zone": record["time_zone"],
        "phone": None,
        "mobile": None,
        "job_title": None,
        "custom_fields": {},
        **_times(record),
    }


def _agent(record: dict[str, Any]) -> Record:
    contact = {"name": record["name"], "email": record["email"], "active": True, "language": "en"}
    return {
        "id": _id(record["id"]),
        "available": True,
        "occasional": False,
        "ticket_scope": 1,
        "type": "support_agent",
        "contact": {**contact, **_times(record)},
        **_times(record),
    }


def _status(ticket: Ticket) -> int:
    """Return the state's code; a deleted ticket is as it was before."""
    status = ticket.record["status"]
    if status == "deleted":
        return 2 if ticket.solved is None else 4
    return _STATUSES[status]


def _ticket(ticket: Ticket, requester: dict[str, Any]) -> Record:
    record = ticket.record
    return {
        "id": record["id"],
        "subject": record["subject"],
        "description": f"<div>{record['description']}</div>",
        "description_text": record["description"],
        "type": (record["type"] or "").capitalize() or None,
        "priority": _PRIORITIES[record["priority"]],
        "status": _status(ticket),
        "source": _CHANNELS[record["via"]["channel"]],
        "spam": False,
        "requester_id": _id(record["requester_id"]),
        "requester": {
            "id": _id(record["requester_id"]),
            "name": requester["name"],
            "email": requester["email"],
            "mobile": None,
            "phone": None,
        },
        "responder_id": _id(record["assignee_id"]),
        "company_id": _id(record["organization_id"]),
        "group_id": None,
        "product_id": None,
        "fr_escalated": False,
        "is_escalated": False,
        "tags": record["tags"],
        "cc_emails": [],
        "custom_fields": {},
        "stats": _stats(ticket),
        "created_at": iso_z(ticket.created),
        "updated_at": iso_z(ticket.updated),
    }


def _stats(ticket: Ticket) -> Record:
    turns = ticket.values_of("status")
    reopened = [
        change.moment
        for before, change in pairwise(turns)
        if before.value == "solved" and change.value == "open"
    ]
    closed = [change.moment for change in turns if change.value == "closed"]
    pending = turns[-1].moment if turns and turns[-1].value == "pending" else None
    return {
        "agent_responded_at": _moment(ticket.replied),
        "requester_responded_at": None,
        "first_responded_at": _moment(ticket.replied),
        "status_updated_at": _moment(turns[-1].moment if turns else ticket.created),
        "reopened_at": _moment(reopened[-1] if reopened else None),
        "resolved_at": _moment(ticket.solved),
        "closed_at": _moment(closed[-1] if closed else None),
        "pending_since": _moment(pending),
    }


def _moment(when: int | None) -> str | None:
    return None if when is None else iso_z(when)


def _ratings(ticket: Ticket) -> list[tuple[int, Record]]:
    given = [c for c in ticket.values_of("satisfaction_score") if c.value in _RATINGS]
    return [
        (
            change.moment,
            {
                "id": 43_000_000_000 + ticket.record["id"] * 10 + place,
                "survey_id": 43_000_000_001,
                "user_id": _id(ticket.record["requester_id"]),
                "agent_id": _id(ticket.record["assignee_id"]),
                "group_id": None,
                "ticket_id": ticket.record["id"],
                "feedback": None,
                "ratings": {"default_question": _RATINGS[change.value or ""]},
                "created_at": iso_z(change.moment),
                "updated_at": iso_z(change.moment),
            },
        )
        for place, change in enumerate(given)
    ]
