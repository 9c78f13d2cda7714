"""A Pipedrive company: its records, fields, users, and how much its API may be used."""

import copy
import datetime as dt
import math
import secrets
import time
from collections import defaultdict, deque
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.pipedrive import errors
from connectors.sandbox.pipedrive.costs import SEARCH, cost_of
from connectors.sandbox.pipedrive.entities import ENTITIES
from connectors.sandbox.pipedrive.fieldtypes import FIELD_LISTS, standard_fields

WINDOW = 2.0  # seconds, of the burst limit
ABUSE_SECONDS = 60.0
_BEGINNING = "2020-01-01T00:00:00Z"
_ACTIVITY_TYPES = ("call", "meeting", "task", "deadline", "email", "lunch")
_STAGES = ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")


class Company(Vendor):
    """One Pipedrive company, and the user whose token the callers have."""

    name: ClassVar[str] = "pipedrive"
    hosts: ClassVar[str] = r"[a-z0-9-]+\.pipedrive\.com"
    collections: ClassVar[tuple[str, ...]] = (
        *sorted(ENTITIES), "activityTypes", "pipelines", "stages", "users", *FIELD_LISTS
    )  # fmt: skip

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self._last_ids: dict[str, int] = defaultdict(int)
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._refusals: deque[float] = deque()
        self._today, self.used_tokens = dt.date.min, 0
        for list_name in FIELD_LISTS:
            for field in standard_fields(list_name):
                self.put(list_name, field["field_code"], field)
        self._furnish()

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make the API token of a user, as the settings show it."""
        return {"api_token": secrets.token_hex(20)}

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return the limits of ten seats of the Premium plan."""
        return {
            "requests_per_two_seconds": 100,
            "searches_per_two_seconds": 10,
            "tokens_per_day": 30_000 * 5 * 10,
            "refusals_before_blocking": 100,
            "custom_fields": 500,
        }

    def _furnish(self) -> None:
        """Give the company what each begins with: a user, activity types, a pipeline."""
        self.seed(
            "users", {"id": 1, "name": "API User", "email": "api@example.com", "is_you": True}
        )
        for number, name in enumerate(_ACTIVITY_TYPES, 1):
            self.seed("activityTypes", {"id": number, "key_string": name})
        self.seed("pipelines", {"id": 1, "name": "Pipeline"})
        for number, name in enumerate(_STAGES, 1):
            self.seed("stages", {"id": number, "name": name, "order_nr": number, "pipeline_id": 1})

    # -- records -----------------------------------------------------------------------------

    def now(self) -> str:
        """Return the present as version 2 writes it."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def put(self, collection: str, key: str, record: Record) -> Record:
        """Keep a record."""
        self.records[collection][key] = record
        number = record.get("id")
        if isinstance(number, int):
            self._last_ids[collection] = max(self._last_ids[collection], number)
        for option in record.get("options") or ():
            if isinstance(option["id"], int):
                self._last_ids["options"] = max(self._last_ids["options"], option["id"])
        self.touch(collection, key)
        return record

    def restore(self, section: str, key: str, value: Any) -> None:
        """Take a record that a file kept."""
        self.put(section, key, value)

    def new_id(self, collection: str) -> int:
        """Return the next record's id."""
        self._last_ids[collection] += 1
        return self._last_ids[collection]

    def find(self, collection: str, key: object) -> Record | None:
        """Return a record, deleted or not; None if there never was one."""
        return self.records[collection].get(str(key))

    def living(self, collection: str, key: object) -> Record | None:
        """Return a record that is not deleted; None if there is none."""
        found = self.find(collection, key)
        return None if found is None or found.get("is_deleted") else found

    def seed(self, collection: str, record: Record) -> Record:
        """Take a record as it is, in version 2's form (users: version 1's)."""
        if collection in FIELD_LISTS:
            made = {"is_custom_field": True, "options": None, **record}
            made.setdefault("id", self.new_id(collection))
            return self.put(collection, str(made["field_code"]), made)
        defaults = ENTITIES[collection].defaults if collection in ENTITIES else _OTHERS[collection]
        dated = {} if collection == "users" else {"add_time": _BEGINNING, "update_time": _BEGINNING}
        made = {**copy.deepcopy(dict(defaults)), **dated, **record}
        if collection == "activityTypes":
            made = {"name": made["key_string"].capitalize(), **made}
        return self.put(collection, str(made["id"]), made)

    @property
    def me(self) -> Record:
        """The user whose token the callers have."""
        return self.records["users"]["1"]

    # -- who may call, and how often ---------------------------------------------------------

    def error_body(self, status: int) -> Any:
        """Return Pipedrive's body for an HTTP status."""
        return errors.of_status(status)

    def admit(self, call: Call) -> dict[str, str]:
        """Check the token, the burst limit and the day's tokens; spend what the call costs."""
        given = call.headers.get("x-api-token") or call.param("api_token") or bearer(call)
        if not given or not same(given, self.credentials["api_token"]):
            raise RefusedError(401, errors.of_status(401), {"x-401-by-gw": "true"})
        if _within(self._refusals, ABUSE_SECONDS) >= self.settings["refusals_before_blocking"]:
            raise errors.blocked()
        today = self.clock.now().date()
        if today != self._today:
            self._today, self.used_tokens = today, 0
        is_search = SEARCH.search(call.url_path) is not None
        calls = self._searches if is_search else self._calls
        unit = "searches" if is_search else "requests"
        most, daily = self.settings[f"{unit}_per_two_seconds"], self.settings["tokens_per_day"]
        is_over = _within(calls, WINDOW) >= most
        cost = cost_of(call.method, call.url_path)
        if is_over or self.used_tokens + cost > daily:
            self._refusals.append(time.monotonic())
            raise RefusedError(429, errors.of_status(429), self._told(calls, most, daily))
        calls.append(time.monotonic())
        self.used_tokens += cost
        return self._told(calls, most, daily)

    def _told(self, calls: deque[float], most: int, daily: int) -> dict[str, str]:
        reset = WINDOW - (time.monotonic() - calls[0]) if calls else WINDOW
        return {
            "x-ratelimit-limit": str(most),
            "x-ratelimit-remaining": str(max(0, most - len(calls))),
            "x-ratelimit-reset": str(max(1, math.ceil(reset))),
            "x-daily-ratelimit-token-limit": str(daily),
            "x-daily-ratelimit-token-remaining": str(max(0, daily - self.used_tokens)),
        }


