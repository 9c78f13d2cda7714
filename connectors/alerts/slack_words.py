"""What Slack's error codes mean, and what to do about each."""

import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.web import SlackResponse

from connectors.alerts.channel import NotSentError, UnknownOutcomeError, wait_before_next
from warehouse.errors import CopilotError

_HINTS = {
    "invalid_auth": "SLACK_BOT_TOKEN is not a token of this workspace: copy it from the app again.",
    "not_authed": "SLACK_BOT_TOKEN is empty.",
    "account_inactive": "The app was removed from the workspace, or its user deactivated.",
    "token_revoked": "Install the app again and set the new SLACK_BOT_TOKEN.",
    "token_expired": "Set a SLACK_BOT_TOKEN that does not expire, or renew it.",
    "missing_scope": "Give the app the scope and install it again.",
    "channel_not_found": "Is the route's channel right? A private one must have the app in it.",
    "not_in_channel": "Type /invite and the app's name in the channel.",
    "is_archived": "The channel is archived: name another in the route.",
    "users_not_found": "Nobody in the workspace has the owner's address; name `otherwise`.",
    "restricted_action": "The workspace lets only some people post there.",
}
# Without these no other message can go out either.
_STOPPING = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "ekm_access_denied", "enterprise_is_restricted", "org_login_required", "no_permission",
        "team_access_not_granted", "two_factor_setup_required", "access_denied",
    }
)  # fmt: skip
# Slack: "some aspect of the operation" may have succeeded.
_PERHAPS_DONE = frozenset({"fatal_error", "internal_error"})
_CODE = re.compile(r"[a-z][a-z0-9_]*")


class NotInChannelError(NotSentError):
    """The app is not a member of the channel."""


class UserNotFoundError(NotSentError):
    """Nobody in the workspace has this address."""


_KINDS = {"not_in_channel": NotInChannelError, "users_not_found": UserNotFoundError}


def wait_asked(response: SlackResponse) -> float | None:
    """Return for how many seconds Slack asks to wait; None if it does not."""
    if response.status_code != 429:
        return None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return wait_before_next(headers.get("retry-after"))


def error_of(response: SlackResponse) -> CopilotError:
    """Return what an answer that is not ok means for the message."""
    data: Mapping[str, Any] = response.data if isinstance(response.data, dict) else {}
    code = str(data.get("error", ""))
    if response.status_code != 200 or not _CODE.fullmatch(code) or code in _PERHAPS_DONE:
        said = code if _CODE.fullmatch(code) else "no readable answer"
        return UnknownOutcomeError(
            f"Slack failed (HTTP {response.status_code}, {said}).",
            "The next pass reads back whether the message arrived.",
        )
    return refusal(code, data)


def refusal(code: str, data: Mapping[str, Any]) -> NotSentError:
    """Return the error of a code by which Slack refuses a message."""
    needed = f" (needed: {data['needed']})" if data.get("needed") else ""
    details = (data.get("response_metadata") or {}).get("messages") or []
    said = f"; {'; '.join(map(str, details))[:300]}" if details else ""
    kind = _KINDS.get(code, NotSentError)
    return kind(
        f"Slack refused: {code}{needed}{said}",
        _HINTS.get(code, ""),
        stops_channel=code in _STOPPING,
    )
