"""Intercom: Zendesk's records in Intercom's shape.

Intercom has two priorities, so high and urgent are one, and the rest is the other. Waiting for the
customer is a snoozed conversation. It keeps the last rating only, no deleted company, and what was
deleted after it was read stays as it was.
"""

from pathlib import Path
from typing import Any

from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.translations import write_streams
from connectors.sources.sample_company.translations._zendesk import (
    Change,
    Ticket,
    seconds,
    tickets,
    unique,
)

_REPEATED = ("contacts", "conversations", "conversation_parts")
_NAMES = ("admins", "companies", *_REPEATED)
_FIRST_CONVERSATION = 215_470_000_000_000
_STATES = {"new": "open", "open": "open", "pending": "snoozed", "solved": "closed"}
_TURNS = {"open": "open", "closed": "close", "snoozed": "snoozed"}
_RATINGS = {"good": 5, "bad": 1}
People = dict[int, dict[str, Any]]
Event = tuple[int, str, Record, str | None]
"""When, the part's type, its author and its text."""


def translate(company: Path, target: Path) -> None:
    """Write every stream of Intercom that is read."""
    streams = {name: Stream(name) for name in _NAMES}
    people: People = {record["id"]: record for record in unique(company, "users")}
    _companies(company, streams)
    for record in people.values():
        name, translated = _person(record)
        streams[name].add(seconds(record["updated_at"]) * 1000, translated)
    for ticket in tickets(company):
        events = _events(ticket, people)
        conversation = _conversation(ticket, people, len(events))
        streams["conversations"].add(ticket.updated * 1000, conversation)
        for place, event in enumerate(events):
            streams["conversation_parts"].add(
                event[0] * 1000, _part(ticket, place, event, len(events))
            )
    write_streams(streams, target, _REPEATED)


def _id(kind: str, number: int) -> str:
    """Return an id of 24 hexadecimal digits."""
    return f"{kind}{number:020x}"


def _companies(company: Path, streams: dict[str, Stream]) -> None:
    for record in unique(company, "organizations"):
        if record["deleted_at"]:
            continue
        created, updated = seconds(record["created_at"]), seconds(record["updated_at"])
        domains = record["domain_names"]
        streams["companies"].add(
            updated * 1000,
            {
                "type": "company",
                "id": _id("65c0", record["id"]),
                "company_id": record["external_id"] or f"org-{record['id']}",
                "app_id": "synth001",
                "name": record["name"],
                "website": f"https://www.{domains[0]}" if domains else None,
                "created_at": created,
                "remote_created_at": created,
                "updated_at": updated,
                "monthly_spend": 0,
                "session_count": 0,
                "user_count": None,
                "size": None,
                "industry": None,
                "plan": {},
                "tags": {"type": "tag.list", "tags": []},
                "segments": {"type": "segment.list", "segments": []},
                "custom_attributes": {"synthetic": True},
            },
        )


def _person(record: dict[str, Any]) -> tuple[str, Record]:
    """Return the stream and the record of a person, ours or a customer's."""
    if record["role"] != "end-user":
        return "admins", {
            "type": "admin",
            "id": _admin(record["id"]),
            "name": record["name"],
            "email": record["email"],
            "job_title": "Support",
            "away_mode_enabled": False,
            "away_mode_reassign": False,
            "has_inbox_seat": True,
            "team_ids": [],
        }
    organization = record["organization_id"]
    companies = [{"id": _id("65c0", organization), "type": "company"}] if organization else []
    return "contacts", {
        "type": "contact",
        "id": _id("65a1", record["id"]),
        "workspace_id": "synth001",
        "external_id": None,
        "role": "user" if organization else "lead",
        "name": record["name"],
        "email": record["email"],
        "has_hard_bounced": False,
        "marked_email_as_spam": False,
        "unsubscribed_from_emails": False,
        "created_at": seconds(record["created_at"]),
        "updated_at": seconds(record["updated_at"]),
        "companies": {
            "type": "list",
            "data": companies,
            "total_count": len(companies),
            "has_more": False,
        },
        "custom_attributes": {},
    }


def _admin(number: int) -> str:
    return str(7_000_000 + number % 1_000_000)


def _author(people: People, number: int) -> Record:
    record = people[number]
    ours = record["role"] != "end-user"
    return {
        "type": "admin" if ours else "user" if record["organization_id"] else "lead",
        "id": _admin(number) if ours else _id("65a1", number),
        "name": record["name"],
        "email": record["email"],
    }


