"""``expand[]``: ids in an answer that are replaced by the objects they name."""

from collections.abc import Callable, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.stripe.errors import invalid

_DEEPEST = 4
EXPANDABLE = {
    "account": "accounts",
    "charge": "charges",
    "coupon": "coupons",
    "customer": "customers",
    "default_payment_method": "payment_methods",
    "discounts": "discounts",
    "invoice": "invoices",
    "latest_invoice": "invoices",
    "payment_intent": "payment_intents",
    "price": "prices",
    "product": "products",
    "subscription": "subscriptions",
    "tax_rate": "tax_rates",
}
Find = Callable[[str, str], Record | None]


def expand(answer: Any, paths: Sequence[str], find: Find) -> Any:
    """Return the answer with each path expanded.

    Parameters
    ----------
    answer : dict
        An object or a list.
    paths : sequence of str
        Such as ``data.customer``.
    find : callable
        The object of a collection and an id, as it is shown; None if there is none.

    Raises
    ------
    RefusedError
        A path is too deep, or its end cannot be expanded.
    """
    for path in paths:
        names = path.split(".")
        if len([name for name in names if name != "data"]) > _DEEPEST:
            raise invalid(
                f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}",
                param="expand",
            )
        answer = _walk(answer, names, path, find)
    return answer


def _walk(value: Any, names: Sequence[str], path: str, find: Find) -> Any:
    if isinstance(value, list):
        return [_walk(item, names, path, find) for item in value]
    if not isinstance(value, dict) or not names:
        return value
    name, rest = names[0], names[1:]
    if name not in value:
        if rest or name in EXPANDABLE:
            return value
        raise invalid(
            f"This property cannot be expanded ({path}). You may want to try expanding a"
            " different one.",
            param="expand",
        )
    inner = value[name]
    if name in EXPANDABLE:
        inner = _resolved(inner, EXPANDABLE[name], find)
    elif not rest and not isinstance(inner, dict | list):
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return {**value, name: _walk(inner, rest, path, find)}


def _resolved(value: Any, collection: str, find: Find) -> Any:
    if isinstance(value, list):
        return [_resolved(item, collection, find) for item in value]
    if isinstance(value, str):
        return find(collection, value) or value
    return value
