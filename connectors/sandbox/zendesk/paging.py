"""Lists as Zendesk gives them: by cursor (``page[size]``) or by page number, and by time."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.common.vendor import Call, Record
from connectors.sandbox.zendesk.errors import invalid_attribute

Show = Callable[[Record], Record]
_LARGEST = 100
_PLACES = frozenset({"page[after]", "page[before]", "page", "cursor"})


def whole(call: Call, name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number among the parameters, or refuse it."""
    text = call.param(name)
    if not text:
        return default
    if not text.isdigit() or int(text) < least:
        raise invalid_attribute(name, "must be an integer")
    return int(text)


def again(call: Call, **changed: Any) -> str:
    """Return the address of this call, at another place in the list."""
    kept = [pair for pair in call.query if pair[0] not in _PLACES and pair[0] not in changed]
    given = [*kept, *((name, str(value)) for name, value in changed.items())]
    return f"{call.base_url}{call.url_path}?{urlencode(given)}"


def listing(
    call: Call,
    name: str,
    rows: Sequence[Record],
    show: Show,
    cap: int,
    order: str = "id",
    *,
    descending: bool = False,
) -> dict[str, Any]:
    """Return one page of a list.

    Parameters
    ----------
    call : Call
        Says which page, how long, and in which order (``sort``, or ``sort_by`` and ``sort_order``).
    name : str
        The key of the rows in the answer.
    rows : sequence of dict
        All rows, in any order.
    show : callable
        Makes a row into what the answer holds.
    cap : int
        The most that this stand-in gives at once, whatever is asked for.
    order, descending : str, bool
        The order where the call does not say.
    """
    wanted = call.param("sort") or call.param("sort_by")
    if wanted:
        descending = wanted.startswith("-") or call.param("sort_order") == "desc"
        order = wanted.lstrip("-")
    keyed = sorted(
        rows,
        key=lambda row: (row.get(order) is not None, row.get(order), row["id"]),
        reverse=descending,
    )
    if any(key.startswith("page[") for key, _ in call.query):
        return _by_cursor(call, name, keyed, show, cap)
    return _by_number(call, name, keyed, show, cap)


def _by_cursor(
    call: Call, name: str, rows: Sequence[Record], show: Show, cap: int
) -> dict[str, Any]:
    size = whole(call, "page[size]", _LARGEST, least=1)
    if size > _LARGEST:
        raise invalid_attribute("page[size]", f"must be less than or equal to {_LARGEST}")
    size = min(size, cap)
    ids = [str(row["id"]) for row in rows]
    before = call.param("page[before]")
    if before:
        end = _place(ids, before, "page[before]")
        start = max(0, end - size)
        has_more = start > 0
    else:
        after = call.param("page[after]")
        start = _place(ids, after, "page[after]") + 1 if after else 0
        end = min(len(rows), start + size)
        has_more = end < len(rows)
    first, last = (encode(ids[start]), encode(ids[end - 1])) if start < end else (None, None)
    return {
        name: [show(row) for row in rows[start:end]],
        "meta": {"has_more": has_more, "after_cursor": last, "before_cursor": first},
        "links": {
            "prev": again(call, **{"page[before]": first}) if first and start > 0 else None,
            "next": again(call, **{"page[after]": last}) if last and end < len(rows) else None,
        },
    }


def _place(ids: Sequence[str], cursor: str, name: str) -> int:
    try:
        return ids.index(decode(cursor))
    except ValueError as error:
        raise invalid_attribute(name, "the cursor is not valid") from error


def _by_number(
    call: Call, name: str, rows: Sequence[Record], show: Show, cap: int
) -> dict[str, Any]:
    page = whole(call, "page", 1, least=1)
    size = min(whole(call, "per_page", _LARGEST, least=1), _LARGEST, cap)
    start, end = (page - 1) * size, page * size
    return {
        name: [show(row) for row in rows[start:end]],
        "next_page": again(call, page=page + 1) if end < len(rows) else None,
        "previous_page": again(call, page=page - 1) if page > 1 else None,
        "count": len(rows),
    }


def encode(text: str) -> str:
    """Return an opaque cursor."""
    return base64.b64encode(text.encode()).decode()


def decode(cursor: str) -> str:
    """Return what a cursor says.

    Raises
    ------
    ValueError
        It is no cursor.
    """
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(cursor) from error
