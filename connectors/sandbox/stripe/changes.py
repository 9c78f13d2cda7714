"""Changes of Stripe's objects: each leaves an event with the object as it is afterwards."""

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record
from connectors.sandbox.stripe import errors
from connectors.sandbox.stripe.account import Account, event_prefix, noun
from connectors.sandbox.stripe.expand import expand
from connectors.sandbox.stripe.params import nested, typed

CREATED = frozenset({"customers", "products", "prices", "coupons"})
CHANGED = CREATED | {"subscriptions", "invoices"}
DELETED = frozenset({"customers", "products", "coupons", "subscriptions", "invoices"})
_DEFAULTS: dict[str, Record] = {
    "customers": {"delinquent": False, "email": None, "name": None, "description": None},
    "products": {"active": True, "description": None, "type": "service"},
    "prices": {"active": True, "billing_scheme": "per_unit", "type": "one_time"},
    "coupons": {"duration": "once", "valid": True, "times_redeemed": 0},
}
_REQUIRED = {"products": ("name",), "prices": ("currency",), "customers": (), "coupons": ()}


def create(collection: str) -> Handler:
    """Return the handler that makes an object of a collection."""

    def handle(call: Call) -> Answer:
        account: Account = call.vendor
        given, paths = _given(call)
        for name in _REQUIRED[collection]:
            if name not in given:
                message = f"Missing required param: {name}."
                raise errors.invalid(message, code="parameter_missing", param=name)
        if given.get("id") in account.records[collection]:
            message = f"{noun(collection).title()} already exists."
            raise errors.invalid(message, code="resource_already_exists", param="id")
        record = account.seed(collection, {**_DEFAULTS[collection], **given})
        shown = account.shown(collection, record)
        account.tell(f"{event_prefix(collection)}.created", shown)
        return Answer(expand(shown, paths, account.find))

    return handle


def update(collection: str) -> Handler:
    """Return the handler that changes an object of a collection."""

    def handle(call: Call) -> Answer:
        account: Account = call.vendor
        record = _living(call, collection)
        given, paths = _given(call)
        shown = change(account, collection, record, given)
        return Answer(expand(shown, paths, account.find))

    return handle


def change(
    account: Account, collection: str, record: Record, given: Record, kind: str = "updated"
) -> Record:
    """Change an object, tell of it if anything differs, and return the object as it is shown."""
    previous: Record = {}
    for name, value in given.items():
        wanted = _merged(record.get(name), value) if name == "metadata" else value
        if record.get(name) != wanted:
            previous[name] = _before(record.get(name), wanted, name)
            record[name] = wanted
    shown = account.shown(collection, record)
    if previous or kind != "updated":
        account.tell(f"{event_prefix(collection)}.{kind}", shown, previous)
    return shown


def _before(old: Any, new: Any, name: str) -> Any:
    """Return what an event tells of the value before: of metadata, only the keys that changed."""
    if name != "metadata":
        return copy.deepcopy(old)
    keys = sorted({*old, *new})
    return {key: old.get(key) for key in keys if old.get(key) != new.get(key)}


def _merged(before: Any, given: Any) -> Any:
    """Merge metadata: an empty value takes its key away, an empty text takes all."""
    if given == "" or given is None:
        return {}
    kept = {**(before or {}), **given}
    return {key: value for key, value in kept.items() if value != ""}


def delete(collection: str) -> Handler:
    """Return the handler that deletes an object; a subscription is cancelled."""

    def handle(call: Call) -> Answer:
        account: Account = call.vendor
        record = _living(call, collection)
        if collection == "subscriptions":
            return Answer(_cancel(account, record))
        if collection == "invoices" and record.get("status") != "draft":
            raise errors.invalid("You can only delete draft invoices.")
        account.tell(f"{event_prefix(collection)}.deleted", account.shown(collection, record))
        stone = {"id": record["id"], "object": noun(collection), "deleted": True}
        account.records[collection][record["id"]] = {
            **stone,
            "created": record["created"],
            "__number": record["__number"],
        }
        return Answer(stone)

    return handle


def _cancel(account: Account, record: Record) -> Record:
    if record.get("status") == "canceled":
        raise errors.missing("subscription", record["id"])
    now = account.clock.unix()
    given = {"status": "canceled", "canceled_at": now, "ended_at": now}
    return change(account, "subscriptions", record, given, "deleted")


def invoice_action(action: str) -> Handler:
    """Return the handler of an invoice's step: finalize, pay, void, mark_uncollectible."""
    allowed, made = _STEPS[action]

    def handle(call: Call) -> Answer:
        account: Account = call.vendor
        record = _living(call, "invoices")
        if record.get("status") not in allowed:
            message = f"You can't {action} an invoice whose status is {record.get('status')}."
            raise errors.invalid(message, code="invoice_not_editable")
        given, kind = made(record, account.clock.unix())
        return Answer(change(account, "invoices", record, given, kind))

    return handle


def _times(record: Record, name: str, now: int) -> Record:
    return {**(record.get("status_transitions") or {}), name: now}


def _finalized(record: Record, now: int) -> tuple[Record, str]:
    return {
        "status": "open",
        "status_transitions": _times(record, "finalized_at", now),
    }, "finalized"


def _paid(record: Record, now: int) -> tuple[Record, str]:
    due = record.get("amount_due", 0)
    paid = {"status": "paid", "paid": True, "amount_paid": due, "amount_remaining": 0}
    return {**paid, "status_transitions": _times(record, "paid_at", now)}, "paid"


def _voided(record: Record, now: int) -> tuple[Record, str]:
    return {"status": "void", "status_transitions": _times(record, "voided_at", now)}, "voided"


def _given_up(record: Record, now: int) -> tuple[Record, str]:
    times = _times(record, "marked_uncollectible_at", now)
    return {"status": "uncollectible", "status_transitions": times}, "marked_uncollectible"


_STEPS: dict[str, tuple[frozenset[str], Callable[[Record, int], tuple[Record, str]]]] = {
    "finalize": (frozenset({"draft"}), _finalized),
    "pay": (frozenset({"open", "uncollectible"}), _paid),
    "void": (frozenset({"open", "uncollectible"}), _voided),
    "mark_uncollectible": (frozenset({"open"}), _given_up),
}


def _given(call: Call) -> tuple[Record, list[str]]:
    pairs = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    given = nested([*call.query, *pairs])
    paths = given.pop("expand", [])
    return typed(given), paths if isinstance(paths, list) else [paths]


def _living(call: Call, collection: str) -> Record:
    record: Record | None = call.vendor.records[collection].get(call.path["id"])
    if record is None or record.get("deleted"):
        raise errors.missing(noun(collection), call.path["id"])
    return record
