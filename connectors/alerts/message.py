"""What a message says, before a channel gives it its form."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from warehouse.alert_settings import rank

CHANGE_WORDS = {
    "opened": "New",
    "escalated": "Worse",
    "recovered": "Over",
    "unanswered": "Nobody has answered",
}
SHORT_ID = 10
_LONGEST_TITLE = 140
_LONGEST_TEXT = 900
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")


@dataclass(frozen=True)
class Item:
    """One thing that is said.

    Parameters
    ----------
    title, text : str
        Plain text, of one line and of some.
    severity : str
        Of the alert.
    url : str or None
        Where to read on.
    """

    title: str
    text: str
    severity: str
    url: str | None = None


@dataclass(frozen=True)
class Message:
    """One message: a single item, or a digest of several under a title of its own.

    Parameters
    ----------
    title : str
        Plain text of one line; the subject of a mail.
    items : tuple of Item
        At least one.
    footer : str
        Plain text of one line; may be empty.
    left_out : int
        Items that a channel's limit has cut off.
    """

    title: str
    items: tuple[Item, ...]
    footer: str = ""
    left_out: int = 0

    @property
    def is_digest(self) -> bool:
        """Whether it says several things."""
        return len(self.items) + self.left_out > 1

    def first(self, count: int) -> "Message":
        """Return the message with its first items only, and how many more there are."""
        cut = len(self.items) - count
        if cut <= 0:
            return self
        return Message(self.title, self.items[:count], self.footer, self.left_out + cut)

    @property
    def rest(self) -> str:
        """How many items are left out, in words; empty if none is."""
        return f"and {self.left_out} more: copilot alerts list" if self.left_out else ""


def plain(text: object, longest: int = _LONGEST_TEXT) -> str:
    """Return text that may go out: no address, no control character, not too long.

    Names come from the CRM, where people write what they like.
    """
    printable = "".join(one if one.isprintable() else " " for one in str(text))
    cleaned = _ADDRESS.sub("[address]", " ".join(printable.split()))
    return cleaned if len(cleaned) <= longest else f"{cleaned[: longest - 1]}…"


def item_of(change: str, alert: Mapping[str, Any], *, names: bool) -> Item:
    """Return what is said of one change of an alert.

    Parameters
    ----------
    change : str
        opened, escalated, recovered or unanswered.
    alert : mapping
        ``alert_id``, ``account_name`` (None for the copilot's own runs), ``rule_label``,
        ``severity``, ``detail``, ``opened_at``, ``report_url``, ``csm_name``.
    names : bool
        Whether people's names may be said.
    """
    about = f"{alert['account_name']}: " if alert["account_name"] else ""
    parts = [alert["detail"], f"since {alert['opened_at']}"]
    if names and alert.get("csm_name"):
        parts.append(f"owner: {alert['csm_name']}")
    if change != "recovered":
        parts.append(f"to take it on: copilot alerts ack {alert['alert_id'][:SHORT_ID]}")
    return Item(
        title=plain(f"{CHANGE_WORDS[change]}: {about}{alert['rule_label']}", _LONGEST_TITLE),
        text=plain("; ".join(str(part) for part in parts if part)),
        severity=str(alert["severity"]),
        url=alert.get("report_url"),
    )


def single(item: Item, company: str) -> Message:
    """Return the message of one item."""
    return Message(f"[{item.severity}] {item.title}", (item,), plain(company))


def digest(items: Sequence[Item], company: str, day: dt.date) -> Message:
    """Return one message of many items, the most severe first."""
    ordered = sorted(items, key=lambda item: -rank(item.severity))
    word = "change" if len(items) == 1 else "changes"
    return Message(f"{len(items)} {word} of alerts, {day}", tuple(ordered), plain(company))


def to_json(message: Message) -> dict[str, Any]:
    """Return a message as it is kept until it is sent."""
    return asdict(message)


def from_json(kept: Mapping[str, Any]) -> Message:
    """Return the message that `to_json` kept."""
    items = tuple(Item(**item) for item in kept["items"])
    return Message(kept["title"], items, kept["footer"], kept["left_out"])
