"""A workflow that posts what its webhook receives into a channel of Teams."""

import secrets
import time
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor

_WORDS = {
    400: ("TriggerInputSchemaMismatch", "The input body did not match its schema definition."),
    401: ("AuthorizationFailed", "The authentication credentials are not valid."),
    404: ("WorkflowTriggerIsNotEnabled", "The workflow was not found, or is switched off."),
    413: ("RequestEntityTooLarge", "The request is larger than the limit."),
    429: ("TooManyRequests", "The rate of requests is above the limit."),
}


def refusal(status: int, message: str = "", headers: dict[str, str] | None = None) -> RefusedError:
    """Return a refusal in the form of the workflow's host."""
    code, words = _WORDS.get(status, ("InternalServerError", "Something went wrong."))
    return RefusedError(status, {"error": {"code": code, "message": message or words}}, headers)


class Tenant(Vendor):
    """One workflow with its webhook; whoever has its address may post."""

    name: ClassVar[str] = "teams"
    hosts: ClassVar[str] = r"[a-z0-9.-]+\.(?:logic\.azure|powerplatform)\.com"
    collections: ClassVar[tuple[str, ...]] = ("cards",)

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self._requests: list[float] = []

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make the webhook's path and signature."""
        workflow, sig = secrets.token_hex(16), secrets.token_urlsafe(32)
        path = (
            f"/workflows/{workflow}/triggers/manual/paths/invoke"
            f"?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={sig}"
        )
        return {"webhook_path": path, "workflow": workflow, "sig": sig}

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return Teams' limits; ``is_enabled`` 0 switches the workflow off."""
        return {"requests_per_second": 4, "largest_bytes": 28 * 1024, "is_enabled": 1}

    @property
    def webhook_path(self) -> str:
        """The webhook's address below the host; a secret."""
        return self.credentials["webhook_path"]

    def error_body(self, status: int) -> Any:
        """Return the host's body for an HTTP status."""
        return refusal(status).payload

    def admit(self, call: Call) -> dict[str, str]:
        """Check the signature, whether the workflow is on, and the rate."""
        if call.path.get("workflow") != self.credentials["workflow"]:
            raise refusal(404)
        if not same(call.param("sig"), self.credentials["sig"]):
            raise refusal(401)
        if not self.settings["is_enabled"]:
            raise refusal(404)
        now = time.monotonic()
        self._requests = [at for at in self._requests if now - at < 1]
        if len(self._requests) >= self.settings["requests_per_second"]:
            raise refusal(429, headers={"Retry-After": "1"})
        self._requests.append(now)
        return {}

    def seed(self, collection: str, record: Record) -> Record:
        """Take a card."""
        whole = {"id": secrets.token_hex(8), "at": self.clock.now().isoformat(), **record}
        self.records[collection][whole["id"]] = whole
        self.touch(collection, whole["id"])
        return whole
