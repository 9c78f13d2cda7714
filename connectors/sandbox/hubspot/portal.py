"""A HubSpot account: its records, properties, owners, pipelines and limits."""

import datetime as dt
import secrets
import time
from collections import deque
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import TYPES, ObjectType, find_type
from connectors.sandbox.hubspot.properties import Property, iso, standard_properties

_FIRST_ID = 100_000_000_001
_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2", "false"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4", "false"),
    ("presentationscheduled", "Presentation Scheduled", "0.6", "false"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8", "false"),
    ("contractsent", "Contract Sent", "0.9", "false"),
    ("closedwon", "Closed Won", "1.0", "true"),
    ("closedlost", "Closed Lost", "0.0", "true"),
)
_BEGINNING = "2020-01-01T00:00:00Z"


class Portal(Vendor):
    """One HubSpot account."""

    name: ClassVar[str] = "hubspot"
    hosts: ClassVar[str] = r"api\.hubapi\.com"
    collections: ClassVar[tuple[str, ...]] = (*sorted(TYPES), "owners", "pipelines", "associations")

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self.properties: dict[str, dict[str, Property]] = standard_properties()
        self.groups: dict[str, dict[str, Record]] = {name: {} for name in TYPES}
        for kind in TYPES.values():
            group = f"{kind.singular}information"
            self.groups[kind.name][group] = {
                "name": group,
                "label": f"{kind.singular.capitalize()} information",
                "displayOrder": 0,
                "archived": False,
            }
        self.links: dict[tuple[str, str], dict[tuple[str, str], set[int]]] = {}
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._today, self._used = dt.date.min, 0
        self._number = _FIRST_ID
        self.records["pipelines"]["deals/default"] = default_pipeline()

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make an account id and the access token of a private app."""
        return {
            "portal_id": str(10_000_000 + secrets.randbelow(90_000_000)),
            "access_token": f"pat-na1-{secrets.token_hex(16)}",
        }

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return the limits of an account of the Professional edition."""
        return {
            "requests_per_ten_seconds": 190,
            "requests_per_day": 650_000,
            "searches_per_second": 5,
        }

    @property
    def portal_id(self) -> int:
        """The account's number."""
        return int(self.credentials["portal_id"])

    @property
    def used_today(self) -> int:
        """Calls counted since midnight."""
        return self._used

    def error_body(self, status: int) -> Any:
        """Return HubSpot's body for an HTTP status."""
        return errors.of_status(status)

    def now(self) -> str:
        """Return the present as HubSpot writes it, to the millisecond."""
        return iso(self.clock.exact())

    def new_id(self) -> str:
        """Return the next record's id."""
        self._number += 1
        return str(self._number)

    def kind(self, name: str) -> ObjectType:
        """Return the kind of record that an address names.

        Raises
        ------
        RefusedError
            There is none.
        """
        known = find_type(name)
        if known is None:
            raise errors.invalid(f"Unable to infer object type from: {name}")
        return known

    # -- who may call, and how often ---------------------------------------------------------

    def admit(self, call: Call) -> dict[str, str]:
        """Check the token and the rate."""
        token = bearer(call)
        if not token:
            raise RefusedError(401, errors.of_status(401))
        if not same(token, self.credentials["access_token"]):
            words = "The OAuth token used to make this call is invalid or has been revoked."
            raise RefusedError(401, errors.body("INVALID_AUTHENTICATION", words))
        if call.url_path.endswith("/search"):
            self._limit_searches()
            return {}  # a search is not told the limits of the other calls
        return self._limit()

    def _limit(self) -> dict[str, str]:
        today = self.clock.now().date()
        if today != self._today:
            self._today, self._used = today, 0
        most, daily = self.settings["requests_per_ten_seconds"], self.settings["requests_per_day"]
        recent = _within(self._calls, 10)
        headers = {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, daily - self._used - 1)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - recent - 1)),
        }
        if self._used >= daily:
            raise RefusedError(429, errors.rate_limited("DAILY"), headers)
        if recent >= most:
            wait = max(1, round(10 - (time.monotonic() - self._calls[0]) + 0.5))
            headers |= {"Retry-After": str(wait)}
            raise RefusedError(429, errors.rate_limited("TEN_SECONDLY_ROLLING"), headers)
        self._calls.append(time.monotonic())
        self._used += 1
        return headers

    def _limit_searches(self) -> None:
        if _within(self._searches, 1) >= self.settings["searches_per_second"]:
            raise RefusedError(429, errors.rate_limited("SECONDLY"))
        self._searches.append(time.monotonic())

    # -- seeding -----------------------------------------------------------------------------

    def seed(self, collection: str, record: Record) -> Record:
        """Take a record as it is; see the functions called here for its form."""
        if collection == "associations":
            return self._seed_link(record)
        if collection == "pipelines":
            self.records[collection][f"{record['objectType']}/{record['id']}"] = record
            return record
        if collection == "owners":
            return self._seed_owner(record)
        return self._seed_object(collection, record)

    def _seed_owner(self, record: Record) -> Record:
        made = {
            "type": "PERSON",
            "firstName": "",
            "lastName": "",
            "userId": int(record["id"]),
            "userIdIncludingInactive": int(record["id"]),
            "createdAt": _BEGINNING,
            "updatedAt": _BEGINNING,
            "archived": False,
            "teams": [],
            **record,
        }
        if made["archived"]:
            made["userId"] = None
        self.records["owners"][made["id"]] = made
        return made

    def _seed_object(self, collection: str, record: Record) -> Record:
        """Take ``{id, createdAt, updatedAt, archived, properties, propertiesWithHistory}``.

        A property without a history of its own has the value since the record was created.
        """
        kind = TYPES[collection]
        created = record.get("createdAt") or self.now()
        updated = record.get("updatedAt") or created
        given = {**record.get("properties", {})}
        given |= {"hs_object_id": record["id"], kind.created: created, kind.modified: updated}
        history = {
            name: [_version(value, created)] for name, value in given.items() if value is not None
        }
        history |= {
            name: list(past) for name, past in record.get("propertiesWithHistory", {}).items()
        }
        made: Record = {
            "id": str(record["id"]),
            "properties": given,
            "history": history,
            "createdAt": created,
            "updatedAt": updated,
            "archived": bool(record.get("archived")),
            "archivedAt": record.get("archivedAt"),
        }
        self.records[collection][made["id"]] = made
        self._number = max(self._number, int(made["id"]))
        return made

    def _seed_link(self, record: Record) -> Record:
        """Take ``{from: [kind, id], to: [kind, id], types: [number, ...]}``, one way."""
        source, target = tuple(record["from"]), tuple(record["to"])
        self.links.setdefault((source[0], str(source[1])), {})[(target[0], str(target[1]))] = set(
            record["types"]
        )
        return record


def _version(value: Any, moment: str) -> Record:
    return {"value": value, "timestamp": moment, "sourceType": "CRM_UI", "sourceId": "userId:1"}


def _within(times: deque[float], seconds: float) -> int:
    while times and time.monotonic() - times[0] >= seconds:
        times.popleft()
    return len(times)


def default_pipeline() -> Record:
    """Return the pipeline for deals that every account begins with."""
    stages = [
        {
            "label": label,
            "displayOrder": order,
            "metadata": {"isClosed": is_closed, "probability": probability},
            "id": stage,
            "createdAt": _BEGINNING,
            "updatedAt": _BEGINNING,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for order, (stage, label, probability, is_closed) in enumerate(_STAGES)
    ]
    return {
        "label": "Sales Pipeline",
        "displayOrder": 0,
        "id": "default",
        "objectType": "deals",
        "stages": stages,
        "createdAt": _BEGINNING,
        "updatedAt": _BEGINNING,
        "archived": False,
    }
