"""The audits of all tickets, with Zendesk's older kind of cursor, and a ticket's comments."""

from typing import Any

from connectors.sandbox.common.vendor import Answer, Call, Record
from connectors.sandbox.zendesk import errors
from connectors.sandbox.zendesk.desk import Desk, seconds
from connectors.sandbox.zendesk.paging import again, decode, encode, listing, whole

_LARGEST = 1000


def all_audits(call: Call) -> Answer:
    """Answer ``ticket_audits``: the newest first page, older ones behind ``before_url``.

    The list takes ``limit`` and ``cursor``, or ``page[size]`` as other lists do.
    """
    desk: Desk = call.vendor
    rows = sorted(desk.each("ticket_audits"), key=_key)
    if any(key.startswith("page[") for key, _ in call.query):
        cap = desk.settings["page_size"]
        return Answer(listing(call, "audits", rows, dict, cap, "created_at"))
    size = min(whole(call, "limit", _LARGEST, least=1), _LARGEST, desk.settings["page_size"])
    is_older, bound = _bound(call)
    if bound is not None and not is_older:
        page = [row for row in rows if _key(row) > bound][:size]
    else:
        page = [row for row in rows if bound is None or _key(row) < bound][-size:]
    before, after = (_key(page[0]), _key(page[-1])) if page else (None, None)
    if call.param("sort_order", "desc") == "desc":
        page = page[::-1]
    has_older = before is not None and any(_key(row) < before for row in rows)
    return Answer(
        {
            "audits": [desk.shown("ticket_audits", row, call.base_url) for row in page],
            **_link(call, "before", before if has_older else None, "|{0}.0|{1}|"),
            **_link(call, "after", after, "{0}.0||{1}|"),
        }
    )


def _key(row: Record) -> tuple[int, int]:
    return seconds(row["created_at"]), int(row["id"])


def _link(call: Call, name: str, key: tuple[int, int] | None, form: str) -> dict[str, Any]:
    cursor = encode(form.format(*key)) if key else None
    return {
        f"{name}_url": again(call, cursor=cursor) if cursor else None,
        f"{name}_cursor": cursor,
    }


def _bound(call: Call) -> tuple[bool, tuple[int, int] | None]:
    """Return whether older audits are wanted, and than which."""
    cursor = call.param("cursor")
    if not cursor:
        return True, None
    try:
        text = decode(cursor)
        moment, record_id = [part for part in text.split("|") if part]
        return text.startswith("|"), (int(float(moment)), int(record_id))
    except ValueError as error:
        raise errors.invalid_attribute("cursor", "the cursor is not valid") from error


def comments_of(call: Call) -> Answer:
    """Answer ``tickets/{id}/comments`` from the ticket's audits."""
    desk: Desk = call.vendor
    ticket = desk.find("tickets", call.path["id"])
    rows = [
        {**event, "audit_id": audit["id"], "created_at": audit["created_at"], "via": audit["via"]}
        for audit in desk.each("ticket_audits")
        if audit["ticket_id"] == ticket["id"]
        for event in audit["events"]
        if event["type"] == "Comment"
    ]
    return Answer(listing(call, "comments", rows, dict, desk.settings["page_size"], "created_at"))
