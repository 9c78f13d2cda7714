"""What all of the API's routes share: the call, its authority, its limits and its answer."""

import datetime as dt
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.common.faults import FaultPlan
from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.store import Store

VERSIONS = tuple(f"{number}.0" for number in range(50, 68))
DAILY_REQUESTS = 115_000
_BEARER = re.compile(r"(?:Bearer|OAuth)\s+(\S+)", re.IGNORECASE)


@dataclass
class Org:
    """The org that this process serves.

    Parameters
    ----------
    store : Store
        Its records.
    credentials : dict
        client_id, client_secret, username, password, refresh_token.
    base_url : str
        Where it is reached.
    """

    store: Store
    credentials: dict[str, str]
    base_url: str
    faults: FaultPlan = field(default_factory=FaultPlan)

    def new_session(self) -> str:
        """Open a session and return its token."""
        token = f"00Dg50000000007!{secrets.token_urlsafe(48)}"
        self.store.open_session(token)
        return token

    @property
    def daily_limit(self) -> int:
        """Calls allowed a day."""
        return self.store.setting("limit:daily_api_requests", DAILY_REQUESTS)

    @property
    def rotates_refresh_tokens(self) -> bool:
        """Whether the connected app asks for refresh token rotation: each serves once."""
        return bool(self.store.setting("app:rotate_refresh_tokens", 0))

    def has_grant(self, token: str) -> bool:
        """Say whether a refresh token is still good."""
        known = self.store.grant(token)
        first = self.credentials["refresh_token"]
        return hmac.compare_digest(token.encode(), first.encode()) if known is None else known

    def rotate_grant(self, token: str) -> str:
        """Replace a refresh token; the old one is worthless from now on."""
        fresh = f"5Aep{secrets.token_urlsafe(60)}"
        self.store.set_grants({token: False, fresh: True})
        return fresh

    def usage(self, by: int = 0) -> int:
        """Add calls to today's count, and return it."""
        return self.store.count(f"api:{dt.datetime.now(dt.UTC).date()}", by)

    def sobject(self, name: str) -> SObject:
        """Return an object as the user may see it, whatever the name's case.

        Raises
        ------
        ApiError
            404 if there is none.
        """
        for known in self.store.objects:
            if known.lower() == name.lower():
                return self.store.visible(known)
        raise not_found()


@dataclass(frozen=True)
class Call:
    """One authorised request."""

    org: Org
    method: str
    path: dict[str, str]
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]
    is_all_or_none: bool = False  # part of a composite request that stands or falls as a whole

    @property
    def version(self) -> str:
        """API version of the address, such as ``59.0``."""
        return self.path["version"]

    def json(self) -> Any:
        """Return the body as JSON.

        Raises
        ------
        ApiError
            It is not JSON.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise ApiError(
                400, "JSON_PARSER_ERROR", f"{error.msg} at [line:1, column:{error.pos + 1}]"
            ) from error

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object, or refuse it."""
        loaded = self.json()
        if not isinstance(loaded, dict):
            raise ApiError(
                400,
                "JSON_PARSER_ERROR",
                "The HTTP entity body is required, but this request has no entity body.",
            )
        return loaded


@dataclass(frozen=True)
class Answer:
    """Status and JSON payload, or a CSV text; none of both means no body."""

    payload: Any = None
    status: int = 200
    csv: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def http_status(self) -> int:
        """Status as it is sent: 204 where a success has no body."""
        is_empty = self.payload is None and self.csv is None
        return 204 if is_empty and self.status == 200 else self.status


Handler = Callable[[Call], Answer]


def not_found() -> ApiError:
    """Return the answer to an address that does not exist."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def json_response(
    payload: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a JSON response as Salesforce sends it."""
    return Response(
        orjson.dumps(payload),
        status_code=status,
        headers=headers,
        media_type="application/json;charset=UTF-8",
    )


class ApiRoute(Route):
    """An address of the API, with one handler a method.

    Parameters
    ----------
    path : str
        Starlette path.
    handlers : mapping
        Handler by HTTP method.
    is_public : bool
        True where neither a session nor the daily limit applies.
    """

    def __init__(
        self, path: str, handlers: Mapping[str, Handler], *, is_public: bool = False
    ) -> None:
        self._handlers = handlers
        self._is_public = is_public
        super().__init__(path, self._serve, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])

    def answer(self, call: Call) -> Answer:
        """Carry out one call of this address, whoever let it in and counted it.

        Raises
        ------
        ApiError
            It is refused.
        """
        handler = self._handlers.get(call.method)
        if handler is None:
            allowed = ",".join(sorted(self._handlers))
            raise ApiError(
                405,
                "METHOD_NOT_ALLOWED",
                f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}",
            )
        if call.path.get("version", VERSIONS[0]) not in VERSIONS:
            raise not_found()
        return handler(call)

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(self._respond, request, body)

    def _respond(self, request: Request, body: bytes) -> Response:
        org: Org = request.app.state.org
        headers: dict[str, str] = {}
        call = Call(
            org,
            request.method,
            {name: str(value) for name, value in request.path_params.items()},
            dict(request.query_params),
            body,
            {name.lower(): value for name, value in request.headers.items()},
        )
        try:
            if not self._is_public:
                _authorise(org, request)
                headers = _count(org)
            answer = self.answer(call)
        except ApiError as error:
            return json_response(error.body(), error.status, headers)
        headers |= answer.headers
        if answer.csv is not None:
            return Response(answer.csv, headers=headers, media_type="text/csv;charset=UTF-8")
        if answer.payload is None:
            return Response(status_code=answer.http_status, headers=headers)
        return json_response(answer.payload, answer.http_status, headers)


def _authorise(org: Org, request: Request) -> None:
    match = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None or not org.store.has_session(match[1]):
        raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def _count(org: Org) -> dict[str, str]:
    limit = org.daily_limit
    if org.usage() >= limit:
        raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    return {"Sforce-Limit-Info": f"api-usage={org.usage(1)}/{limit}"}
