"""Which scopes of a private app a call needs."""

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.common.vendor import RefusedError
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import find_type

_OBJECTS = re.compile(r"/crm/v[34]/(objects|properties|associations)/([^/]+)(/.*)?")
_READING = re.compile(r"/batch/read|/search")


def needed(method: str, path: str) -> str | None:
    """Return the scope that a call needs; None if any app may make it."""
    if path.startswith("/crm/v3/owners"):
        return "crm.objects.owners.read"
    match = _OBJECTS.fullmatch(path)
    kind = find_type(match[2]) if match else None
    if match is None or kind is None:
        return None
    family = "contacts" if kind.is_engagement else kind.name
    if family not in {"companies", "contacts", "deals"}:
        return None
    area = "schemas" if match[1] == "properties" else "objects"
    is_reading = method == "GET" or _READING.fullmatch(match[3] or "") is not None
    return f"crm.{area}.{family}.{'read' if is_reading else 'write'}"


def check(
    method: str, path: str, scopes: Mapping[str, Mapping[str, Any]], headers: Mapping[str, str]
) -> None:
    """Refuse a call for which the app has no scope.

    Parameters
    ----------
    scopes : mapping
        ``{id, granted}`` by scope; one that is not there is granted.
    """
    scope = needed(method, path)
    if scope is not None and not scopes.get(scope, {}).get("granted", True):
        raise RefusedError(403, errors.missing_scope(scope), headers)
