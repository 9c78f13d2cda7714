"""Search: filters, order and pages, with HubSpot's limits."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.properties import Property, iso, milliseconds

MOST_RESULTS = 10_000
MOST_A_PAGE = 200
_MOST_GROUPS, _MOST_FILTERS, _MOST_IN_ALL = 5, 6, 18
_SEARCHED = {
    "companies": ("website", "phone", "name", "domain"),
    "contacts": ("firstname", "lastname", "email", "phone"),
    "deals": ("dealname", "pipeline", "dealstage"),
    "tickets": ("subject", "content"),
}
_NEGATED = {
    "NEQ": "EQ",
    "NOT_IN": "IN",
    "NOT_HAS_PROPERTY": "HAS_PROPERTY",
    "NOT_CONTAINS_TOKEN": "CONTAINS_TOKEN",
}
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}


def search(portal: Portal, kind: ObjectType, asked: Mapping[str, Any]) -> list[Record]:
    """Return all records that a search finds, in its order.

    Raises
    ------
    RefusedError
        A filter, the order or a property in them makes no sense.
    """
    groups = _groups(asked)
    lag = dt.timedelta(seconds=portal.settings["search_lag_seconds"])
    known_until = iso(portal.clock.exact() - lag)
    found = [
        record
        for record in portal.index.all(kind.name, is_archived=False)
        if (not lag or record["createdAt"] < known_until)
        and _fits_words(kind, record, str(asked.get("query") or ""))
        and (not groups or any(_fits_group(portal, kind, record, group) for group in groups))
    ]
    return _sorted(portal, kind, found, asked.get("sorts") or [])


def _groups(asked: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    groups = [group.get("filters") or [] for group in asked.get("filterGroups") or []]
    if asked.get("filters"):
        groups.append(asked["filters"])
    if len(groups) > _MOST_GROUPS:
        raise errors.invalid(f"filterGroups: at most {_MOST_GROUPS} are allowed")
    if any(len(group) > _MOST_FILTERS for group in groups):
        raise errors.invalid(f"filters: at most {_MOST_FILTERS} are allowed in a group")
    if sum(map(len, groups)) > _MOST_IN_ALL:
        raise errors.invalid(f"filters: at most {_MOST_IN_ALL} are allowed in all")
    return groups


def _fits_words(kind: ObjectType, record: Record, words: str) -> bool:
    values = [record["properties"].get(name) or "" for name in _SEARCHED.get(kind.name, ())]
    text = " ".join(values).lower()
    return all(word in text for word in words.lower().split())


def _fits_group(
    portal: Portal, kind: ObjectType, record: Record, filters: list[Mapping[str, Any]]
) -> bool:
    return all(_fits(_spec(portal, kind, f.get("propertyName")), record, f) for f in filters)


def _spec(portal: Portal, kind: ObjectType, name: Any) -> Property:
    spec = portal.properties[kind.name].get(str(name).lower())
    if spec is None:
        raise errors.invalid(
            "There was a problem with the request.",
            errors=[{"message": f"Property {name} does not exist", "code": "INVALID_PROPERTY"}],
        )
    return spec


def _fits(spec: Property, record: Record, asked: Mapping[str, Any]) -> bool:
    value = record["properties"].get(spec.name)
    operator = str(asked.get("operator"))
    is_negated = operator in _NEGATED
    return _holds(spec, value, _NEGATED.get(operator, operator), asked) != is_negated


def _holds(spec: Property, value: Any, operator: str, asked: Mapping[str, Any]) -> bool:
    has_value = value not in (None, "")
    if operator == "HAS_PROPERTY":
        return has_value
    needed = "values" if operator == "IN" else "value"
    if needed not in asked:
        raise errors.invalid(f"A filter with the operator {operator} needs {needed}")
    if operator == "CONTAINS_TOKEN":
        return has_value and _has_token(str(value), str(asked["value"]))
    if operator == "IN":
        wanted = [_comparable(spec, item) for item in asked["values"]]
        return has_value and _comparable(spec, value) in wanted
    if operator == "BETWEEN":
        bounds = [_comparable(spec, asked[key]) for key in ("value", "highValue") if key in asked]
        return has_value and bool(bounds[0] <= _comparable(spec, value) <= bounds[-1])
    if operator not in _COMPARED:
        raise errors.invalid(f"Invalid operator: {operator}")
    bound = _comparable(spec, asked["value"])
    return has_value and _COMPARED[operator](_comparable(spec, value), bound)


def _has_token(text: str, token: str) -> bool:
    pattern = re.escape(token.lower()).replace(r"\*", r"\S*")
    return re.search(rf"(?<![\w]){pattern}(?![\w])", text.lower()) is not None


def _comparable(spec: Property, value: Any) -> Any:
    text = str(value)
    if spec.type in {"datetime", "date"}:
        moment = milliseconds(text)
        if moment is None:
            raise errors.invalid(f"{text} is not a valid time for {spec.name}")
        return moment
    if spec.type == "number":
        try:
            return Decimal(text)
        except InvalidOperation as error:
            raise errors.invalid(f"{text} is not a valid number for {spec.name}") from error
    return text.lower()


def _sorted(
    portal: Portal, kind: ObjectType, found: list[Record], sorts: list[Any]
) -> list[Record]:
    if len(sorts) > 1:
        raise errors.invalid("sorts: at most one is allowed")
    if not sorts:
        sorts = [{"propertyName": kind.created, "direction": "ASCENDING"}]
    first = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": sorts[0].lstrip("-")}
    is_descending = first.get("direction") == "DESCENDING" or str(sorts[0]).startswith("-")
    spec = _spec(portal, kind, first.get("propertyName"))
    filled = [r for r in found if r["properties"].get(spec.name) not in (None, "")]
    empty = [r for r in found if r["properties"].get(spec.name) in (None, "")]
    filled.sort(key=lambda r: _comparable(spec, r["properties"][spec.name]), reverse=is_descending)
    return [*filled, *empty]
