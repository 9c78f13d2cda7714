"""A page of what was posted, as plain as can be."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from connectors.sandbox.common.page import link, page, shown
from connectors.sandbox.common.vendor import Record
from connectors.sandbox.slack.workspace import Workspace

_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]*)>")


def messages_page(workspace: Workspace) -> str:
    """Return the page: conversations by name, in each the newest message first."""
    return page("Slack stand-in (synthetic)", _conversations(workspace))


def _conversations(workspace: Workspace) -> Iterator[str]:
    for channel in sorted(workspace.each("channels"), key=lambda one: str(one["name"])):
        rows = [one for one in workspace.each("messages") if one["channel"] == channel["id"]]
        if not rows:
            continue
        person = workspace.records["users"].get(str(channel.get("user")), {})
        name = f"to {person['name']}" if person else f"#{channel['name']}"
        yield f"<h2>{shown(name)}</h2>"
        for message in sorted(rows, key=lambda one: float(one["ts"]), reverse=True):
            yield _message(message)


def _message(message: Record) -> str:
    at = dt.datetime.fromtimestamp(float(message["ts"]), dt.UTC)
    parts = [_text(text) for block in message.get("blocks", []) for text in _texts(block)]
    body = parts or [f"<p>{shown(message['text'])}</p>"]
    return f"<article><time>{at:%Y-%m-%d %H:%M:%S}</time>{''.join(body)}</article>"


def _texts(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [*([block["text"]] if "text" in block else []), *block.get("elements", [])]


def _text(text: dict[str, Any]) -> str:
    said = str(text.get("text", ""))
    found = _LINK.fullmatch(said) if text.get("type") == "mrkdwn" else None
    return f"<p>{link(found[1], found[2]) if found else shown(said)}</p>"
