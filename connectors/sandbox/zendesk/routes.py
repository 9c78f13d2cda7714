"""Zendesk's addresses under ``/api/v2``, each with or without ``.json``."""

from collections import Counter
from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, route
from connectors.sandbox.zendesk import changes, errors
from connectors.sandbox.zendesk.audits import all_audits, comments_of
from connectors.sandbox.zendesk.defaults import DEFAULTS, SINGULAR
from connectors.sandbox.zendesk.desk import Desk, seconds
from connectors.sandbox.zendesk.exports import by_cursor, by_time
from connectors.sandbox.zendesk.paging import listing, whole

_CHANGED = ("tickets", "users", "organizations")
_LISTED = tuple(name for name in DEFAULTS if name not in {"ticket_audits", "ticket_metric_events"})
_FOUND_BY = {"users": ("external_id", "email", "name"), "organizations": ("external_id", "name")}


def routes(desk: Desk) -> list[BaseRoute]:
    """Return all addresses; those with a fixed name stand before those with an id."""
    table: dict[str, Mapping[str, Handler]] = {
        "account/settings": {"GET": _settings},
        "users/me": {"GET": _me},
        "tags": {"GET": _tags},
        "deleted_tickets": {"GET": _deleted_tickets},
        "deleted_tickets/{id}/restore": {"PUT": changes.restore},
        "ticket_audits": {"GET": all_audits},
        "tickets/{id}/audits": {"GET": _of_ticket("ticket_audits", "audits")},
        "tickets/{id}/comments": {"GET": comments_of},
        "tickets/{id}/metrics": {"GET": _metrics_of_ticket},
        "organizations/{id}/tickets": {"GET": _of("organization_id", "tickets")},
        "organizations/{id}/users": {"GET": _of("organization_id", "users")},
        "users/{id}/tickets/requested": {"GET": _of("requester_id", "tickets")},
        "incremental/tickets/cursor": {"GET": by_cursor("tickets")},
        "incremental/users/cursor": {"GET": by_cursor("users")},
        "incremental/tickets": {"GET": by_time("tickets")},
        "incremental/users": {"GET": by_time("users")},
        "incremental/organizations": {"GET": by_time("organizations")},
        "incremental/ticket_events": {"GET": by_time("ticket_audits", "ticket_events")},
        "incremental/ticket_metric_events": {"GET": by_time("ticket_metric_events")},
    }
    for name in _FOUND_BY:
        table[f"{name}/search"] = {"GET": _search(name)}
    for name in _LISTED:
        table[f"{name}/count"] = {"GET": _count(name)}
        table[f"{name}/show_many"] = {"GET": _show_many(name)}
        table[name] = _on_list(name)
        table[f"{name}/{{id}}"] = _on_record(name)
    return [
        route(desk, f"/api/v2/{path}{ending}", handlers)
        for path, handlers in table.items()
        for ending in (".json", "")
    ]


def _on_list(name: str) -> Mapping[str, Handler]:
    def get(call: Call) -> Answer:
        return page(call, name, _filtered(call, name))

    handlers: dict[str, Handler] = {"GET": get}
    if name in _CHANGED:
        handlers["POST"] = changes.create(name)
    return handlers


def _on_record(name: str) -> Mapping[str, Handler]:
    def get(call: Call) -> Answer:
        desk: Desk = call.vendor
        record = desk.find(name, call.path["id"])
        return Answer({SINGULAR[name]: desk.shown(name, record, call.base_url)})

    handlers: dict[str, Handler] = {"GET": get}
    if name in _CHANGED:
        handlers |= {"PUT": changes.update(name), "DELETE": changes.delete(name)}
    return handlers


def page(call: Call, name: str, rows: Sequence[Record], key: str = "") -> Answer:
    """Return one page of a collection's rows."""
    desk: Desk = call.vendor
    order = "created_at" if name in {"satisfaction_ratings", "ticket_audits"} else "id"
    cap = desk.settings["page_size"]

    def show(row: Record) -> Record:
        return desk.shown(name, row, call.base_url)

    return Answer(listing(call, key or name, rows, show, cap, order))


