"""Changes of tickets, users and organizations; a ticket's leave an audit."""

from collections.abc import Callable
from typing import Any

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record
from connectors.sandbox.zendesk.defaults import DEFAULTS, SINGULAR
from connectors.sandbox.zendesk.desk import Desk
from connectors.sandbox.zendesk.errors import invalid_record

_FIXED = frozenset({"id", "url", "created_at", "updated_at", "generated_timestamp", "deleted_at"})
_STATUSES = frozenset({"new", "open", "pending", "hold", "solved", "closed"})
_AUDITED = ("status", "priority", "type", "subject", "assignee_id", "group_id", "organization_id")


def create(collection: str) -> Handler:
    """Return the handler that makes a record."""

    def handle(call: Call) -> Answer:
        desk: Desk = call.vendor
        given = _given(call, collection)
        _check(desk, collection, given, None)
        comment = given.pop("comment", None)
        now = desk.now()
        if collection == "tickets":
            given = _new_ticket(desk, given, comment)
        record = desk.seed(collection, {**given, "created_at": now, "updated_at": now})
        answer: Record = {SINGULAR[collection]: desk.shown(collection, record, call.base_url)}
        if collection == "tickets":
            events = [
                {"type": "Create", "field_name": name, "value": record[name]}
                for name in _AUDITED
                if record[name] is not None
            ]
            answer["audit"] = audit(desk, record, events, comment)
        address = f"{call.base_url}/api/v2/{collection}/{record['id']}.json"
        return Answer(answer, 201, {"Location": address})

    return handle


def _new_ticket(desk: Desk, given: Record, comment: Any) -> Record:
    if not comment and not given.get("description"):
        raise invalid_record("base", "Description: cannot be blank", "BlankValue")
    text = given.get("description") or (comment or {}).get("body")
    requester = given.get("requester_id") or own_user(desk)
    organization = given.get("organization_id")
    if organization is None:
        user = desk.records["users"].get(str(requester), {})
        organization = user.get("organization_id")
    return {
        **given,
        "description": text,
        "raw_subject": given.get("subject"),
        "requester_id": requester,
        "submitter_id": given.get("submitter_id", requester),
        "organization_id": organization,
    }


def own_user(desk: Desk) -> int:
    """Return the id of the user whose credentials are used."""
    for user in desk.living("users"):
        if user["email"] == desk.credentials["email"]:
            return int(user["id"])
    admin = {"email": desk.credentials["email"], "name": "Integration", "role": "admin"}
    return int(desk.seed("users", admin)["id"])


def update(collection: str) -> Handler:
    """Return the handler that changes a record."""

    def handle(call: Call) -> Answer:
        desk: Desk = call.vendor
        record = desk.find(collection, call.path["id"])
        given = _given(call, collection)
        _check(desk, collection, given, record)
        comment = given.pop("comment", None)
        events = _apply(record, given)
        touch(desk, collection, record)
        answer: Record = {}
        if collection == "tickets":
            _measure(desk, record, events)
            answer["audit"] = audit(desk, record, events, comment)
        answer[SINGULAR[collection]] = desk.shown(collection, record, call.base_url)
        return Answer(answer)

    return handle


def _apply(record: Record, given: Record) -> list[Record]:
    """Set what is given; return the changes as an audit tells them."""
    events = [
        {"type": "Change", "field_name": name, "value": value, "previous_value": record.get(name)}
        for name, value in given.items()
        if name in _AUDITED and record.get(name) != value
    ]
    for name, value in given.items():
        is_merged = name in {"organization_fields", "user_fields"}
        record[name] = {**record[name], **value} if is_merged else value
    return events


def touch(desk: Desk, collection: str, record: Record) -> None:
    """Give a record the present as the time of its last change."""
    record["updated_at"] = desk.now()
    if collection == "tickets":
        record["generated_timestamp"] = desk.clock.unix()


def _measure(desk: Desk, ticket: Record, events: list[Record]) -> None:
    """Bring a ticket's metrics up to date."""
    metrics = desk.metrics_of(ticket["id"])
    if metrics is None:
        return
    now = desk.now()
    metrics["updated_at"] = now
    for event in events:
        if event["field_name"] == "status":
            metrics["status_updated_at"] = now
            if event["value"] == "solved":
                metrics["solved_at"] = now
            elif event["previous_value"] in {"solved", "closed"}:
                metrics["reopens"] += 1
                metrics["solved_at"] = None


