"""Microsoft Teams: the webhook of a workflow, which posts an adaptive card to a channel."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from connectors.alerts.channel import (
    Address,
    NoReadBackError,
    NotSentError,
    UnknownOutcomeError,
    wait_before_next,
)
from connectors.alerts.message import Item, Message

_PACE_SECONDS = 0.26  # Teams: four requests a second
_LONGEST_WAIT_SECONDS = 30.0
_TRIES = 3
_MOST_BYTES = 27 * 1024  # Teams: 28 KB, what it adds itself included
_TIMEOUT = httpx.Timeout(20.0)
_HINTS = {
    400: "Does the workflow take adaptive cards? Its trigger is `When a Teams webhook request is"
    " received`.",
    401: "The webhook's address is not valid any more: copy it from the workflow again.",
    403: "The workflow lets only some people post: its trigger must say `Anyone`.",
    404: "The workflow was deleted or switched off.",
    413: "",
}
_STOPPING = frozenset({401, 403, 404, 410})


class TeamsChannel:
    """Posts to the webhooks that the environment names.

    Parameters
    ----------
    environment : mapping
        ``TEAMS_WEBHOOK_URL``, and ``TEAMS_WEBHOOK_URL_<NAME>`` for routes that go ``to`` a name.
    pace : float
        Seconds between two messages.
    sleep : callable
        Waits for so many seconds.
    """

    name = "teams"

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        pace: float = _PACE_SECONDS,
        timeout: httpx.Timeout = _TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environment = environment
        self._pace, self._timeout, self._sleep = pace, timeout, sleep
        self._last = -pace

    def send(self, message_id: str, address: Address, message: Message) -> str:
        """Post a card once; a workflow tells no id, so the reference is empty."""
        url = self._url(address.to)
        body = card_bytes(message)
        for left in range(_TRIES - 1, -1, -1):
            self._keep_pace()
            answer = self._post(url, body)
            wait = _wait_asked(answer)
            if wait is None:
                _require_taken(answer)
                return ""
            if not left or wait > _LONGEST_WAIT_SECONDS:
                raise NotSentError(
                    "Teams asks to slow down (429).",
                    "It is sent with the next pass.",
                    wait_seconds=wait,
                    stops_channel=True,
                )
            self._sleep(wait)
        raise AssertionError("each try returns or raises")

    def find(self, message_id: str, address: Address, since: float) -> str | None:
        """Raise: a webhook tells nothing of what it posted."""
        raise NoReadBackError("A Teams webhook cannot be read back.")

    def check(self) -> str:
        """Return in words which webhooks are set; only sending shows whether they work."""
        names = [name for name in self._environment if name.startswith("TEAMS_WEBHOOK_URL")]
        return f"{', '.join(sorted(names)) or 'no webhook'} set"

    def _url(self, to: str) -> str:
        name = f"TEAMS_WEBHOOK_URL_{to.upper()}" if to else "TEAMS_WEBHOOK_URL"
        url = self._environment.get(name, "").strip()
        if not url.startswith(("https://", "http://127.0.0.1")):
            raise NotSentError(
                f"{name} is not set to a webhook's address, so nothing can be sent to Teams.",
                "Set it in the environment, as the workflow shows it.",
            )
        return url

    def _post(self, url: str, body: bytes) -> httpx.Response:
        trust = not url.startswith("http://127.0.0.1")
        headers = {"Content-Type": "application/json"}
        try:
            # httpx logs addresses, and who knows this one may post.
            with unlogged("httpx"), httpx.Client(timeout=self._timeout, trust_env=trust) as client:
                return client.post(url, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
            raise NotSentError(
                f"Teams cannot be reached ({type(error).__name__}).",
                "Is the way to the webhook's server open from here?",
                stops_channel=True,
            ) from None
        except httpx.HTTPError as error:
            raise UnknownOutcomeError(f"Teams gave no answer ({type(error).__name__}).") from None

    def _keep_pace(self) -> None:
        wait = self._last + self._pace - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._last = time.monotonic()


@contextmanager
def unlogged(name: str) -> Iterator[None]:
    """Let a library log nothing while the block runs."""
    logger = logging.getLogger(name)

    def nothing(_record: logging.LogRecord) -> bool:
        return False

    logger.addFilter(nothing)
    try:
        yield
    finally:
        logger.removeFilter(nothing)


def _wait_asked(answer: httpx.Response) -> float | None:
    if answer.status_code not in {429, 503}:
        return None
    return wait_before_next(answer.headers.get("retry-after"))


def _require_taken(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in {200, 202}:
        return
    if status >= 500 or status < 400:
        raise UnknownOutcomeError(f"Teams answered HTTP {status}: nobody knows whether it posted.")
    raise NotSentError(
        f"Teams refused: HTTP {status} {_code(answer)}".rstrip(),
        _HINTS.get(status, ""),
        stops_channel=status in _STOPPING,
    )


def _code(answer: httpx.Response) -> str:
    """Return the code of an error; its message may name the address."""
    try:
        code = str(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
    return code[:80] if code.isalnum() else ""


def card_bytes(message: Message) -> bytes:
    """Return the request's body: the card, with as many items as Teams' limit lets in."""
    count = len(message.items)
    while True:
        body = json.dumps(payload_of(message.first(count)), ensure_ascii=False).encode()
        if len(body) <= _MOST_BYTES or count == 0:
            return body
        count -= max(1, count // 8)


def payload_of(message: Message) -> dict[str, Any]:
    """Return the message in the form that workflows take."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": _body(message),
        "msteams": {"width": "Full"},
    }
    if not message.is_digest and message.items[0].url:
        card["actions"] = [_open(message.items[0])]
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": card,
            }
        ],
    }


def _body(message: Message) -> list[dict[str, Any]]:
    body = [_text(message.title, size="Large", weight="Bolder")]
    for item in message.items:
        if message.is_digest:
            title = _text(item.title, weight="Bolder")
            if item.url:
                title["inlines"][0]["selectAction"] = _open(item)
            body.append({**title, "separator": True})
        body.append(_text(item.text))
    body += [_text(part, isSubtle=True) for part in (message.rest, message.footer) if part]
    return body


def _text(text: str, **style: Any) -> dict[str, Any]:
    """Return a block of a text run: a text block would read names as Markdown."""
    run = {"type": "TextRun", "text": text, **style}
    return {"type": "RichTextBlock", "inlines": [run]}


def _open(item: Item) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": "Open the report", "url": item.url}
