"""Slack's rules for blocks: which there are, and how large each may be."""

from collections.abc import Iterator
from typing import Any

from connectors.sandbox.common.vendor import RefusedError

_MOST_BLOCKS = 50
_TYPES = frozenset(
    {
        "actions", "context", "divider", "file", "header", "image", "input", "markdown",
        "rich_text", "section", "table", "video",
    }
)  # fmt: skip


def check_blocks(blocks: Any) -> None:
    """Refuse blocks that Slack would, naming each fault and where it is.

    Raises
    ------
    RefusedError
        ``invalid_blocks``.
    """
    faults = list(_faults(blocks))
    if faults:
        messages = [f"[ERROR] {what} [json-pointer:{where}]" for what, where in faults]
        said = {"ok": False, "error": "invalid_blocks", "errors": [what for what, _ in faults]}
        raise RefusedError(200, {**said, "response_metadata": {"messages": messages}})


def _faults(blocks: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(blocks, list):
        yield "must be an array", "/blocks"
        return
    if len(blocks) > _MOST_BLOCKS:
        yield f"no more than {_MOST_BLOCKS} items allowed", "/blocks"
    for number, block in enumerate(blocks):
        where = f"/blocks/{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in _TYPES:
            yield f"unsupported type: {kind}", f"{where}/type"
        elif kind == "header":
            yield from _text(block.get("text"), f"{where}/text", 150, ("plain_text",))
        elif kind == "section":
            yield from _section(block, where)
        elif kind == "context":
            yield from _context(block, where)
        elif kind == "actions":
            yield from _count(block.get("elements"), f"{where}/elements", 25)


def _section(block: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    if "text" not in block and "fields" not in block:
        yield "missing required field: text", where
    if "text" in block:
        yield from _text(block["text"], f"{where}/text", 3_000)
    if "fields" in block:
        yield from _count(block["fields"], f"{where}/fields", 10)
        for number, field in enumerate(block["fields"]):
            yield from _text(field, f"{where}/fields/{number}", 2_000)


def _context(block: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    elements = block.get("elements")
    yield from _count(elements, f"{where}/elements", 10)
    for number, element in enumerate(elements if isinstance(elements, list) else []):
        if not isinstance(element, dict) or element.get("type") != "image":
            yield from _text(element, f"{where}/elements/{number}", 3_000)


def _count(items: Any, where: str, most: int) -> Iterator[tuple[str, str]]:
    if not isinstance(items, list) or not items:
        yield "must provide at least 1 item", where
    elif len(items) > most:
        yield f"no more than {most} items allowed", where


def _text(
    text: Any, where: str, longest: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> Iterator[tuple[str, str]]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"must be of type {' or '.join(kinds)}", where
        return
    said = text.get("text")
    if not isinstance(said, str) or not said:
        yield "must be more than 0 characters", f"{where}/text"
    elif len(said) > longest:
        yield f"must be less than {longest + 1} characters", f"{where}/text"
    if "emoji" in text and text["type"] == "mrkdwn":
        yield "no additional properties allowed: emoji", where
    if "verbatim" in text and text["type"] == "plain_text":
        yield "no additional properties allowed: verbatim", where
