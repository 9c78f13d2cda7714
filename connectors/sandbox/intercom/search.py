"""Intercom's search: filters in groups, as the body of a request says them."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.intercom.errors import invalid

_DAY = 86_400
_MOST_FILTERS = 15
_DEEPEST = 2
_DATES = frozenset(
    {"created_at", "updated_at", "signed_up_at", "last_seen_at", "last_contacted_at"}
    | {"last_replied_at", "last_email_opened_at", "last_email_clicked_at", "waiting_since"}
    | {"snoozed_until", "statistics.first_contact_reply_at", "statistics.first_close_at"}
    | {"statistics.last_close_at", "statistics.first_admin_reply_at"}
    | {"conversation_rating.requested_at", "conversation_rating.replied_at"}
)
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "~": lambda own, wanted: wanted.lower() in own.lower(),
    "!~": lambda own, wanted: wanted.lower() not in own.lower(),
    "^": lambda own, wanted: own.lower().startswith(wanted.lower()),
    "$": lambda own, wanted: own.lower().endswith(wanted.lower()),
}
_NUMBER: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda own, wanted: own > wanted,
    "<": lambda own, wanted: own < wanted,
    ">=": lambda own, wanted: own >= wanted,
    "<=": lambda own, wanted: own <= wanted,
}


def matches(record: Record, query: Any, *, by_day: bool, depth: int = 0) -> bool:
    """Say whether a record fits a query.

    Parameters
    ----------
    record : dict
        A contact or a conversation.
    query : dict
        One filter (field, operator, value), or a group (AND or OR, and a list of both).
    by_day : bool
        Whether times are compared by day, as in the search of contacts. In that of
        conversations ``>`` and ``<`` include the time itself.

    Raises
    ------
    RefusedError
        The query makes no sense.
    """
    if not isinstance(query, dict) or "operator" not in query or "value" not in query:
        raise invalid("The query must have an operator and a value")
    if query["operator"] not in {"AND", "OR"}:
        return _fits(record, query, by_day=by_day)
    filters = query["value"]
    if not isinstance(filters, list) or len(filters) > _MOST_FILTERS or depth >= _DEEPEST:
        raise invalid(f"A group holds up to {_MOST_FILTERS} filters, nested up to {_DEEPEST} deep")
    fitting = [matches(record, inner, by_day=by_day, depth=depth + 1) for inner in filters]
    return all(fitting) if query["operator"] == "AND" else any(fitting)


def _fits(record: Record, query: Mapping[str, Any], *, by_day: bool) -> bool:
    field, operator, wanted = query.get("field"), query["operator"], query["value"]
    if not isinstance(field, str):
        raise invalid("A filter must have a field")
    own = _value(record, field)
    if field in _DATES:
        return _date_fits(own, operator, _number(field, wanted), by_day=by_day)
    if operator in {"IN", "NIN"}:
        if not isinstance(wanted, list):
            raise invalid(f"The value of {field} must be a list")
        return any(_equal(own, item) for item in wanted) is (operator == "IN")
    if operator in {"=", "!="}:
        return _equal(own, wanted) is (operator == "=")
    if operator in _NUMBER:
        return own is not None and _NUMBER[operator](_number(field, own), _number(field, wanted))
    if operator in _TEXT:
        return own is not None and _TEXT[operator](str(own), str(wanted))
    raise invalid(f"{operator} is no operator")


def _date_fits(own: Any, operator: str, wanted: float, *, by_day: bool) -> bool:
    if operator not in {"=", ">", "<"}:
        raise invalid(f"The operator {operator} cannot be used with a date")
    if own is None:
        return False
    moment = float(own)
    if not by_day:
        return {"=": moment == wanted, ">": moment >= wanted, "<": moment <= wanted}[operator]
    day, its = wanted // _DAY, moment // _DAY
    return {"=": its == day, ">": its > day, "<": its < day}[operator]


def _number(field: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise invalid(f"The value of {field} must be a number") from error


def _equal(own: Any, wanted: Any) -> bool:
    if isinstance(own, list):
        return any(_equal(item, wanted) for item in own)
    if isinstance(own, bool) or own is None or wanted is None:
        return str(own).lower() == str(wanted).lower()
    return str(own).lower() == str(wanted).lower()


def _value(record: Record, field: str) -> Any:
    special: dict[str, Callable[[], Any]] = {
        "contact_ids": lambda: [item["id"] for item in record["contacts"]["contacts"]],
        "teammate_ids": lambda: [item["id"] for item in record["teammates"]["admins"]],
        "tag_id": lambda: [item["id"] for item in record["tags"]["data"]],
        "tag_ids": lambda: [item["id"] for item in record["tags"]["tags"]],
        "email_domain": lambda: str(record.get("email") or "").rpartition("@")[2],
    }
    if field in special:
        return special[field]()
    value: Any = record
    for name in field.split("."):
        if not isinstance(value, dict):
            return None
        if value is record and name not in record:
            raise invalid(f"The field {field} cannot be searched")
        value = value.get(name)
    return value
