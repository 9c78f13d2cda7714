"""A Slack workspace: people, conversations, messages, and what the app may do."""

import secrets
import time
from typing import Any, ClassVar

from connectors.sandbox.common.credentials import bearer, same
from connectors.sandbox.common.vendor import Call, Record, RefusedError, Vendor
from connectors.sandbox.slack.arguments import arguments_of

# What an app that posts alerts may be given; each is a setting, 1 or 0.
SCOPES = (
    "chat:write", "chat:write.public", "channels:read", "groups:read", "channels:join",
    "channels:history", "groups:history", "im:history", "im:write", "users:read",
    "users:read.email", "metadata.message:read",
)  # fmt: skip
_UNGIVEN = frozenset({"chat:write.public"})


def failure(error: str, status: int = 200, **more: Any) -> RefusedError:
    """Return a refusal as Slack sends it: HTTP 200, and ``ok`` is false."""
    return RefusedError(status, {"ok": False, "error": error, **more})


class Workspace(Vendor):
    """One workspace in which one app with a bot user is installed."""

    name: ClassVar[str] = "slack"
    hosts: ClassVar[str] = r"slack\.com"
    collections: ClassVar[tuple[str, ...]] = ("channels", "users", "messages")

    def __init__(self, credentials: dict[str, str] | None = None) -> None:
        super().__init__(credentials)
        self.bot: Record = self.seed("users", {"id": "U0COPILOT01", "name": "copilot"})
        self.bot |= {"is_bot": True}
        self._last_ts = 0
        self._posted: dict[str, list[float]] = {}

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make a bot token and the id of the team."""
        token = f"xoxb-{secrets.randbelow(10**12):012d}-{secrets.token_urlsafe(24)}"
        return {"bot_token": token, "team_id": "T0STANDIN01"}

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return Slack's limits, and the scopes that the app was given."""
        scopes = {scope: int(scope not in _UNGIVEN) for scope in SCOPES}
        return {"messages_per_second": 1, "burst": 3, "page_size": 1_000, **scopes}

    def error_body(self, status: int) -> Any:
        """Return Slack's body for an HTTP status."""
        named = {429: "ratelimited", 404: "unknown_method", 503: "service_unavailable"}
        return {"ok": False, "error": named.get(status, "internal_error")}

    def not_found(self) -> RefusedError:
        """Return the answer to a method that does not exist."""
        return failure("unknown_method")

    @property
    def scopes(self) -> list[str]:
        """The scopes that the app has."""
        return [scope for scope in SCOPES if self.settings[scope]]

    def admit(self, call: Call) -> dict[str, str]:
        """Check the token; return the headers that name the app's scopes."""
        given = bearer(call) or str(arguments_of(call).get("token", ""))
        if not given:
            raise failure("not_authed")
        if not same(given, self.credentials["bot_token"]):
            raise failure("invalid_auth")
        return {"X-OAuth-Scopes": ",".join(self.scopes), "X-Slack-Req-Id": secrets.token_hex(16)}

    def require_scope(self, *scopes: str) -> None:
        """Refuse unless the app has one of the scopes."""
        if not set(scopes) & set(self.scopes):
            raise failure("missing_scope", needed=scopes[0], provided=",".join(self.scopes))

    def seed(self, collection: str, record: Record) -> Record:
        """Take a record with Slack's fields for what it leaves out."""
        letter = {"channels": "C", "users": "U", "messages": "M"}[collection]
        whole = {"id": f"{letter}0{secrets.token_hex(4).upper()}", **record}
        if collection == "channels":
            self._complete_channel(whole)
        if collection == "users":
            whole.setdefault("profile", {})
            whole |= {"deleted": whole.get("deleted", False), "is_bot": whole.get("is_bot", False)}
        self.records[collection][whole["id"]] = whole
        self.touch(collection, whole["id"])
        return whole

    def _complete_channel(self, channel: Record) -> None:
        for name in ("is_private", "is_archived", "is_im", "is_member"):
            channel.setdefault(name, False)
        channel.setdefault("name", channel["id"].lower())
        channel |= {"is_channel": not channel["is_im"], "created": self.clock.unix()}

    def direct(self, user: Record) -> Record:
        """Return the conversation of the bot with a person, opened if it was not."""
        for channel in self.each("channels"):
            if channel.get("user") == user["id"]:
                return channel
        opened = {"id": f"D0{secrets.token_hex(4).upper()}", "is_im": True, "is_member": True}
        return self.seed("channels", {**opened, "user": user["id"]})

    def channel(self, given: str) -> Record:
        """Return a conversation by id or name, or the one with a person by theirs.

        Raises
        ------
        RefusedError
            There is none, or the bot does not see it.
        """
        user = self.records["users"].get(given)
        if user is not None and not user["deleted"]:
            return self.direct(user)
        wanted = given.removeprefix("#")
        for channel in self.each("channels"):
            if given == channel["id"] or (wanted == channel["name"] and not channel["is_im"]):
                if channel["is_private"] and not channel["is_member"]:
                    break
                return channel
        raise failure("channel_not_found")

    def next_ts(self) -> str:
        """Return the time stamp of a message, which no other has."""
        now = int(self.clock.exact().timestamp() * 1_000_000)
        self._last_ts = max(now, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def admit_message(self, channel: str) -> None:
        """Count a message against the limit of its conversation: bursts are let through."""
        rate, burst = self.settings["messages_per_second"], self.settings["burst"]
        window = burst / rate
        now = time.monotonic()
        recent = [at for at in self._posted.get(channel, []) if now - at < window]
        if len(recent) >= burst:
            raise RefusedError(429, self.error_body(429), {"Retry-After": "1"})
        self._posted[channel] = [*recent, now]
