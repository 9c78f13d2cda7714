"""A message as Slack's blocks: names as plain text, which Slack does not read as mark-up."""

from typing import Any

from connectors.alerts.message import Item, Message

# Slack's limits: 50 blocks; 150 characters of a header, 3,000 of a section.
_MOST_ITEMS = 20
_HEADER = 150
_SECTION = 3_000


def escaped(text: str) -> str:
    """Return text in which Slack sees no link, mention or channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback_of(message: Message) -> str:
    """Return the text of notifications, which Slack reads as mark-up."""
    return escaped(message.title)


def blocks_of(message: Message) -> list[dict[str, Any]]:
    """Return the blocks of a message; what does not fit is counted."""
    shown = message.first(_MOST_ITEMS)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(shown.title, _HEADER)}]
    for item in shown.items:
        text = f"{item.title}\n{item.text}" if message.is_digest else item.text
        blocks.append({"type": "section", "text": _plain(text, _SECTION)})
        blocks += _link(item)
    last = "  ·  ".join(part for part in (shown.rest, shown.footer) if part)
    if last:
        blocks.append({"type": "context", "elements": [_plain(last, _SECTION)]})
    return blocks


def _plain(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest], "emoji": False}


def _link(item: Item) -> list[dict[str, Any]]:
    if not item.url:
        return []
    # In a link a bar or a bracket would end the address.
    url = escaped(item.url).replace("|", "%7C")
    text = {"type": "mrkdwn", "text": f"<{url}|Open the report>", "verbatim": True}
    return [{"type": "context", "elements": [text]}]
