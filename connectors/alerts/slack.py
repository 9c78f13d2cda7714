"""Slack, by its official client: chat.postMessage, and reading back what was posted."""

import http.client
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from connectors.alerts import slack_words as words
from connectors.alerts.channel import (
    NO_OWNER,
    Address,
    NoReadBackError,
    NotSentError,
    UnknownOutcomeError,
)
from connectors.alerts.message import Message
from connectors.alerts.slack_blocks import blocks_of, fallback_of
from warehouse.alert_settings import OWNER
from warehouse.errors import CopilotError

EVENT_TYPE = "copilot_alert"
_URL = "https://slack.com/api/"
_TIMEOUT_SECONDS = 20
_PACE_SECONDS = 1.0  # Slack: about one message a second a channel
_LONGEST_WAIT_SECONDS = 30.0
_TRIES = 3
_PAGE = 200
_NEVER_REACHED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class SlackChannel:
    """Posts as the app whose bot token is given.

    Parameters
    ----------
    environment : mapping
        ``SLACK_BOT_TOKEN``; ``SLACK_API_URL`` only where Slack is not at slack.com.
    pace : float
        Seconds between two messages to one conversation.
    sleep : callable
        Waits for so many seconds.

    Raises
    ------
    CopilotError
        No token is set.
    """

    name = "slack"

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        pace: float = _PACE_SECONDS,
        timeout: int = _TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        token = environment.get("SLACK_BOT_TOKEN", "").strip()
        if not token:
            raise CopilotError(
                "SLACK_BOT_TOKEN is not set, so nothing can be sent to Slack.",
                "Set it in the environment; README.md says which scopes the app needs.",
            )
        url = environment.get("SLACK_API_URL", "").strip() or _URL
        # The client's own handlers would post a second time when a connection breaks. Its logger
        # would write down whose address was looked up.
        self._client = WebClient(
            token, url, timeout, retry_handlers=[], logger=logging.Logger("slack", logging.CRITICAL)
        )
        if urlsplit(url).hostname in {"127.0.0.1", "localhost"}:
            self._client.proxy = None  # the client knows no exceptions from HTTPS_PROXY
        self._pace, self._sleep = pace, sleep
        self._last: dict[str, float] = {}
        self._users: dict[str, str] = {}
        self._me: str | None = None

    def send(self, message_id: str, address: Address, message: Message) -> str:
        """Post a message once; return ``channel/ts``."""
        target = self._target(address)
        self._keep_pace(target)
        posted = self._post(target, message_id, message)
        return f"{posted['channel']}/{posted['ts']}"

    def find(self, message_id: str, address: Address, since: float) -> str | None:
        """Look for a message among those of its conversation, by its metadata."""
        try:
            channel = self._conversation(address)
            history = self._pages(
                "messages",
                self._client.conversations_history,
                channel=channel,
                oldest=f"{since:.6f}",
                include_all_metadata=True,
            )
            for posted in history:
                metadata = posted.get("metadata")
                if metadata is None and posted.get("user") == self._own_user():
                    # All our messages have some; what cannot be seen is not "not there".
                    raise NotSentError("The app may not read metadata: metadata.message:read.")
                if ((metadata or {}).get("event_payload") or {}).get("message_id") == message_id:
                    return f"{channel}/{posted['ts']}"
        except NotSentError as error:
            if error.stops_channel:
                raise
            raise NoReadBackError(error.what, error.hint) from error
        return None

    def check(self) -> str:
        """Return in words as whom messages are posted, and with which scopes."""
        answer = self._ask(self._client.auth_test)
        scopes = {name.lower(): value for name, value in answer.headers.items()}
        given = str(scopes.get("x-oauth-scopes", ""))
        return f"{answer['user']} in {answer['team']}, scopes: {given or 'not told'}"

    def _target(self, address: Address) -> str:
        if address.to != OWNER:
            return address.to
        user = self._user(address.owner) if address.owner else None
        if user is None and address.otherwise is None:
            raise NotSentError(*NO_OWNER)
        return user or str(address.otherwise)

    def _user(self, email: str) -> str | None:
        if email not in self._users:
            try:
                found = self._ask(self._client.users_lookupByEmail, email=email)
            except words.UserNotFoundError:
                return None
            self._users[email] = found["user"]["id"]
        return self._users[email]

    def _conversation(self, address: Address) -> str:
        """Return the id of a conversation: history knows no names and no people."""
        target = self._target(address)
        if target.startswith(("U", "W")):
            return str(self._ask(self._client.conversations_open, users=target)["channel"]["id"])
        return self._channel_id(target)

    def _channel_id(self, name: str) -> str:
        if not name.startswith("#"):
            return name
        channels = self._pages(
            "channels",
            self._client.conversations_list,
            exclude_archived=True,
            types="public_channel,private_channel",
        )
        for channel in channels:
            if channel["name"] == name.removeprefix("#"):
                return str(channel["id"])
        raise words.refusal("channel_not_found", {})

    def _pages(
        self, what: str, method: Callable[..., SlackResponse], **arguments: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield what is on all pages of a list."""
        cursor: dict[str, str] = {}
        while True:
            page = self._ask(method, limit=_PAGE, **arguments, **cursor)
            yield from page[what]
            following = (page.get("response_metadata") or {}).get("next_cursor")
            if not following:
                return
            cursor = {"cursor": following}

    def _own_user(self) -> str:
        if self._me is None:
            self._me = str(self._ask(self._client.auth_test)["user_id"])
        return self._me

    def _post(self, target: str, message_id: str, message: Message) -> SlackResponse:
        content: dict[str, Any] = {
            "channel": target,
            "text": fallback_of(message),
            "blocks": blocks_of(message),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"message_id": message_id}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            return self._call(self._client.chat_postMessage, **content)
        except words.NotInChannelError:
            # A public channel may be entered by whoever has the scope for it.
            self._ask(self._client.conversations_join, channel=self._channel_id(target))
            return self._call(self._client.chat_postMessage, **content)

    def _ask(self, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Call what posts nothing: without an answer nothing has been sent."""
        try:
            return self._call(method, **arguments)
        except UnknownOutcomeError as error:
            raise NotSentError(error.what, stops_channel=True) from error

    def _call(self, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        for left in range(_TRIES - 1, -1, -1):
            try:
                return method(**arguments)
            except SlackApiError as error:
                wait = words.wait_asked(error.response)
                if wait is None:
                    raise words.error_of(error.response) from error
                if not left or wait > _LONGEST_WAIT_SECONDS:
                    raise NotSentError(
                        "Slack asks to slow down (429).",
                        "It is sent with the next pass.",
                        wait_seconds=wait,
                        stops_channel=True,
                    ) from error
                self._sleep(wait)
            except _BROKEN as error:
                raise _broken(error) from error
        raise AssertionError("each try returns or raises")

    def _keep_pace(self, target: str) -> None:
        due = self._last.get(target, -self._pace) + self._pace
        wait = due - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._last[target] = time.monotonic()


def _broken(error: Exception) -> CopilotError:
    """Return what a broken connection means; its own words may name addresses."""
    cause = error.reason if isinstance(error, URLError) else error
    kind = type(cause).__name__
    if isinstance(cause, _NEVER_REACHED):
        return NotSentError(
            f"Slack cannot be reached ({kind}).",
            "Is the way to slack.com open from here?",
            stops_channel=True,
        )
    return UnknownOutcomeError(
        f"Slack gave no usable answer ({kind}).", "The next pass reads back whether it arrived."
    )
