"""A Stripe account: its objects, and the events that every change of them leaves."""

import copy
import re
import secrets
import time
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import basic, bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.stripe import errors

API_VERSION = "2022-11-15"
EVENT_DAYS = 30
PREFIX = {
    "accounts": "acct",
    "charges": "ch",
    "coupons": "",
    "customers": "cus",
    "discounts": "di",
    "events": "evt",
    "invoices": "in",
    "payment_intents": "pi",
    "payment_methods": "pm",
    "prices": "price",
    "products": "prod",
    "refunds": "re",
    "subscription_items": "si",
    "subscriptions": "sub",
    "tax_rates": "txr",
}
_NESTED = {"invoices": "lines", "subscriptions": "items"}
_IN_ANSWER = 10
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\w+)?")


def noun(collection: str) -> str:
    """Return what one object of a collection is called."""
    return collection.removesuffix("s")


def event_prefix(collection: str) -> str:
    """Return how the types of a collection's events begin."""
    return "customer.subscription" if collection == "subscriptions" else noun(collection)


class Account(Vendor):
    """One Stripe account in test mode."""

    name: ClassVar[str] = "stripe"
    hosts: ClassVar[str] = r"api\.stripe\.com"
    collections: ClassVar[tuple[str, ...]] = tuple(sorted(PREFIX))

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self._second, self._used = 0, 0
        self._number = 0

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make an account id and a secret key of test mode."""
        return {
            "account_id": f"acct_{secrets.token_hex(8)}",
            "secret_key": f"sk_test_{secrets.token_hex(24)}",
        }

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return Stripe's page size, and its limit of test mode."""
        return {"page_size": 100, "requests_per_second": 25}

    def error_body(self, status: int) -> Any:
        """Return Stripe's body for an HTTP status."""
        return errors.of_status(status)

    def not_found(self) -> RefusedError:
        """Return the answer to an address that does not exist."""
        return RefusedError(404, errors.of_status(404))

    def admit(self, call: Call) -> dict[str, str]:
        """Check the key, the account, the version and the rate."""
        headers = {
            "Request-Id": f"req_{secrets.token_hex(7)}",
            "Stripe-Version": call.headers.get("stripe-version", API_VERSION),
        }
        key = bearer(call) or basic(call)[0]
        if not key:
            raise RefusedError(401, errors.of_status(401), headers)
        if not same(key, self.credentials["secret_key"]):
            shown = f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
            message = f"Invalid API Key provided: {shown}"
            raise RefusedError(401, errors.body("invalid_request_error", message), headers)
        other = call.headers.get("stripe-account") or self.credentials["account_id"]
        if other != self.credentials["account_id"] and other not in self.records["accounts"]:
            message = (
                f"The provided key does not have access to account '{other}' (or that account"
                " does not exist). Application access may have been revoked."
            )
            body = errors.body("invalid_request_error", message, code="account_invalid")
            raise RefusedError(403, body, headers)
        if not _VERSION.fullmatch(headers["Stripe-Version"]):
            raise errors.invalid(f"Invalid Stripe API version: {headers['Stripe-Version']}.")
        self._limit(headers)
        return headers

    def _limit(self, headers: dict[str, str]) -> None:
        second = int(time.time())
        self._used = self._used + 1 if second == self._second else 1
        self._second = second
        if self._used > self.settings["requests_per_second"]:
            limited = {**headers, "Stripe-Rate-Limited-Reason": "global-rate"}
            raise RefusedError(429, errors.of_status(429), limited)

    def new_id(self, collection: str) -> str:
        """Return an id in Stripe's form."""
        return f"{PREFIX[collection]}_{secrets.token_hex(12)}".lstrip("_")

    def seed(self, collection: str, record: Record) -> Record:
        """Take an object as it is; no event tells of it."""
        self._number += 1
        whole = {
            "id": record.get("id") or self.new_id(collection),
            "object": noun(collection),
            "created": self.clock.unix(),
            "livemode": False,
            "metadata": {},
            **record,
        }
        self.records[collection][whole["id"]] = whole
        whole["__number"] = self._number
        return whole

    def ordered(self, collection: str) -> list[Record]:
        """Return the living objects of a collection, newest first."""
        living = [row for row in self.each(collection) if not row.get("deleted")]
        return sorted(living, key=lambda row: (row["created"], row["__number"]), reverse=True)

    def shown(self, collection: str, record: Record) -> Record:
        """Return an object as answers hold it: of a list inside, only the first ten."""
        answer = {name: value for name, value in record.items() if name != "__number"}
        inner = _NESTED.get(collection)
        if inner and not record.get("deleted"):
            answer[inner] = self.nested_list(collection, record)
        return copy.deepcopy(answer)

    def nested_list(self, collection: str, record: Record) -> Record:
        """Return the first page of the list inside an object."""
        rows = nested_rows(collection, record)
        url = (
            f"/v1/subscription_items?subscription={record['id']}"
            if collection == "subscriptions"
            else f"/v1/invoices/{record['id']}/lines"
        )
        size = min(_IN_ANSWER, self.settings["page_size"])
        return {
            "object": "list",
            "data": rows[:size],
            "has_more": len(rows) > size,
            "total_count": len(rows),
            "url": url,
        }

    def find(self, collection: str, object_id: str) -> Record | None:
        """Return an object as it is shown, or None."""
        record = self.records[collection].get(object_id)
        return None if record is None else self.shown(collection, record)

    def tell(self, kind: str, snapshot: Record, previous: Record | None = None) -> Record:
        """Record an event about an object as it is now."""
        data: Record = {"object": snapshot}
        if previous is not None:
            data["previous_attributes"] = previous
        return self.seed(
            "events",
            {
                "api_version": API_VERSION,
                "data": data,
                "pending_webhooks": 0,
                "request": {"id": f"req_{secrets.token_hex(7)}", "idempotency_key": None},
                "type": kind,
            },
        )


def nested_rows(collection: str, record: Record) -> list[Record]:
    """Return all rows of the list inside an invoice or a subscription."""
    inner = record.get(_NESTED[collection]) or []
    return list(inner["data"] if isinstance(inner, dict) else inner)
