"""Lists as Stripe gives them: newest first, in pages that begin after or end before an object."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.stripe import errors
from connectors.sandbox.stripe.params import whole

MAXIMUM = 100
DEFAULT = 10
PAGING = frozenset({"limit", "starting_after", "ending_before", "expand"})
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


def page(
    rows: Sequence[Record], parameters: Mapping[str, Any], url: str, noun: str, cap: int = MAXIMUM
) -> dict[str, Any]:
    """Return one page of rows that are in the list's order.

    Parameters
    ----------
    rows : sequence of dict
        All that match.
    parameters : mapping
        ``limit``, ``starting_after`` and ``ending_before`` are looked at.
    url, noun : str
        The list's address, and what one of its objects is called.
    cap : int
        The most that this stand-in gives at once, whatever is asked for.
    """
    size = min(_limit(parameters), cap)
    after, before = parameters.get("starting_after"), parameters.get("ending_before")
    if after and before:
        raise errors.invalid("You may not specify both `starting_after` and `ending_before`.")
    start, end, has_more = 0, size, len(rows) > size
    if after:
        start = _position(rows, after, "starting_after", noun) + 1
        end, has_more = start + size, len(rows) > start + size
    elif before:
        end = _position(rows, before, "ending_before", noun)
        start = max(0, end - size)
        has_more = start > 0
    return {"object": "list", "url": url, "has_more": has_more, "data": list(rows[start:end])}


def _limit(parameters: Mapping[str, Any]) -> int:
    if "limit" not in parameters:
        return DEFAULT
    limit = whole(parameters["limit"], "limit")
    code = "parameter_invalid_integer"
    if limit > MAXIMUM:
        message = f"This value must be less than or equal to {MAXIMUM} (it currently is '{limit}')."
        raise errors.invalid(message, code=code, param="limit")
    if limit < 1:
        message = f"This value must be greater than or equal to 1 (it currently is '{limit}')."
        raise errors.invalid(message, code=code, param="limit")
    return limit


def _position(rows: Sequence[Record], object_id: str, param: str, noun: str) -> int:
    for number, row in enumerate(rows):
        if row["id"] == object_id:
            return number
    raise errors.missing(noun, object_id, param=param, status=400)


def only_known(parameters: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Refuse a parameter that the address does not have."""
    for name in parameters:
        if name not in allowed:
            raise errors.invalid(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )


def in_range(row: Record, field: str, wanted: Any) -> bool:
    """Say whether a time fits ``created=1`` or ``created[gte]=1`` and its like."""
    value = row.get(field)
    if isinstance(wanted, str):
        return bool(value == whole(wanted, field))
    for operator, bound in wanted.items():
        if operator not in _COMPARE:
            name = f"{field}[{operator}]"
            raise errors.invalid(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
        if value is None or not _COMPARE[operator](value, whole(bound, f"{field}[{operator}]")):
            return False
    return True
