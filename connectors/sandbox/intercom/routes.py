"""Intercom's addresses: lists, searches, the scroll over companies, single records."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, route
from connectors.sandbox.intercom import changes, errors
from connectors.sandbox.intercom.paging import ordered, page, pagination_of, size_of
from connectors.sandbox.intercom.search import matches
from connectors.sandbox.intercom.workspace import Scroll, Workspace

_MOST = 150
_SCROLLED = 100


def routes(workspace: Workspace) -> list[BaseRoute]:
    """Return all addresses; those with a fixed name stand before those with an id."""
    table: dict[str, Mapping[str, Handler]] = {
        "me": {"GET": _me},
        "admins": {"GET": _all("admins")},
        "admins/activity_logs": {"GET": _activity_logs},
        "admins/{id}": {"GET": _one("admins")},
        "tags": {"GET": _all("tags"), "POST": changes.tag},
        "tags/{id}": {"GET": _one("tags")},
        "teams": {"GET": _all("teams")},
        "teams/{id}": {"GET": _one("teams")},
        "segments": {"GET": _all("segments")},
        "segments/{id}": {"GET": _one("segments")},
        "data_attributes": {"GET": _data_attributes},
        "companies": {"GET": _companies, "POST": changes.put_company},
        "companies/list": {"POST": _company_list, "GET": _company_list},
        "companies/scroll": {"GET": _scroll},
        "companies/{id}": {
            "GET": _one("companies"),
            "PUT": changes.update("companies"),
            "DELETE": changes.delete("companies"),
        },
        "companies/{id}/contacts": {"GET": _contacts_of_company},
        "companies/{id}/segments": {"GET": _segments_of_company},
        "contacts": {"GET": _list("contacts", 50), "POST": changes.create_contact},
        "contacts/search": {"POST": _search("contacts", 50)},
        "contacts/merge": {"POST": changes.merge},
        "contacts/find_by_external_id/{external_id}": {"GET": _by_external_id},
        "contacts/{id}": {
            "GET": _one("contacts"),
            "PUT": changes.update("contacts"),
            "DELETE": changes.delete("contacts"),
        },
        "contacts/{id}/companies": {"GET": _companies_of_contact, "POST": changes.attach},
        "contacts/{id}/companies/{company_id}": {"DELETE": changes.detach},
        "conversations": {"GET": _list("conversations", 20)},
        "conversations/search": {"POST": _search("conversations", 20)},
        "conversations/{id}": {
            "GET": _one("conversations"),
            "PUT": changes.update("conversations"),
            "DELETE": changes.delete("conversations"),
        },
        "conversations/{id}/reply": {"POST": changes.reply},
        "conversations/{id}/parts": {"POST": changes.manage},
    }
    return [route(workspace, f"/{path}", handlers) for path, handlers in table.items()]


def _one(collection: str) -> Handler:
    def get(call: Call) -> Answer:
        workspace: Workspace = call.vendor
        record = workspace.find(collection, call.path["id"])
        return Answer(workspace.shown(collection, record, is_whole=True))

    return get


def _all(collection: str) -> Handler:
    """Return the handler of a list that comes whole."""
    own = {"admins": "admins", "teams": "teams", "segments": "segments"}.get(collection, "data")
    kind = "list" if own == "data" else f"{collection[:-1]}.list"

    def get(call: Call) -> Answer:
        workspace: Workspace = call.vendor
        rows = [workspace.shown(collection, row) for row in workspace.each(collection)]
        return Answer({"type": kind, own: rows})

    return get


def _answer(
    call: Call, collection: str, rows: list[Record], pages: dict[str, Any], total: int
) -> Answer:
    workspace: Workspace = call.vendor
    is_plain = collection != "conversations"
    shown = [workspace.shown(collection, row) for row in rows]
    return Answer(
        {
            "type": "list" if is_plain else "conversation.list",
            "data" if is_plain else "conversations": shown,
            "pages": pages,
            "total_count": total,
        }
    )


def _list(collection: str, default: int) -> Handler:
    def get(call: Call) -> Answer:
        cap = call.vendor.settings["page_size"]
        size = size_of(call.param("per_page"), default, _MOST, cap)
        rows = ordered(list(call.vendor.each(collection)), "created_at", descending=True)
        cursor = call.param("starting_after")
        shown, pages = page(rows, size, cursor, "created_at", descending=True)
        return _answer(call, collection, shown, pages, len(rows))

    return get


def _search(collection: str, default: int) -> Handler:
    by_day = collection == "contacts"

    def post(call: Call) -> Answer:
        body = call.json_object()
        wanted = pagination_of(body)
        size = size_of(wanted.get("per_page"), default, _MOST, call.vendor.settings["page_size"])
        found = [
            row
            for row in call.vendor.each(collection)
            if matches(row, body.get("query"), by_day=by_day)
        ]
        sort = body.get("sort") or {}
        field = sort.get("field", "created_at")
        descending = sort.get("order", "descending").startswith("desc")
        rows = ordered(found, field, descending=descending)
        cursor = wanted.get("starting_after")
        shown, pages = page(rows, size, cursor, field, descending=descending)
        return _answer(call, collection, shown, pages, len(rows))

    return post


def _companies(call: Call) -> Answer:
    """Answer ``GET /companies``: one company by name or own id, or those of a tag or segment."""
    workspace: Workspace = call.vendor
    for field in ("company_id", "name"):
        if call.param(field):
            for row in workspace.each("companies"):
                if row[field] == call.param(field):
                    return Answer(workspace.shown("companies", row))
            raise errors.refuse(404, "company_not_found", "Company Not Found")
    for field, part in (("tag_id", "tags"), ("segment_id", "segments")):
        if call.param(field):
            rows = [
                row
                for row in workspace.each("companies")
                if call.param(field) in {item["id"] for item in row[part][part]}
            ]
            return _numbered(call, rows)
    return _company_list(call)


def _company_list(call: Call) -> Answer:
    """Answer the list of companies that have people, the last active first."""
    rows = [row for row in call.vendor.each("companies") if row["user_count"]]
    descending = call.param("order", "desc") != "asc"
    return _numbered(call, ordered(rows, "last_request_at", descending=descending))


def _numbered(call: Call, rows: list[Record]) -> Answer:
    """Return a page of companies by its number."""
    size = size_of(call.param("per_page"), 15, 60, call.vendor.settings["page_size"])
    given = call.param("page", "1")
    if not given.isdigit() or int(given) < 1:
        raise errors.invalid("page must be a number")
    number, total = int(given), -(-len(rows) // size)
    following = {"page": number + 1} if number < total else None
    pages = {
        "type": "pages",
        "next": following,
        "page": number,
        "per_page": size,
        "total_pages": total,
    }
    return _answer(call, "companies", rows[(number - 1) * size : number * size], pages, len(rows))


def _scroll(call: Call) -> Answer:
    """Answer the scroll: one at a time, forgotten when it ends or is not used for a minute."""
    workspace: Workspace = call.vendor
    now, open_one = time.monotonic(), workspace.scroll
    if open_one and now - open_one.used_at > workspace.settings["scroll_seconds"]:
        open_one = workspace.scroll = None
    param = call.param("scroll_param")
    if not param:
        if open_one:
            message = "scroll already exists for this workspace"
            raise errors.refuse(400, "scroll_exists", message)
        ids = [row["id"] for row in workspace.each("companies")]
        open_one = Scroll(secrets.token_hex(16), ids, now)
    elif open_one is None or param != open_one.param:
        raise errors.refuse(404, "not_found", "scroll parameter not found")
    size = min(_SCROLLED, workspace.settings["page_size"])
    shown, rest = open_one.ids[:size], open_one.ids[size:]
    workspace.scroll = Scroll(open_one.param, rest, now) if shown else None
    companies = workspace.records["companies"]
    return Answer(
        {
            "type": "list",
            "data": [workspace.shown("companies", companies[i]) for i in shown if i in companies],
            "pages": None,
            "total_count": None,
            "scroll_param": open_one.param,
        }
    )


def _contacts_of_company(call: Call) -> Answer:
    company = call.vendor.find("companies", call.path["id"])
    rows = [row for row in call.vendor.each("contacts") if company["id"] in changes.companies(row)]
    size = size_of(call.param("per_page"), 50, _MOST, call.vendor.settings["page_size"])
    shown, pages = page(
        ordered(rows, "created_at", descending=True),
        size,
        call.param("starting_after"),
        "created_at",
        descending=True,
    )
    return _answer(call, "contacts", shown, pages, len(rows))


def _segments_of_company(call: Call) -> Answer:
    company = call.vendor.find("companies", call.path["id"])
    return Answer({"type": "list", "data": company["segments"]["segments"]})


def _companies_of_contact(call: Call) -> Answer:
    contact = call.vendor.find("contacts", call.path["id"])
    known = call.vendor.records["companies"]
    rows = [known[i] for i in changes.companies(contact) if i in known]
    pages = {"type": "pages", "page": 1, "per_page": 50, "total_pages": 1}
    return _answer(call, "companies", rows, pages, len(rows))


def _by_external_id(call: Call) -> Answer:
    for row in call.vendor.each("contacts"):
        if row["external_id"] == call.path["external_id"]:
            return Answer(call.vendor.shown("contacts", row))
    raise errors.refuse(404, "not_found", "User Not Found")


def _data_attributes(call: Call) -> Answer:
    model = call.param("model")
    rows = [row for row in call.vendor.each("data_attributes") if model in ("", row["model"])]
    return Answer({"type": "list", "data": rows})


def _activity_logs(call: Call) -> Answer:
    after = int(call.param("created_at_after", "0"))
    before = int(call.param("created_at_before") or 1 << 62)
    logs = list(call.vendor.each("activity_logs"))
    rows = [row for row in logs if after <= row["created_at"] <= before]
    pages = {"type": "pages", "next": None, "page": 1, "per_page": 20, "total_pages": 1}
    return Answer({"type": "activity_log.list", "pages": pages, "activity_logs": rows})


def _me(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    admins = list(workspace.each("admins"))
    admin = admins[0] if admins else workspace.seed("admins", {"name": "Owner"})
    app = {"type": "app", "id_code": workspace.credentials["app_id"], "timezone": "UTC"}
    return Answer({**workspace.shown("admins", admin), "email_verified": True, "app": app})
