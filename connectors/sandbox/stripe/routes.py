"""Stripe's addresses: lists and retrieval, and where changes are sent."""

from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, route
from connectors.sandbox.stripe import changes, errors
from connectors.sandbox.stripe.account import EVENT_DAYS, Account, nested_rows, noun
from connectors.sandbox.stripe.expand import expand
from connectors.sandbox.stripe.lists import PAGING, in_range, only_known, page
from connectors.sandbox.stripe.params import nested

_SAME = {
    "accounts": frozenset[str](),
    "charges": frozenset({"customer", "payment_intent"}),
    "coupons": frozenset[str](),
    "customers": frozenset({"email"}),
    "events": frozenset({"type", "types", "delivery_success"}),
    "invoices": frozenset({"collection_method", "customer", "status", "subscription"}),
    "prices": frozenset({"active", "currency", "product", "type"}),
    "products": frozenset({"active", "ids"}),
    "refunds": frozenset({"charge", "payment_intent"}),
    "subscriptions": frozenset({"collection_method", "customer", "price", "status"}),
    "tax_rates": frozenset({"active"}),
}
_MOST_TYPES = 20


def routes(account: Account) -> list[BaseRoute]:
    """Return the addresses under ``/v1``."""
    found: list[BaseRoute] = []
    for collection in _SAME:
        base = f"/v1/{collection}"
        found.append(route(account, base, _on_list(collection)))
        found.append(route(account, f"{base}/{{id}}", _on_object(collection)))
    for action in ("finalize", "pay", "void", "mark_uncollectible"):
        handlers: Mapping[str, Handler] = {"POST": changes.invoice_action(action)}
        found.append(route(account, f"/v1/invoices/{{id}}/{action}", handlers))
    return [
        *found,
        route(account, "/v1/account", {"GET": _own_account}),
        route(account, "/v1/invoices/{id}/lines", {"GET": _invoice_lines}),
        route(account, "/v1/subscription_items", {"GET": _subscription_items}),
    ]


def _on_list(collection: str) -> dict[str, Handler]:
    def get(call: Call) -> Answer:
        return _list(call, collection)

    handlers: dict[str, Handler] = {"GET": get}
    if collection in changes.CREATED:
        handlers["POST"] = changes.create(collection)
    return handlers


def _on_object(collection: str) -> dict[str, Handler]:
    def get(call: Call) -> Answer:
        return _retrieve(call, collection)

    handlers: dict[str, Handler] = {"GET": get}
    if collection in changes.CHANGED:
        handlers["POST"] = changes.update(collection)
    if collection in changes.DELETED:
        handlers["DELETE"] = changes.delete(collection)
    return handlers


def _list(call: Call, collection: str) -> Answer:
    account: Account = call.vendor
    wanted = nested(call.query)
    filters = _SAME[collection]
    only_known(wanted, PAGING | filters | {"created"})
    rows = [row for row in account.ordered(collection) if _fits(account, collection, row, wanted)]
    return _page(call, rows, wanted, f"/v1/{collection}", collection)


def _fits(account: Account, collection: str, row: Record, wanted: Mapping[str, Any]) -> bool:
    if "created" in wanted and not in_range(row, "created", wanted["created"]):
        return False
    if collection == "events":
        return _event_fits(account, row, wanted)
    if collection == "subscriptions" and not _subscription_fits(row, wanted):
        return False
    if "ids" in wanted and row["id"] not in wanted["ids"]:
        return False
    return all(
        _text(row.get(name)) == wanted[name]
        for name in _SAME[collection] & wanted.keys() - {"ids", "price"}
        if (collection, name) != ("subscriptions", "status")
    )


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _subscription_fits(row: Record, wanted: Mapping[str, Any]) -> bool:
    status = wanted.get("status")
    if "price" in wanted and all(
        (item.get("price") or {}).get("id") != wanted["price"]
        for item in nested_rows("subscriptions", row)
    ):
        return False
    if status is None:
        return bool(row.get("status") != "canceled")
    if status == "ended":
        return row.get("status") in {"canceled", "incomplete_expired"}
    return bool(status == "all" or row.get("status") == status)


def _event_fits(account: Account, row: Record, wanted: Mapping[str, Any]) -> bool:
    if row["created"] < account.clock.unix() - EVENT_DAYS * 86_400:
        return False
    if "type" in wanted and "types" in wanted:
        raise errors.invalid("You may only specify one of these parameters: type, types.")
    types = wanted.get("types", [])
    if len(types) > _MOST_TYPES:
        raise errors.invalid(f"You may specify up to {_MOST_TYPES} types.", param="types")
    own, kind = str(row["type"]), str(wanted.get("type", "*"))
    is_kind = own.startswith(kind[:-1]) if kind.endswith("*") else own == kind
    return is_kind and (not types or own in types)


def _page(
    call: Call, rows: list[Record], wanted: Mapping[str, Any], url: str, collection: str
) -> Answer:
    account: Account = call.vendor
    answer = page(rows, wanted, url, noun(collection), account.settings["page_size"])
    answer["data"] = [account.shown(collection, row) for row in answer["data"]]
    return Answer(expand(answer, _paths(wanted), account.find))


def _paths(wanted: Mapping[str, Any]) -> list[str]:
    paths = wanted.get("expand", [])
    if not isinstance(paths, list):
        raise errors.invalid("Invalid array", param="expand")
    return paths


def _retrieve(call: Call, collection: str) -> Answer:
    account: Account = call.vendor
    wanted = nested(call.query)
    only_known(wanted, frozenset({"expand"}))
    found = account.find(collection, call.path["id"])
    if found is None or (found.get("deleted") and collection != "customers"):
        raise errors.missing(noun(collection), call.path["id"])
    return Answer(expand(found, _paths(wanted), account.find))


def _own_account(call: Call) -> Answer:
    account: Account = call.vendor
    own = {"id": account.credentials["account_id"], "object": "account", "country": "US"}
    return Answer(own | {"default_currency": "usd", "charges_enabled": True, "type": "standard"})


def _invoice_lines(call: Call) -> Answer:
    account: Account = call.vendor
    wanted = nested(call.query)
    only_known(wanted, PAGING)
    invoice = account.records["invoices"].get(call.path["id"])
    if invoice is None or invoice.get("deleted"):
        raise errors.missing("invoice", call.path["id"], param="invoice")
    rows = nested_rows("invoices", invoice)
    return _page(call, rows, wanted, f"/v1/invoices/{invoice['id']}/lines", "line_items")


def _subscription_items(call: Call) -> Answer:
    account: Account = call.vendor
    wanted = nested(call.query)
    only_known(wanted, PAGING | {"subscription"})
    if not wanted.get("subscription"):
        message = "Missing required param: subscription."
        raise errors.invalid(message, code="parameter_missing", param="subscription")
    subscription = account.records["subscriptions"].get(wanted["subscription"])
    if subscription is None:
        raise errors.missing("subscription", wanted["subscription"], param="subscription")
    rows = nested_rows("subscriptions", subscription)
    return _page(call, rows, wanted, "/v1/subscription_items", "subscription_items")
