"""Slack's cursors."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.slack.workspace import failure

_MOST = 1_000


def page_of(
    rows: Sequence[Any], arguments: Mapping[str, Any], cap: int, default: int
) -> tuple[list[Any], str]:
    """Return one page of rows, and the cursor of the next; empty after the last.

    Raises
    ------
    RefusedError
        ``invalid_limit`` or ``invalid_cursor``.
    """
    given = str(arguments.get("limit") or default)
    if not given.isdigit() or not 1 <= int(given) <= _MOST:
        raise failure("invalid_limit")
    size = min(int(given), cap)
    start = _start(str(arguments.get("cursor") or ""))
    end = start + size
    following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(rows) else ""
    return list(rows[start:end]), following


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise failure("invalid_cursor") from error
    if word != "next" or not number.isdigit():
        raise failure("invalid_cursor")
    return int(number)
