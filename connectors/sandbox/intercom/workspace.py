"""An Intercom workspace: its records, who may call, how often, and the open scroll."""

import copy
import secrets
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.intercom import errors
from connectors.sandbox.intercom.defaults import DEFAULTS, HEX_IDS, NOT_FOUND, SINGULAR, SUBLISTS

_VERSIONS = frozenset(
    [f"1.{n}" for n in range(5)] + [f"2.{n}" for n in range(17)] + ["Unstable", "Preview"]
)
_DEFAULT_VERSION = "2.10"
_WINDOW = 10


@dataclass
class Scroll:
    """The scroll over all companies that is open."""

    param: str
    ids: list[str]
    used_at: float


class Workspace(Vendor):
    """One workspace."""

    name: ClassVar[str] = "intercom"
    hosts: ClassVar[str] = r"api\.(?:eu\.|au\.)?intercom\.io"
    collections: ClassVar[tuple[str, ...]] = tuple(sorted(DEFAULTS))

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self.scroll: Scroll | None = None
        self._last_id = 1000
        self._window, self._used = 0, 0

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make an access token."""
        return {
            "access_token": f"dG9rOn{secrets.token_urlsafe(36)}=",
            "app_id": secrets.token_hex(4),
        }

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return Intercom's page size, its limit in ten seconds, and how long a scroll lives."""
        return {"page_size": 150, "requests_per_10_seconds": 1667, "scroll_seconds": 60}

    def error_body(self, status: int) -> Any:
        """Return Intercom's body for an HTTP status."""
        return errors.of_status(status)

    def admit(self, call: Call) -> dict[str, str]:
        """Check the token, the version and the rate; return the rate's headers."""
        if not same(bearer(call), self.credentials["access_token"]):
            raise RefusedError(401, errors.of_status(401))
        version = call.headers.get("intercom-version", _DEFAULT_VERSION)
        limit = self.settings["requests_per_10_seconds"]
        window = int(time.time()) // _WINDOW
        self._used = self._used + 1 if window == self._window else 1
        self._window = window
        headers = {
            "Intercom-Version": version,
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - self._used)),
            "X-RateLimit-Reset": str((window + 1) * _WINDOW),
            "X-Request-Id": secrets.token_hex(10),
        }
        if self._used > limit:
            message = f"Exceeded rate limit of {limit} in 10_seconds"
            raise RefusedError(429, errors.body("rate_limit_exceeded", message), headers)
        if version not in _VERSIONS:
            message = "The requested version could not be found"
            raise RefusedError(400, errors.body("intercom_version_invalid", message), headers)
        return headers

    def new_id(self, collection: str) -> str:
        """Return an id that no record has yet."""
        if collection in HEX_IDS:
            return secrets.token_hex(12)
        self._last_id += 1
        return str(self._last_id)

    def seed(self, collection: str, record: Record) -> Record:
        """Take a record as it is, with Intercom's fields for what it leaves out."""
        now = self.clock.unix()
        whole = {
            "type": SINGULAR[collection],
            "id": str(record.get("id") or self.new_id(collection)),
            **copy.deepcopy(DEFAULTS[collection]),
            **record,
        }
        whole["id"] = str(whole["id"])
        whole.setdefault("created_at", now)
        whole.setdefault("updated_at", whole["created_at"])
        if collection == "companies":
            whole.setdefault("app_id", self.credentials["app_id"])
        if collection == "contacts":
            self._complete_contact(whole)
        if collection == "conversations":
            parts = whole.get("conversation_parts", [])
            rows = parts["conversation_parts"] if isinstance(parts, dict) else parts
            whole["conversation_parts"] = [self._part(part, whole) for part in rows]
        self.records[collection][whole["id"]] = whole
        return whole

    def _complete_contact(self, contact: Record) -> None:
        contact.setdefault("workspace_id", self.credentials["app_id"])
        for name, ending in SUBLISTS.items():
            given = contact.get(name, [])
            if isinstance(given, list):
                url = f"/contacts/{contact['id']}/{ending}"
                contact[name] = sublist([{"type": name[:-1], "id": i} for i in given], url)
        for company in contact["companies"]["data"]:
            company["type"] = "company"
            company["url"] = f"/companies/{company['id']}"

    def _part(self, part: Record, conversation: Record) -> Record:
        moment = part.get("created_at", conversation["updated_at"])
        return {
            "type": "conversation_part",
            "id": str(part.get("id") or self.new_id("conversations")),
            "part_type": "comment",
            "body": None,
            "updated_at": moment,
            "notified_at": moment,
            "assigned_to": None,
            "author": None,
            "attachments": [],
            "external_id": None,
            "redacted": False,
            **part,
            "created_at": moment,
        }

    def add_part(self, conversation: Record, part: Record) -> None:
        """Add a part to a conversation, now."""
        now = self.clock.unix()
        conversation["updated_at"] = now
        conversation["conversation_parts"].append(
            self._part({**part, "created_at": now}, conversation)
        )

    def find(self, collection: str, record_id: str) -> Record:
        """Return a record.

        Raises
        ------
        RefusedError
            404 if there is none.
        """
        record = self.records[collection].get(record_id)
        if record is None:
            code, message = NOT_FOUND.get(collection, ("not_found", "Resource Not Found"))
            raise errors.refuse(404, code, message)
        return record

    def shown(self, collection: str, record: Record, *, is_whole: bool = False) -> Record:
        """Return a record as answers hold it; parts only where one conversation is asked for."""
        answer = copy.deepcopy(record)
        if collection == "conversations":
            parts = answer.pop("conversation_parts")
            if is_whole:
                answer["conversation_parts"] = {
                    "type": "conversation_part.list",
                    "conversation_parts": parts[-500:],
                    "total_count": len(parts),
                }
        return answer


def sublist(rows: list[Record], url: str) -> Record:
    """Return a list inside a contact."""
    return {
        "type": "list",
        "data": rows,
        "url": url,
        "total_count": len(rows),
        "has_more": False,
    }
