"""A Zendesk account: its records, who may call, and how often."""

import copy
import datetime as dt
import secrets
import time
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import basic, bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.zendesk import errors
from connectors.sandbox.zendesk.defaults import DEFAULTS

_FIRST_ID = 360_000_000_001
_UNTIMED = frozenset({"ticket_metric_events"})


def timestamp(moment: dt.datetime) -> str:
    """Return a time as Zendesk writes it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> int:
    """Return the seconds since 1970 of a time with an offset or ``Z``."""
    return int(dt.datetime.fromisoformat(text).timestamp())


class Desk(Vendor):
    """One account of Zendesk Support."""

    name: ClassVar[str] = "zendesk"
    hosts: ClassVar[str] = r"[a-z0-9-]+\.zendesk\.com"
    collections: ClassVar[tuple[str, ...]] = tuple(sorted(DEFAULTS))

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self._last_id = _FIRST_ID
        self._minute = 0
        self._used: dict[str, int] = {}

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make an API token with its user, and an OAuth access token."""
        return {
            "subdomain": "standin",
            "email": "integration@copilot.example",
            "api_token": secrets.token_urlsafe(30),
            "access_token": secrets.token_hex(32),
        }

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return Zendesk's page sizes, and the limits of the Enterprise plan."""
        return {
            "page_size": 100,
            "export_page_size": 1000,
            "requests_per_minute": 700,
            "exports_per_minute": 10,
            "export_delay_seconds": 60,
        }

    def error_body(self, status: int) -> Any:
        """Return Zendesk's body for an HTTP status."""
        return errors.of_status(status)

    def admit(self, call: Call) -> dict[str, str]:
        """Check the credentials and the rate; return the rate's headers."""
        user, password = basic(call)
        is_token = same(user, f"{self.credentials['email']}/token") and same(
            password, self.credentials["api_token"]
        )
        if not is_token and not same(bearer(call), self.credentials["access_token"]):
            raise RefusedError(401, errors.of_status(401))
        now = int(time.time())
        if now // 60 != self._minute:
            self._minute, self._used = now // 60, {}
        left = 60 - now % 60
        if "/incremental/" in call.url_path:
            limit = self.settings["exports_per_minute"]
            if self._count("exports") > limit:
                raise errors.too_many(left, errors.TOO_MANY_EXPORTS)
        limit = self.settings["requests_per_minute"]
        used = self._count("all")
        if used > limit:
            raise errors.too_many(left)
        return {
            "X-Rate-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(limit - used),
            "Ratelimit-Limit": str(limit),
            "Ratelimit-Remaining": str(limit - used),
            "Ratelimit-Reset": str(left),
        }

    def _count(self, what: str) -> int:
        self._used[what] = self._used.get(what, 0) + 1
        return self._used[what]

    def now(self) -> str:
        """Return the present as Zendesk writes it."""
        return timestamp(self.clock.now())

    def new_id(self) -> int:
        """Return an id that no record has yet."""
        self._last_id += 1
        return self._last_id

    def seed(self, collection: str, record: Record) -> Record:
        """Take a record as it is; a ticket gets metrics of its own unless they are seeded too."""
        now = self.now()
        given = {"id": self.new_id(), **copy.deepcopy(DEFAULTS[collection]), **record}
        if collection in _UNTIMED:
            given.setdefault("time", now)
        else:
            given.setdefault("created_at", now)
            if collection != "ticket_audits":
                given.setdefault("updated_at", given["created_at"])
        self._last_id = max(self._last_id, given["id"])
        if collection == "tickets":
            given.setdefault("generated_timestamp", seconds(given["updated_at"]))
            self._measure(given)
        if collection == "ticket_metrics":
            self._forget_metrics(given["ticket_id"])
        self.records[collection][str(given["id"])] = given
        return given

    def _measure(self, ticket: Record) -> None:
        if self.metrics_of(ticket["id"]) is None:
            times = {name: ticket[name] for name in ("created_at", "updated_at")}
            self.seed("ticket_metrics", {"ticket_id": ticket["id"], **times})

    def _forget_metrics(self, ticket_id: int) -> None:
        known = self.metrics_of(ticket_id)
        if known is not None:
            del self.records["ticket_metrics"][str(known["id"])]

    def metrics_of(self, ticket_id: int) -> Record | None:
        """Return the metrics of a ticket."""
        for record in self.each("ticket_metrics"):
            if record["ticket_id"] == ticket_id:
                return record
        return None

    def find(self, collection: str, record_id: str) -> Record:
        """Return a living record.

        Raises
        ------
        RefusedError
            404 if there is none.
        """
        record = self.records[collection].get(record_id.removesuffix(".json"))
        if record is None or not is_living(collection, record):
            raise errors.missing()
        return record

    def living(self, collection: str) -> list[Record]:
        """Return the records that lists show."""
        return [record for record in self.each(collection) if is_living(collection, record)]

    def shown(self, collection: str, record: Record, base_url: str) -> Record:
        """Return a record as answers hold it, with its own address."""
        address = f"{base_url}/api/v2/{collection}/{record['id']}.json"
        if collection in {"ticket_audits", "ticket_metric_events"}:
            return copy.deepcopy(record)
        return copy.deepcopy({"url": address, **record})


def is_living(collection: str, record: Record) -> bool:
    """Say whether a record is neither deleted nor switched off."""
    if collection == "tickets":
        return bool(record["status"] != "deleted")
    if collection == "users":
        return bool(record["active"])
    return not (record.get("deleted_at") or record.get("deleted"))