def _filtered(call: Call, name: str) -> list[Record]:
    rows = call.vendor.living(name)
    if name == "users":
        roles = {value for key, value in call.query if key in {"role", "role[]"}}
        return [row for row in rows if not roles or row["role"] in roles]
    if name != "satisfaction_ratings":
        return list(rows)
    score = call.param("score")
    start = whole(call, "start_time", 0)
    end = whole(call, "end_time", 1 << 62)
    return [
        row
        for row in rows
        if start <= seconds(row["created_at"]) <= end and (not score or _has_score(row, score))
    ]


def _has_score(row: Record, wanted: str) -> bool:
    """Say whether a rating fits ``good``, ``received_with_comment`` and their like."""
    for ending, has_comment in (("_with_comment", True), ("_without_comment", False)):
        if wanted.endswith(ending):
            return bool(row["comment"]) is has_comment and _has_score(
                row, wanted.removesuffix(ending)
            )
    if wanted == "received":
        return row["score"] in {"good", "bad"}
    return bool(row["score"] == wanted)


def _count(name: str) -> Handler:
    def get(call: Call) -> Answer:
        found = {"value": len(_filtered(call, name)), "refreshed_at": call.vendor.now()}
        return Answer({"count": found})

    return get


def _show_many(name: str) -> Handler:
    def get(call: Call) -> Answer:
        wanted = set(call.param("ids").split(","))
        external = set(call.param("external_ids").split(",")) - {""}
        rows = [
            row
            for row in call.vendor.living(name)
            if str(row["id"]) in wanted or row.get("external_id") in external
        ]
        return page(call, name, rows)

    return get


def _search(name: str) -> Handler:
    def get(call: Call) -> Answer:
        rows = call.vendor.living(name)
        query = call.param("query")
        for field in _FOUND_BY[name]:
            if call.param(field):
                found = [row for row in rows if row[field] == call.param(field)]
                return page(call, name, found)
        if not query:
            raise errors.invalid_attribute("query", "must be present")
        kind, _, text = query.rpartition(":")
        fields = [kind] if kind in _FOUND_BY[name] else list(_FOUND_BY[name])
        text = text.strip('"').lower()
        found = [row for row in rows if any(text in str(row[f] or "").lower() for f in fields)]
        return page(call, name, found)

    return get


def _of(field: str, name: str) -> Handler:
    parent = "organizations" if field == "organization_id" else "users"

    def get(call: Call) -> Answer:
        owner = call.vendor.find(parent, call.path["id"])
        return page(
            call, name, [row for row in call.vendor.living(name) if row[field] == owner["id"]]
        )

    return get


def _of_ticket(name: str, key: str) -> Handler:
    def get(call: Call) -> Answer:
        ticket = call.vendor.find("tickets", call.path["id"])
        rows = [row for row in call.vendor.each(name) if row["ticket_id"] == ticket["id"]]
        return page(call, name, rows, key)

    return get


def _metrics_of_ticket(call: Call) -> Answer:
    desk: Desk = call.vendor
    ticket = desk.find("tickets", call.path["id"])
    metrics = desk.metrics_of(ticket["id"])
    if metrics is None:
        raise errors.missing()
    return Answer({"ticket_metric": desk.shown("ticket_metrics", metrics, call.base_url)})


def _deleted_tickets(call: Call) -> Answer:
    rows = list(call.vendor.each("deleted_tickets"))
    cap = call.vendor.settings["page_size"]
    return Answer(listing(call, "deleted_tickets", rows, dict, cap))


def _settings(call: Call) -> Answer:
    del call
    features = {"organization_access_enabled": True, "satisfaction_ratings": True}
    return Answer({"settings": {"active_features": features, "api": {"token_access": True}}})


def _me(call: Call) -> Answer:
    desk: Desk = call.vendor
    user = desk.find("users", str(changes.own_user(desk)))
    return Answer({"user": desk.shown("users", user, call.base_url)})


def _tags(call: Call) -> Answer:
    counts = Counter(tag for ticket in call.vendor.living("tickets") for tag in ticket["tags"])
    rows = [{"id": name, "name": name, "count": n} for name, n in sorted(counts.items())]

    def show(row: Record) -> Record:
        return {"name": row["name"], "count": row["count"]}

    cap = call.vendor.settings["page_size"]
    return Answer(listing(call, "tags", rows, show, cap, "name"))
