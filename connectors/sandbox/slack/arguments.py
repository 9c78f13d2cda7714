"""The arguments of a call: of the address, a form, or JSON, with JSON inside of forms."""

import json
from typing import Any
from urllib.parse import parse_qsl

from connectors.sandbox.common.vendor import Call, RefusedError

_STRUCTURED = ("blocks", "attachments", "metadata")
_TRUE = frozenset({"true", "1"})


def arguments_of(call: Call) -> dict[str, Any]:
    """Return the arguments by name.

    Raises
    ------
    RefusedError
        ``invalid_json`` or ``json_not_object``.
    """
    given: dict[str, Any] = dict(call.query)
    kind = call.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        try:
            loaded = json.loads(call.body or b"{}")
        except ValueError as error:
            raise RefusedError(200, {"ok": False, "error": "invalid_json"}) from error
        if not isinstance(loaded, dict):
            raise RefusedError(200, {"ok": False, "error": "json_not_object"})
        return given | loaded
    if kind == "application/x-www-form-urlencoded":
        given |= dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    return given


def structured(arguments: dict[str, Any], name: str) -> Any:
    """Return an argument that is JSON, also where a form holds it as text.

    Raises
    ------
    RefusedError
        The text is no JSON.
    """
    value = arguments.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise RefusedError(200, {"ok": False, "error": f"invalid_{name}_format"}) from error


def is_true(value: Any) -> bool:
    """Say whether a flag is set, in JSON or in a form."""
    return value is True or str(value).lower() in _TRUE
