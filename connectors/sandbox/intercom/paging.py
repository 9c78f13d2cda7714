"""Lists as Intercom gives them: ``pages`` with a cursor for what comes next."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.intercom.errors import invalid


def size_of(given: Any, default: int, most: int, cap: int) -> int:
    """Return how many rows a page holds, or refuse what is asked for."""
    if given in (None, ""):
        return min(default, cap)
    try:
        size = int(given)
    except (TypeError, ValueError) as error:
        raise invalid("per_page must be a number") from error
    if not 1 <= size <= most:
        raise invalid(f"per_page must be a number between 1 and {most}")
    return min(size, cap)


def ordered(rows: Sequence[Record], field: str, *, descending: bool) -> list[Record]:
    """Return rows in the order of a field, and of their ids."""
    return sorted(rows, key=lambda row: _key(row, field), reverse=descending)


def _key(row: Record, field: str) -> tuple[bool, Any, str]:
    value = row.get(field)
    return value is not None, value if value is not None else 0, row["id"]


def page(
    rows: Sequence[Record], size: int, cursor: Any, field: str, *, descending: bool
) -> tuple[list[Record], dict[str, Any]]:
    """Return one page of ordered rows, and ``pages`` that says where it stands.

    The cursor names the last row given, by its place in the order: a row that changes meanwhile
    moves, and the others are neither skipped nor repeated.
    """
    number, start = 1, 0
    if cursor:
        number, last = _decode(cursor)
        for row in rows:
            key = [_key(row, field)[1], row["id"]]
            is_after = key < last if descending else key > last
            if is_after:
                break
            start += 1
    shown = list(rows[start : start + size])
    pages: dict[str, Any] = {
        "type": "pages",
        "page": number,
        "per_page": size,
        "total_pages": -(-len(rows) // size),
    }
    if start + size < len(rows):
        key = [_key(shown[-1], field)[1], shown[-1]["id"]]
        pages["next"] = {"page": number + 1, "starting_after": _encode(number + 1, key)}
    return shown, pages


def _encode(number: int, key: Sequence[Any]) -> str:
    return base64.b64encode(json.dumps([number, *key]).encode()).decode()


def _decode(cursor: Any) -> tuple[int, list[Any]]:
    try:
        number, *key = json.loads(base64.b64decode(str(cursor), validate=True))
        return int(number), key
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid("starting_after is not a valid cursor") from error


def pagination_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the ``pagination`` of a search."""
    given = body.get("pagination") or {}
    if not isinstance(given, dict):
        raise invalid("pagination must be an object")
    return given