_OTHERS: dict[str, Record] = {
    "users": {
        "name": "",
        "email": "",
        "default_currency": "EUR",
        "locale": "en_US",
        "lang": 1,
        "phone": None,
        "activated": True,
        "last_login": "2020-01-01 00:00:00",
        "created": "2020-01-01 00:00:00",
        "modified": "2020-01-01 00:00:00",
        "has_created_company": False,
        "active_flag": True,
        "timezone_name": "Etc/UTC",
        "timezone_offset": "+00:00",
        "role_id": 1,
        "icon_url": None,
        "is_admin": 0,
        "is_you": False,
        "is_deleted": False,
    },
    "activityTypes": {"order_nr": 1, "icon_key": "task", "color": None, "is_custom_flag": False},
    "pipelines": {
        "name": "Pipeline",
        "order_nr": 1,
        "is_deleted": False,
        "is_deal_probability_enabled": False,
    },
    "stages": {
        "name": "",
        "order_nr": 1,
        "is_deleted": False,
        "deal_probability": 100,
        "pipeline_id": 1,
        "is_deal_rot_enabled": False,
        "days_to_rotten": None,
    },
}


def _within(times: deque[float], seconds: float) -> int:
    while times and time.monotonic() - times[0] >= seconds:
        times.popleft()
    return len(times)
