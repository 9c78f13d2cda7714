"""What the routes share: reading parameters, writing pages."""

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Call
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal

OBJECTS = "/crm/v3/objects/{kind}"


def kind_of(call: Call, name: str = "kind") -> ObjectType:
    """Return the kind of record that the address names."""
    portal: Portal = call.vendor
    return portal.kind(call.path[name])


def listed(call: Call, name: str) -> list[str]:
    """Return a parameter that may be repeated or hold names with commas between."""
    given = [value for key, value in call.query if key == name]
    return [part.strip() for value in given for part in value.split(",") if part.strip()]


def names(asked: Mapping[str, Any], key: str) -> list[str]:
    """Return a list of texts of a body, or refuse what is none."""
    found = asked.get(key) or []
    if not isinstance(found, list):
        raise errors.invalid(f"Invalid input JSON: {key} must be a list")
    return [str(item) for item in found]


def limit_of(given: Any, default: int, most: int) -> int:
    """Return how many records a page may have."""
    if given in (None, ""):
        return default
    try:
        limit = int(given)
    except ValueError as error:
        raise errors.invalid(f"limit must be a number, not {given}") from error
    if not 0 <= limit <= most:
        raise errors.invalid(f"Invalid limit: {limit}. It must be between 0 and {most}.")
    return limit


def is_true(text: str) -> bool:
    """Read a boolean parameter."""
    return text.lower() == "true"


def inputs_of(asked: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    """Return the inputs of a batch, or refuse what is none."""
    inputs = asked.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(item, dict) for item in inputs):
        raise errors.invalid("Invalid input JSON: Some required fields were not set: [inputs]")
    if len(inputs) > most:
        raise errors.invalid(f"The maximum number of inputs supported in a batch request is {most}")
    return inputs


def next_page(call: Call, after: str) -> dict[str, Any]:
    """Return ``paging`` of an answer that has a next page."""
    kept = [(key, value) for key, value in call.query if key != "after"]
    link = f"{call.base_url}{call.url_path}?{urllib.parse.urlencode([*kept, ('after', after)])}"
    return {"next": {"after": after, "link": link}}


def page(call: Call, results: Sequence[Any], after: str | None) -> dict[str, Any]:
    """Return an answer's page; ``after`` is None on the last one."""
    answer: dict[str, Any] = {"results": list(results)}
    return answer if after is None else {**answer, "paging": next_page(call, after)}
