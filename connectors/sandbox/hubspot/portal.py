"""A HubSpot account: its records, properties, owners, pipelines and limits."""

import datetime as dt
import secrets
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.hubspot import errors, scopes
from connectors.sandbox.hubspot.index import Index
from connectors.sandbox.hubspot.objects import TYPES, ObjectType, find_type
from connectors.sandbox.hubspot.properties import Property, iso, standard_properties, to_text

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
    collections: ClassVar[tuple[str, ...]] = (
        *sorted(TYPES),
        *("owners", "pipelines", "associations", "scopes"),
    )

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
        self.index = Index(self.records, self.properties)
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._today, self._used = dt.date.min, 0
        self._number = _FIRST_ID
        self.source = "INTEGRATION"
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
            "interval_milliseconds": 10_000,
            "requests_per_day": 650_000,
            "searches_per_second": 5,
            "search_lag_seconds": 0,  # HubSpot's is some seconds, and not promised
            "multi_status_updates": 1,  # documented for creations only
        }

    @property
    def portal_id(self) -> int:
        """The account's number."""
        return int(self.credentials["portal_id"])

    @property
    def used_today(self) -> int:
        """Calls counted since midnight."""
        return self._used

    def is_api(self, path: str) -> bool:
        """Say whether an address is one of the API, not of the pages."""
        return super().is_api(path) and path != "/" and not path.startswith("/contacts/")

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
        self.source = call.headers.get("x-sandbox-source", "INTEGRATION")  # or CRM_UI: a person
        token = bearer(call)
        if not token:
            raise RefusedError(401, errors.of_status(401))
        if not same(token, self.credentials["access_token"]):
            words = "The OAuth token used to make this call is invalid or has been revoked."
            raise RefusedError(401, errors.body("INVALID_AUTHENTICATION", words))
        if call.url_path.endswith("/search"):
            self._limit_searches()
            headers = {}  # a search is not told the limits of the other calls
        else:
            headers = self._limit()
        scopes.check(call.method, call.url_path, self.records["scopes"], headers)
        return headers

    def _limit(self) -> dict[str, str]:
        today = self.clock.now().date()
        if today != self._today:
            self._today, self._used = today, 0
        self.touch("counters", "today")
        most, daily = self.settings["requests_per_ten_seconds"], self.settings["requests_per_day"]
        interval = self.settings["interval_milliseconds"]
        recent = _within(self._calls, interval / 1000)
        headers = {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, daily - self._used - 1)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(interval),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - recent - 1)),
        }
        if self._used >= daily:
            raise RefusedError(429, errors.rate_limited("DAILY"), headers)
        if recent >= most:
            wait = max(1, round(interval / 1000 - (time.monotonic() - self._calls[0]) + 0.5))
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
            key = f"{record['objectType']}/{record['id']}"
            self.records[collection][key] = record
            self.touch(collection, key)
            return record
        if collection == "scopes":  # {id, granted}
            self.records[collection][record["id"]] = record
            self.touch(collection, record["id"])
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
        self.touch("owners", made["id"])
        return made

    def _seed_object(self, collection: str, record: Record) -> Record:
        """Take ``{id, createdAt, updatedAt, archived, properties, propertiesWithHistory}``.

        A property without a history of its own has the value since the record was created.
        """
        kind = TYPES[collection]
        created = record.get("createdAt") or self.now()
        updated = record.get("updatedAt") or created
        given = {
            name: None if value is None else to_text(value)
            for name, value in record.get("properties", {}).items()
        }
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
        self.put(kind, made)
        for merged in str(given.get("hs_merged_object_ids") or "").split(";"):
            if merged:
                self.note_merge(kind, merged, made["id"])
        return made

    def _seed_link(self, record: Record) -> Record:
        """Take ``{from: [kind, id], to: [kind, id], types: [number, ...]}``, one way."""
        source = (record["from"][0], str(record["from"][1]))
        target = (record["to"][0], str(record["to"][1]))
        self.links.setdefault(source, {})[target] = set(record["types"])
        self.touch("links", "/".join(source))
        return record

    # -- records, and what outlives the process ----------------------------------------------

    def put(self, kind: ObjectType, record: Record) -> None:
        """Take a record, in the place of one of the same id."""
        old = self.records[kind.name].get(record["id"])
        if old is not None:
            self.index.forget(kind.name, old)
        self.records[kind.name][record["id"]] = record
        self.index.take(kind.name, record)
        self._number = max(self._number, int(record["id"]))
        self.touch(kind.name, record["id"])

    def remove(self, kind: ObjectType, record_id: str) -> None:
        """Forget a record for good."""
        self.index.forget(kind.name, self.records[kind.name].pop(record_id))
        self.touch(kind.name, record_id)

    def note_merge(self, kind: ObjectType, merged: str, into: str) -> None:
        """Note that a record is now another one, under whose id it is answered."""
        key = f"{kind.name}/{merged}"
        self.records["merged"][key] = {"into": into}
        self.touch("merged", key)

    def surviving(self, kind: ObjectType, record_id: str) -> str:
        """Return the id under which a record is answered: its own, if it was not merged."""
        note = self.records["merged"].get(f"{kind.name}/{record_id}")
        return record_id if note is None else self.surviving(kind, str(note["into"]))

    def open_state(self, state: Path) -> None:
        """Take what a file keeps, and keep there what is changed from now on."""
        super().open_state(state)
        for name in TYPES:  # only now are all definitions of properties there
            for record in self.records[name].values():
                self.index.take(name, record)
                self._number = max(self._number, int(record["id"]))

    def kept(self, section: str, key: str) -> Any:
        """Return what is kept of a section's key."""
        kind, _, name = key.partition("/")
        if section == "links":
            found = self.links.get((kind, name), {})
            return [[*other, sorted(types)] for other, types in found.items()]
        if section == "properties":
            spec = self.properties[kind].get(name)
            return None if spec is None else asdict(spec)
        if section == "groups":
            return self.groups[kind].get(name)
        if section == "counters":
            return {"today": self._today.isoformat(), "used": self._used, "number": self._number}
        return super().kept(section, key)

    def restore(self, section: str, key: str, value: Any) -> None:
        """Take what was kept of a section's key."""
        kind, _, name = key.partition("/")
        if section == "links":
            self.links[(kind, name)] = {
                (other, other_id): set(types) for other, other_id, types in value
            }
        elif section == "properties":
            self.properties[kind][name] = Property(**{**value, "options": tuple(value["options"])})
        elif section == "groups":
            self.groups[kind][name] = value
        elif section == "counters":
            self._today, self._used = dt.date.fromisoformat(value["today"]), value["used"]
            self._number = max(self._number, value["number"])
        else:
            super().restore(section, key, value)


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
