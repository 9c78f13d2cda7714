"""Zendesk's audits: what changed of a ticket, when, and to what.

They tell the road to the ticket's present state: priorities that were raised, tickets that were
solved and opened again, ratings that were changed. Nothing is drawn; the ticket's number decides.
"""

from connectors.sources.sample_company.simulation.records import Record
from connectors.sources.sample_company.simulation.timeline import SECONDS_A_DAY, iso_z

Change = tuple[str, str | None]
"""A field and its new value."""


def is_reopened(facts: Record) -> bool:
    """Return whether a ticket was solved, opened again and solved again."""
    return bool(facts["id"] % 17 == 0 and facts["solved"] >= 0 and facts["replied"] >= 0)


def is_rerated(facts: Record) -> bool:
    """Return whether a rating, good by now, was bad at first."""
    return bool(facts["id"] % 23 == 3 and facts["score"] == 1)


def first_rated(facts: Record, last: int) -> int:
    """Return when a ticket got its first rating."""
    return int(min(facts["solved"] + 3600 * (1 + facts["id"] % 40), last))


def last_rated(facts: Record, last: int) -> int:
    """Return when a ticket got the rating that it has now."""
    first = first_rated(facts, last)
    return min(first + 2 * SECONDS_A_DAY, last) if is_rerated(facts) else first


def audit_records(facts: Record, last: int) -> list[tuple[int, Record]]:
    """Return a ticket's audits with their times, in order; `facts` are those of `Desk`."""
    known: dict[str, str | None] = {}
    audits = []
    for place, (moment, changes) in enumerate(_history(facts, last)):
        audits.append((moment, _audit(facts, place, moment, changes, known)))
        known |= dict(changes)
    return audits


def _history(facts: Record, last: int) -> list[tuple[int, list[Change]]]:
    created, replied, solved = facts["created"], facts["replied"], facts["solved"]
    raised = facts["priority"] in ("high", "urgent") and facts["id"] % 4 == 1 and replied >= 0
    first = "normal" if raised else facts["priority"]
    steps: list[tuple[int, list[Change]]] = [(created, [("status", "new"), ("priority", first)])]
    if raised:
        steps.append(((created + replied) // 2, [("priority", facts["priority"])]))
    if replied >= 0:
        waiting = facts["status"] if solved < 0 else ("open", "pending")[facts["id"] % 2]
        steps.append((replied, [("status", waiting)]))
    if is_reopened(facts):
        third = (solved - replied) // 3
        steps.append((replied + third, [("status", "solved")]))
        steps.append((replied + 2 * third, [("status", "open")]))
    if solved >= 0:
        offered = [("satisfaction_score", "offered")] if facts["score"] >= 0 else []
        steps.append((solved, [("status", "solved"), *offered]))
    if 0 <= facts["closed"] <= last:
        steps.append((facts["closed"], [("status", "closed")]))
    if facts["score"] >= 0:
        steps += _ratings(facts, last)
    return sorted(steps, key=lambda step: step[0])


def _ratings(facts: Record, last: int) -> list[tuple[int, list[Change]]]:
    final = "good" if facts["score"] else "bad"
    if not is_rerated(facts):
        return [(first_rated(facts, last), [("satisfaction_score", final)])]
    return [
        (first_rated(facts, last), [("satisfaction_score", "bad")]),
        (last_rated(facts, last), [("satisfaction_score", final)]),
    ]


def _audit(
    facts: Record, place: int, moment: int, changes: list[Change], known: dict[str, str | None]
) -> Record:
    identifier = 5_000_000_000 + facts["id"] * 20 + place
    events = [
        {"id": identifier * 10 + number, "field_name": field, "value": value}
        | ({"type": "Create"} if place == 0 else _was(known.get(field)))
        for number, (field, value) in enumerate(changes)
        if value != known.get(field)
    ]
    return {
        "id": identifier,
        "ticket_id": facts["id"],
        "author_id": facts["assignee_id"] if place else facts["requester_id"],
        "events": events,
        "metadata": {"system": {}, "custom": {}},
        "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
        "attachments": [],
        "created_at": iso_z(moment),
    }


def _was(value: str | None) -> Record:
    return {"type": "Change", "previous_value": value}
