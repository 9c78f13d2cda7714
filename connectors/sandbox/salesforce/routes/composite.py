"""``composite``: up to 25 requests in one call, of which later ones may use what earlier ones told.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
"""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.routing import Match

from connectors.sandbox.salesforce.api import VERSIONS, Answer, ApiRoute, Call, not_found
from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.routes import collections, data, query
from connectors.sandbox.salesforce.routes.data import BASE

MOST = 25
MOST_HEAVY = 5
"""sObject Collections and queries among them."""
_METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT")
_INHERITED = frozenset({"accept", "authorization", "content-type"})
_REFERENCE_ID = re.compile(r"[A-Za-z0-9_]+")
_URL = re.compile(r"/services/data/v(\d+\.\d)/.+", re.DOTALL)
_HEAVY = re.compile(r"/services/data/v[^/]+/(composite/sobjects|query|queryAll)(/|\?|$)")
_REFERENCE = re.compile(r"@\{([^}]*)\}")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_TARGETS = [
    target
    for target in (*collections.ROUTES, *query.ROUTES, *data.ROUTES)
    if target.path.removeprefix(f"{BASE}/").startswith(("composite/sobjects", "query", "sobjects"))
]


class _RolledBackError(Exception):
    """Ends the transaction of a request of which one part failed."""


@dataclass(frozen=True)
class _Result:
    reference_id: str
    body: Any
    status: int
    headers: dict[str, str]

    @property
    def is_failed(self) -> bool:
        return self.status >= 400

    @property
    def has_refusals(self) -> bool:
        """Whether a record of a collection was refused, which by itself is an answer like any."""
        rows = self.body if isinstance(self.body, list) else []
        return any(isinstance(row, dict) and row.get("success") is False for row in rows)

    def shown(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "httpHeaders": self.headers,
            "httpStatusCode": self.status,
            "referenceId": self.reference_id,
        }


def _malformed(message: str) -> ApiError:
    return ApiError(400, "JSON_PARSER_ERROR", message)


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the subrequests, or refuse the whole call before any of them is carried out."""
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not parts or not all(isinstance(one, dict) for one in parts):
        raise _malformed("The request body needs 'compositeRequest', a list of subrequests.")
    for part in parts:
        _check(part)
    names = [part["referenceId"] for part in parts]
    if len(set(names)) < len(names):
        raise _malformed("Each referenceId must be unique within the request.")
    heavy = sum(_HEAVY.match(part["url"]) is not None for part in parts)
    for count, most, what in (
        (len(parts), MOST, "subrequests"),
        (heavy, MOST_HEAVY, "sObject Collections or query operations"),
    ):
        if count > most:
            raise ApiError(400, "LIMIT_EXCEEDED", f"No more than {most} {what} in one call.")
    return parts


def _check(part: dict[str, Any]) -> None:
    for name in ("method", "url", "referenceId"):
        if not isinstance(part.get(name), str):
            raise _malformed(f"A subrequest needs '{name}', a text.")
    if _REFERENCE_ID.fullmatch(part["referenceId"]) is None:
        raise _malformed("A referenceId consists of letters, numbers and underscores.")
    if part["method"] not in _METHODS:
        raise _malformed(f"Unknown method '{part['method']}': methods are case-sensitive.")
    found = _URL.fullmatch(part["url"])
    if found is None or found[1] not in VERSIONS:
        raise _malformed(f"A url begins with /services/data/vXX.X/: {part['url']}")
    headers = part.get("httpHeaders") or {}
    if not isinstance(headers, dict) or _INHERITED & {str(name).lower() for name in headers}:
        raise _malformed("Accept, Authorization and Content-Type are those of the whole request.")


def _value(reference: str, done: dict[str, _Result]) -> Any:
    """Return what ``ref.field`` or ``ref[0].field`` stands for."""
    name = re.split(r"[.\[]", reference, maxsplit=1)[0]
    result = done.get(name)
    value: Any = None if result is None or result.is_failed else result.body
    for key, index in _STEP.findall(reference.removeprefix(name)):
        try:
            value = value[int(index)] if index else value[key]
        except (KeyError, IndexError, TypeError):
            value = None
    if value is None or isinstance(value, dict | list):
        raise ApiError(
            400,
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {reference} found in {name}",
        )
    return value


def _filled(item: Any, done: dict[str, _Result]) -> Any:
    """Put what earlier subrequests told in the place of references to it."""
    if isinstance(item, dict):
        return {name: _filled(value, done) for name, value in item.items()}
    if isinstance(item, list):
        return [_filled(value, done) for value in item]
    if not isinstance(item, str):
        return item
    whole = _REFERENCE.fullmatch(item)
    if whole is not None:
        return _value(whole[1], done)
    return _REFERENCE.sub(lambda found: str(_value(found[1], done)), item)


def _carried_out(call: Call, part: dict[str, Any], done: dict[str, _Result]) -> _Result:
    name = part["referenceId"]
    try:
        answer = _answer(call, part, done)
    except ApiError as error:
        return _Result(name, error.body(), error.status, {})
    return _Result(name, answer.payload, answer.http_status, dict(answer.headers))


def _answer(call: Call, part: dict[str, Any], done: dict[str, _Result]) -> Answer:
    url = urlsplit(_filled(part["url"], done))
    body = orjson.dumps(_filled(part["body"], done)) if "body" in part else b""
    headers = {name.lower(): str(value) for name, value in (part.get("httpHeaders") or {}).items()}
    path = url.path.rstrip("/")
    for target in _TARGETS:
        match, scope = target.matches({"type": "http", "path": path, "method": part["method"]})
        if match is Match.FULL:
            variables = {name: str(value) for name, value in scope["path_params"].items()}
            asked = dict(parse_qsl(url.query, keep_blank_values=True))
            inner = replace(
                call,
                method=part["method"],
                path=variables,
                query=asked,
                body=body,
                headers=headers,
            )
            return target.answer(inner)
    raise not_found()


def _post(call: Call) -> Answer:
    body = call.json_object()
    parts = _parts(body)
    act = _all_or_none if body.get("allOrNone") is True else _each
    return Answer({"compositeResponse": [result.shown() for result in act(call, parts)]})


def _each(call: Call, parts: list[dict[str, Any]]) -> list[_Result]:
    done: dict[str, _Result] = {}
    for part in parts:
        done[part["referenceId"]] = _carried_out(call, part, done)
    return list(done.values())


def _all_or_none(call: Call, parts: list[dict[str, Any]]) -> list[_Result]:
    """Carry out all of it, or nothing; it ends at the first part that fails."""
    call, done = replace(call, is_all_or_none=True), dict[str, _Result]()
    try:
        with call.org.store.transaction():
            for part in parts:
                result = _carried_out(call, part, done)
                done[result.reference_id] = result
                if result.is_failed or result.has_refusals:
                    raise _RolledBackError
    except _RolledBackError:
        failed = list(done.values())[-1]
        names = [part["referenceId"] for part in parts]
        return [failed if name == failed.reference_id else _halted(name) for name in names]
    return list(done.values())


def _halted(name: str) -> _Result:
    error = ApiError(
        400,
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
    return _Result(name, error.body(), error.status, {})


def _list(call: Call) -> Answer:
    return Answer({"sobjects": f"/services/data/v{call.version}/composite/sobjects"})


ROUTES = [ApiRoute(f"{BASE}/composite", {"GET": _list, "POST": _post})]