def audit(desk: Desk, ticket: Record, events: list[Record], comment: Any) -> Record:
    """Record what one update of a ticket changed."""
    author = ticket.get("submitter_id") or own_user(desk)
    told = [{"id": desk.new_id(), **event} for event in events]
    if comment:
        told.append(
            {
                "id": desk.new_id(),
                "type": "Comment",
                "author_id": comment.get("author_id", author),
                "body": comment.get("body", ""),
                "html_body": comment.get("html_body", comment.get("body", "")),
                "plain_body": comment.get("body", ""),
                "public": comment.get("public", True),
                "attachments": [],
            }
        )
    return desk.seed(
        "ticket_audits",
        {
            "ticket_id": ticket["id"],
            "author_id": author,
            "events": told,
            "created_at": desk.now(),
        },
    )


def delete(collection: str) -> Handler:
    """Return the handler that deletes a record softly, as Zendesk does."""
    act = _DELETE[collection]

    def handle(call: Call) -> Answer:
        desk: Desk = call.vendor
        record = desk.find(collection, call.path["id"])
        act(desk, record)
        touch(desk, collection, record)
        if collection == "users":
            return Answer({"user": desk.shown(collection, record, call.base_url)})
        return Answer(status=204)

    return handle


def _delete_ticket(desk: Desk, record: Record) -> None:
    actor = desk.find("users", str(own_user(desk)))
    desk.records["deleted_tickets"][str(record["id"])] = {
        "id": record["id"],
        "subject": record["subject"],
        "description": record["description"],
        "actor": {"id": actor["id"], "name": actor["name"]},
        "deleted_at": desk.now(),
        "previous_state": record["status"],
    }
    record["status"] = "deleted"


def _delete_user(desk: Desk, record: Record) -> None:
    del desk
    record["active"] = False


def _delete_organization(desk: Desk, record: Record) -> None:
    """Delete it, and take its users and tickets out of it."""
    record["deleted_at"] = desk.now()
    for collection in ("users", "tickets"):
        for member in desk.living(collection):
            if member["organization_id"] == record["id"]:
                member["organization_id"] = None
                touch(desk, collection, member)


_DELETE: dict[str, Callable[[Desk, Record], None]] = {
    "tickets": _delete_ticket,
    "users": _delete_user,
    "organizations": _delete_organization,
}


def restore(call: Call) -> Answer:
    """Bring a deleted ticket back."""
    desk: Desk = call.vendor
    stone = desk.records["deleted_tickets"].get(call.path["id"].removesuffix(".json"))
    if stone is None:
        raise call.vendor.not_found()
    ticket = desk.records["tickets"][str(stone["id"])]
    ticket["status"] = stone["previous_state"]
    touch(desk, "tickets", ticket)
    del desk.records["deleted_tickets"][str(stone["id"])]
    return Answer({"ticket": desk.shown("tickets", ticket, call.base_url)})


def _given(call: Call, collection: str) -> Record:
    given = call.json_object().get(SINGULAR[collection])
    if not isinstance(given, dict):
        raise invalid_record("base", f"Parameter {SINGULAR[collection]} is required", "Required")
    known = {*DEFAULTS[collection], "comment"}
    return {name: value for name, value in given.items() if name in known and name not in _FIXED}


def _check(desk: Desk, collection: str, given: Record, record: Record | None) -> None:
    if collection == "tickets":
        if "status" in given and given["status"] not in _STATUSES:
            raise invalid_record("status", f"Status {given['status']} is invalid")
        if record is not None and record["status"] == "closed" and given:
            raise invalid_record("status", "Status: closed prevents ticket update")
        return
    if record is None and not given.get("name"):
        raise invalid_record("name", "Name: cannot be blank", "BlankValue")
    unique = "email" if collection == "users" else "name"
    taken = given.get(unique)
    for other in desk.living(collection):
        if taken and other[unique] == taken and other is not record:
            text = f"{unique.title()}: {taken} is already being used"
            raise invalid_record(unique, text, "DuplicateValue")