def _priority(value: str | None) -> str:
    return "priority" if value in ("high", "urgent") else "not_priority"


def _state(ticket: Ticket) -> str:
    """Return the state; a deleted conversation is as it was before."""
    if ticket.solved is not None:
        return "closed"
    return _STATES.get(ticket.record["status"], "open")


def _events(ticket: Ticket, people: People) -> list[Event]:
    """Return what happened in a conversation, in order."""
    agent = _author(people, ticket.record["assignee_id"])
    customer = _author(people, ticket.record["requester_id"])
    events: list[Event] = []
    if ticket.replied is not None:
        events.append((ticket.replied, "comment", agent, "<p>Synthetic answer.</p>"))
    state = "open"
    for change in ticket.values_of("status"):
        before, state = state, _STATES.get(change.value or "", state)
        if state != before:
            events.append((change.moment, _TURNS[state], agent, None))
    priority = _first_priority(ticket)
    for change in ticket.values_of("priority"):
        if _priority(change.value) != priority:
            priority = _priority(change.value)
            events.append((change.moment, "priority_changed", agent, None))
    events += [
        (change.moment, "conversation_rating_changed", customer, None)
        for change in _given_ratings(ticket)
    ]
    return sorted(events, key=lambda event: event[0])


def _first_priority(ticket: Ticket) -> str:
    known = ticket.values_of("priority")
    return _priority(known[0].value if known else ticket.record["priority"])


def _given_ratings(ticket: Ticket) -> list[Change]:
    return [c for c in ticket.values_of("satisfaction_score") if c.value in _RATINGS]


def _part(ticket: Ticket, place: int, event: Event, total: int) -> Record:
    moment, kind, author, text = event
    return {
        "type": "conversation_part",
        "id": str(ticket.record["id"] * 100 + place),
        "part_type": kind,
        "body": text,
        "created_at": moment,
        "updated_at": moment,
        "notified_at": moment,
        "assigned_to": None,
        "author": author,
        "attachments": [],
        "external_id": None,
        "redacted": False,
        "conversation_id": str(_FIRST_CONVERSATION + ticket.record["id"]),
        "conversation_created_at": ticket.created,
        "conversation_updated_at": ticket.updated,
        "conversation_total_parts": total,
    }


def _conversation(ticket: Ticket, people: People, parts: int) -> Record:
    record, state = ticket.record, _state(ticket)
    author = _author(people, record["requester_id"])
    return {
        "type": "conversation",
        "id": str(_FIRST_CONVERSATION + record["id"]),
        "title": None,
        "source": {
            "type": "email",
            "id": str(record["id"]),
            "delivered_as": "customer_initiated",
            "subject": record["subject"],
            "body": f"<p>{record['description']}</p>",
            "author": author,
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": author["id"], "external_id": None}],
        },
        "first_contact_reply": {"type": "email", "url": None, "created_at": ticket.created},
        "admin_assignee_id": int(_admin(record["assignee_id"])),
        "priority": _priority(record["priority"]),
        "state": state,
        "open": state != "closed",
        "read": True,
        "created_at": ticket.created,
        "updated_at": ticket.updated,
        "waiting_since": ticket.created if ticket.replied is None else None,
        "snoozed_until": ticket.updated + 7 * 86_400 if state == "snoozed" else None,
        "statistics": _statistics(ticket, parts),
        "conversation_rating": _rating(ticket, author),
        "tags": {"type": "tag.list", "tags": []},
        "custom_attributes": {},
        "redacted": False,
    }


def _statistics(ticket: Ticket, parts: int) -> Record:
    closings = [change.moment for change in ticket.values_of("status") if change.value == "solved"]
    replied = ticket.replied
    return {
        "type": "conversation_statistics",
        "time_to_admin_reply": None if replied is None else replied - ticket.created,
        "first_contact_reply_at": ticket.created,
        "first_admin_reply_at": replied,
        "first_close_at": closings[0] if closings else None,
        "last_close_at": ticket.solved,
        "count_reopens": max(len(closings) - 1, 0),
        "count_conversation_parts": parts,
    }


def _rating(ticket: Ticket, customer: Record) -> Record | None:
    """Return the rating; it was asked for when the conversation was closed."""
    given = _given_ratings(ticket)
    if not given:
        return None
    return {
        "rating": _RATINGS[given[-1].value or ""],
        "remark": None,
        "created_at": ticket.solved,
        "customer": {"type": customer["type"], "id": customer["id"]},
        "teammate": {"type": "admin", "id": int(_admin(ticket.record["assignee_id"]))},
    }
