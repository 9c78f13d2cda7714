"""Pages: version 2 goes by a cursor, version 1 by the number of the first record."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from connectors.sandbox.common.vendor import Answer, Call, Record
from connectors.sandbox.pipedrive import errors

_DEFAULT, _MOST = 100, 500
Order = tuple[str, int]
Row = TypeVar("Row")


def by_id(record: Record) -> Order:
    """Sort by id."""
    return "", int(record["id"])


def page(
    call: Call,
    rows: Iterable[Record],
    show: Callable[[Record], Record],
    order: Callable[[Record], Order] = by_id,
    *,
    is_descending: bool = False,
) -> Answer:
    """Return a page of version 2.

    Parameters
    ----------
    rows : iterable
        All that the list holds.
    show : callable
        Makes what is answered of a record.
    order : callable
        What a record is sorted by, no two alike.
    is_descending : bool
        Whether the last comes first.
    """
    limit, last = _limit(call), _after(call)
    ordered = sorted(rows, key=order, reverse=is_descending)
    if last is not None:
        ordered = [row for row in ordered if (order(row) > last) != is_descending]
        ordered = [row for row in ordered if order(row) != last]
    chosen = ordered[:limit]
    following = _cursor(order(chosen[-1])) if len(ordered) > limit else None
    return Answer(
        {
            "success": True,
            "data": [show(row) for row in chosen],
            "additional_data": {"next_cursor": following},
        }
    )


def _limit(call: Call) -> int:
    text = call.param("limit", str(_DEFAULT))
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise errors.invalid(f"limit: Parameter 'limit' must be between 1 and {_MOST}")
    return int(text)


def _cursor(last: Order) -> str:
    told = json.dumps({"after": last}, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode()


def _after(call: Call) -> Order | None:
    text = call.param("cursor")
    if not text:
        return None
    try:
        value, number = json.loads(base64.urlsafe_b64decode(text.encode()))["after"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise errors.invalid("cursor: Parameter 'cursor' is not valid") from error
    return value, number


def page_1(
    call: Call,
    rows: Sequence[Row],
    show: Callable[[Row], Record],
    **more: Any,
) -> Answer:
    """Return a page of version 1."""
    start, limit = (_whole(call, "start", 0), min(_MOST, _whole(call, "limit", _DEFAULT)))
    chosen = [show(row) for row in rows[start : start + limit]]
    has_more = start + limit < len(rows)
    told: dict[str, Any] = {
        "start": start,
        "limit": limit,
        "more_items_in_collection": has_more,
    }
    if has_more:
        told["next_start"] = start + limit
    return Answer(
        {"success": True, "data": chosen or None, "additional_data": {**more, "pagination": told}}
    )


def _whole(call: Call, name: str, default: int) -> int:
    text = call.param(name, str(default))
    return int(text) if text.isdecimal() else default
