"""Stripe's parameters: forms and queries with names such as ``created[gte]`` and ``expand[]``."""

import re
from collections.abc import Iterable
from typing import Any

from connectors.sandbox.stripe.errors import invalid

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_BOOLEANS = frozenset({"active", "auto_advance", "cancel_at_period_end", "livemode", "shippable"})
_INTEGERS = frozenset(
    {"balance", "billing_cycle_anchor", "cancel_at", "created", "days_until_due", "due_date"}
    | {"interval_count", "quantity", "trial_end", "trial_period_days", "unit_amount"}
)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return parameters as nested dicts and lists.

    ``a[b]=1`` makes a dict; ``a[]=1`` and ``a[0]=1`` make a list.

    Raises
    ------
    RefusedError
        A name is malformed.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise invalid(f"Invalid request: the parameter name '{name}' is malformed.")
        keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        place = found
        for key in keys[:-1]:
            inner = place.setdefault(key if key else str(len(place)), {})
            if not isinstance(inner, dict):
                raise invalid(f"Invalid {name}: both a value and a hash were given.", param=name)
            place = inner
        place[keys[-1] if keys[-1] else str(len(place))] = value
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: Any) -> Any:
    """Turn dicts whose keys are 0, 1, 2 ... into lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def typed(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a change, numbers and booleans as such, '' as null."""
    return {name: _typed(name, value) for name, value in parameters.items()}


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return value if name == "metadata" else typed(value)
    if isinstance(value, list):
        return [_typed(name, item) for item in value]
    if value == "":
        return value if name == "metadata" else None
    if name in _BOOLEANS:
        if value not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {value}", param=name)
        return value == "true"
    if name in _INTEGERS:
        return whole(value, name)
    return value


def whole(value: Any, name: str) -> int:
    """Return a whole number, or refuse it in Stripe's words."""
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+", value):
        raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)
