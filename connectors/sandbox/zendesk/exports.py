"""Incremental exports: what changed since a time, by cursor or by time."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, RefusedError
from connectors.sandbox.zendesk import errors
from connectors.sandbox.zendesk.desk import Desk, seconds
from connectors.sandbox.zendesk.paging import again, decode, encode, listing, whole

_LARGEST = 1000


def changed_at(collection: str, record: Record) -> int:
    """Return the time by which a record is exported, in seconds since 1970."""
    if collection == "tickets":
        return int(record["generated_timestamp"])
    name = {"ticket_audits": "created_at", "ticket_metric_events": "time"}
    return seconds(record[name.get(collection, "updated_at")])


def by_cursor(collection: str) -> Handler:
    """Return the handler of ``incremental/<collection>/cursor``."""

    def handle(call: Call) -> Answer:
        desk: Desk = call.vendor
        rows = _ready(call, collection)
        cursor = call.param("cursor")
        if cursor:
            after = _position(cursor)
            rows = [row for row in rows if _key(collection, row) > after]
        else:
            start = _start_time(call, 400, "StartTimeTooRecent")
            rows = [row for row in rows if changed_at(collection, row) >= start]
        if collection == "tickets" and call.param("exclude_deleted") == "true":
            rows = [row for row in rows if row["status"] != "deleted"]
        page = rows[: _size(call)]
        last = _cursor(_key(collection, page[-1])) if page else cursor or None
        return Answer(
            {
                collection: [desk.shown(collection, row, call.base_url) for row in page],
                "after_url": _next(call, last) if last else None,
                "after_cursor": last,
                "before_url": None,
                "before_cursor": None,
                "end_of_stream": len(page) == len(rows),
            }
        )

    return handle


def by_time(collection: str, name: str = "") -> Handler:
    """Return the handler of ``incremental/<collection>``, whose pages may overlap."""

    def handle(call: Call) -> Answer:
        start = _start_time(call, 422, "InvalidValue")
        rows = [row for row in _ready(call, collection) if changed_at(collection, row) >= start]
        if any(key.startswith("page[") for key, _ in call.query):
            return Answer(_paged(call, collection, rows))
        page = rows[: _size(call)]
        end = changed_at(collection, page[-1]) if page else None
        return Answer(
            {
                name or collection: _shown(call, collection, name, page),
                "count": len(page),
                "end_of_stream": len(page) == len(rows),
                "end_time": end,
                "next_page": again(call, start_time=end) if end is not None else None,
            }
        )

    def _shown(call: Call, collection: str, name: str, page: Sequence[Record]) -> list[Record]:
        if name == "ticket_events":
            is_full = "comment_events" in call.param("include")
            return [_ticket_event(audit, is_full=is_full) for audit in page]
        return [call.vendor.shown(collection, row, call.base_url) for row in page]

    def _paged(call: Call, collection: str, rows: Sequence[Record]) -> dict[str, Any]:
        desk: Desk = call.vendor
        return listing(
            call,
            collection,
            rows,
            lambda row: desk.shown(collection, row, call.base_url),
            desk.settings["page_size"],
            "time" if collection == "ticket_metric_events" else "updated_at",
        )

    return handle


def _ready(call: Call, collection: str) -> list[Record]:
    """Return the records, oldest change first, without those of the last minute."""
    desk: Desk = call.vendor
    newest = desk.clock.unix() - desk.settings["export_delay_seconds"]
    rows = [row for row in desk.each(collection) if changed_at(collection, row) <= newest]
    return sorted(rows, key=lambda row: _key(collection, row))


def _key(collection: str, row: Record) -> tuple[int, int]:
    return changed_at(collection, row), int(row["id"])


def _size(call: Call) -> int:
    desk: Desk = call.vendor
    wanted = whole(call, "per_page", _LARGEST, least=1)
    return min(wanted, _LARGEST, desk.settings["export_page_size"])


def _start_time(call: Call, status: int, kind: str) -> int:
    if not call.param("start_time"):
        raise errors.invalid_attribute("start_time", "must be present")
    start = whole(call, "start_time", 0)
    if start > call.vendor.clock.unix() - call.vendor.settings["export_delay_seconds"]:
        text = "Too recent start_time. Use a start_time older than 60 seconds"
        raise RefusedError(status, errors.body(kind, text))
    return start


def _cursor(key: tuple[int, int]) -> str:
    return encode(f"{key[0]}.0||{key[1]}|")


def _position(cursor: str) -> tuple[int, int]:
    try:
        moment, record_id = decode(cursor).rstrip("|").split("||")
        return int(float(moment)), int(record_id)
    except ValueError as error:
        raise errors.invalid_attribute("cursor", "the cursor is not valid") from error


def _next(call: Call, cursor: str) -> str:
    kept = tuple(pair for pair in call.query if pair[0] != "start_time")
    moved = Call(**{**vars(call), "query": kept})
    return again(moved, cursor=cursor)


def _ticket_event(audit: Record, *, is_full: bool) -> Record:
    """Return an audit as the export of ticket events shows it."""
    children = [_child(event, audit) for event in audit["events"]]
    return {
        "id": audit["id"],
        "ticket_id": audit["ticket_id"],
        "timestamp": seconds(audit["created_at"]),
        "created_at": audit["created_at"],
        "updater_id": audit["author_id"],
        "via": "Web service",
        "system": audit["metadata"].get("system", {}),
        "metadata": {},
        "event_type": "Audit",
        "child_events": [c for c in children if is_full or c["event_type"] != "Comment"],
    }


def _child(event: Mapping[str, Any], audit: Record) -> Record:
    child: Record = {
        "id": event.get("id"),
        "via": "Web service",
        "via_reference_id": None,
        "event_type": event["type"],
    }
    if "field_name" in event:
        child[str(event["field_name"])] = event.get("value")
        child["previous_value"] = event.get("previous_value")
        return child
    rest = {key: value for key, value in event.items() if key not in {"type", "id"}}
    return {**child, **rest, "created_at": audit["created_at"]}
