"""Zendesk's objects, field by field."""

from connectors.sources.sample_company.simulation.records import Record
from connectors.sources.sample_company.simulation.timeline import iso_z
from connectors.sources.sample_company.simulation.zendesk_audits import is_reopened

AGENTS = 6
_HOST = "https://sample-company.zendesk.example/api/v2"
_SUBJECTS = (
    "Cannot sign in after the password change",
    "Report shows other numbers than the export",
    "Workflow stopped without a message",
    "Question about seats on our invoice",
    "Integration does not sync since this morning",
    "How do we share a dashboard with a partner?",
    "Page loads very slowly",
    "Request: filter by several teams",
    "Import of contacts fails at row 1",
    "Who can delete records?",
)


def organization_record(
    identifier: int, name: str, domains: list[str], external_id: str | None
) -> Record:
    """Return an organization without its times."""
    return {
        "id": identifier,
        "url": f"{_HOST}/organizations/{identifier}.json",
        "name": name,
        "external_id": external_id,
        "details": None,
        "notes": None,
        "group_id": None,
        "shared_tickets": False,
        "shared_comments": False,
        "domain_names": domains,
        "tags": ["synthetic"],
        "organization_fields": {},
        "deleted_at": None,
    }


def user_record(
    identifier: int, name: str, email: str, organization: int | None, zone: str
) -> Record:
    """Return an end user without its times."""
    return {
        "id": identifier,
        "url": f"{_HOST}/users/{identifier}.json",
        "name": name,
        "email": email,
        "external_id": None,
        "role": "end-user",
        "phone": None,
        "time_zone": zone.rsplit("/", maxsplit=1)[-1].replace("_", " "),
        "iana_time_zone": zone,
        "locale": "en-US",
        "organization_id": organization,
        "active": True,
        "verified": identifier % 9 != 0,
        "shared": False,
        "suspended": False,
        "tags": [],
        "user_fields": {},
        "last_login_at": None,
    }


def agent_record(identifier: int, name: str, moment: str) -> Record:
    """Return one of the company's own support agents."""
    email = f"support{identifier % 100}@sample-company.example"
    record = user_record(identifier, name, email, None, "America/New_York")
    return record | {"role": "agent", "created_at": moment, "updated_at": moment}


def _rating(facts: Record) -> Record:
    """Return the short form of a rating that a ticket carries."""
    if facts["score"] >= 0:
        return {"id": 9_000_000 + facts["id"], "score": "good" if facts["score"] else "bad"}
    return {"score": "offered" if facts["solved"] >= 0 else "unoffered"}


def ticket_record(facts: Record) -> Record:
    """Return a ticket; `facts` are those of `Desk`."""
    number = facts["id"]
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    return {
        "id": number,
        "url": f"{_HOST}/tickets/{number}.json",
        "external_id": None,
        "type": (None, "question", "problem", "incident")[number % 4],
        "subject": subject,
        "raw_subject": subject,
        "description": f"Synthetic ticket {number}: {subject.lower()}.",
        "priority": facts["priority"],
        "status": facts["status"],
        "requester_id": facts["requester_id"],
        "submitter_id": facts["requester_id"],
        "assignee_id": facts["assignee_id"],
        "organization_id": facts["organization_id"],
        "group_id": 360001,
        "brand_id": 360002,
        "has_incidents": False,
        "is_public": True,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
        "tags": ["closed_by_merge"] if facts["is_silent"] else [],
        "custom_fields": [],
        "fields": [],
        "collaborator_ids": [],
        "follower_ids": [],
        "via": {
            "channel": ("email", "web", "email", "api")[number % 4],
            "source": {"from": {}, "to": {}, "rel": None},
        },
        "satisfaction_rating": _rating(facts),
        "created_at": iso_z(facts["created"]),
        "updated_at": iso_z(facts["updated"]),
        "generated_timestamp": facts["updated"],
    }


def _span(start: int, stop: int, unit: int) -> Record:
    if stop < 0:
        return {"calendar": None, "business": None}
    total = (stop - start) // unit
    return {"calendar": total, "business": total // 3}


def metric_record(facts: Record) -> Record:
    """Return the metrics of a ticket; a merged one was never answered."""
    number, created = facts["id"], facts["created"]
    replied = -1 if facts["is_silent"] else facts["replied"]
    solved = facts["solved"]
    done = iso_z(solved) if solved >= 0 else None
    touched = iso_z(facts["updated"])
    return {
        "id": 7_000_000 + number,
        "ticket_id": number,
        "url": f"{_HOST}/ticket_metrics/{7_000_000 + number}.json",
        "group_stations": 1,
        "assignee_stations": 1 + number % 2,
        "reopens": int(is_reopened(facts)),
        "replies": 0 if replied < 0 else 1 + number % 4,
        "reply_time_in_minutes": _span(created, replied, 60),
        "reply_time_in_seconds": _span(created, replied, 1),
        "first_resolution_time_in_minutes": _span(created, solved, 60),
        "full_resolution_time_in_minutes": _span(created, solved, 60),
        "agent_wait_time_in_minutes": _span(replied, solved, 240),
        "requester_wait_time_in_minutes": _span(created, solved, 90),
        "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
        "initially_assigned_at": iso_z(created + 60),
        "assigned_at": iso_z(created + 60),
        "assignee_updated_at": touched,
        "requester_updated_at": iso_z(created),
        "status_updated_at": touched,
        "latest_comment_added_at": done or touched,
        "solved_at": done,
        "created_at": iso_z(created),
        "updated_at": touched,
        "generated_timestamp": facts["updated"],
        "_ab_updated_at": facts["updated"],
    }


def rating_record(facts: Record, first: int, last: int) -> Record:
    """Return the satisfaction rating of a ticket, first given and last changed."""
    number = facts["id"]
    return {
        "id": 9_000_000 + number,
        "url": f"{_HOST}/satisfaction_ratings/{9_000_000 + number}.json",
        "ticket_id": number,
        "requester_id": facts["requester_id"],
        "assignee_id": facts["assignee_id"],
        "group_id": 360001,
        "score": "good" if facts["score"] else "bad",
        "reason": None if facts["score"] else "Some other reason",
        "reason_id": None,
        "comment": "Thank you" if number % 6 == 0 and facts["score"] else None,
        "created_at": iso_z(first),
        "updated_at": iso_z(last),
    }
