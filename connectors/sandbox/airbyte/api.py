"""The stand-in server: its state, and how a request reaches the function that answers it."""

import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.airbyte.problems import ProblemError
from connectors.sandbox.airbyte.store import Document, Store
from connectors.sandbox.common.faults import FaultPlan

PUBLIC = "/api/public/v1"
CONFIGURATION = "/api/v1"
_DEFAULT_PAGE = 20
_TOKEN_SECONDS = 180


@dataclass
class AirbyteServer:
    """A server with one workspace.

    Parameters
    ----------
    store : Store
        Everything it knows, on disk.
    client_id, client_secret : str
        The application that may ask for access tokens.
    """

    store: Store
    client_id: str
    client_secret: str
    base_url: str = ""
    faults: FaultPlan = field(default_factory=FaultPlan)
    lock: threading.RLock = field(default_factory=threading.RLock)
    tokens: dict[str, float] = field(default_factory=dict)

    @property
    def workspace_id(self) -> str:
        """The only workspace; made when first asked for."""
        with self.lock:
            known = self.store.list("workspace")
            if known:
                return str(known[0]["workspaceId"])
            workspace_id = str(uuid.uuid4())
            self.store.add("workspace", workspace_id, {"workspaceId": workspace_id})
            return workspace_id

    def new_token(self) -> dict[str, Any]:
        """Return a fresh access token, as OAuth spells it."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = time.monotonic() + _TOKEN_SECONDS
        return {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}

    def accepts(self, authorization: str) -> bool:
        """Return whether a request's header carries a token that is still good."""
        token = authorization.removeprefix("Bearer ")
        return self.tokens.get(token, 0.0) > time.monotonic()

    def need(self, kind: str, document_id: str) -> Document:
        """Return a document, or answer 404."""
        found = self.store.get(kind, document_id)
        if found is None:
            raise ProblemError(404, f"There is no {kind} {document_id}.")
        return found


@dataclass(frozen=True)
class Call:
    """One request: the server, the address's parameters, the query and the body."""

    server: AirbyteServer
    ids: Mapping[str, Any]
    query: Mapping[str, str]
    body: Any

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object."""
        if not isinstance(self.body, dict):
            raise ProblemError(422, "The body has to be a JSON object.")
        return self.body

    def want(self, key: str) -> Any:
        """Return a required key of the body."""
        if self.fields.get(key) in (None, ""):
            raise ProblemError(422, f"{key} is missing.")
        return self.fields[key]


Answer = Callable[[Call], Any]


def route(path: str, method: str, answer: Answer, *, is_open: bool = False) -> Route:
    """Return a route; all but open ones need an access token."""

    async def endpoint(request: Request) -> Response:
        server: AirbyteServer = request.app.state.server
        try:
            if not is_open and not server.accepts(request.headers.get("authorization", "")):
                raise ProblemError(401, "")
            call = Call(
                server, request.path_params, dict(request.query_params), await _body(request)
            )
            return json_response(await run_in_threadpool(_locked, answer, call))
        except ProblemError as problem:
            return json_response(problem.body(), problem.status)

    return Route(path, endpoint, methods=[method])


def _locked(answer: Answer, call: Call) -> Any:
    with call.server.lock:
        return answer(call)


async def _body(request: Request) -> Any:
    raw = await request.body()
    if not raw:
        return None
    if "form" in request.headers.get("content-type", ""):
        return dict(parse_qsl(raw.decode()))
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ProblemError(400, f"The body is not JSON: {error}") from error


def json_response(body: Any, status: int = 200) -> Response:
    """Return JSON, or no content for None."""
    if body is None and status == 200:
        return Response(status_code=204)
    kind = "application/json" if status < 400 else "application/problem+json"
    return Response(orjson.dumps(body), status, media_type=kind)


def page(call: Call, rows: list[Document], path: str) -> dict[str, Any]:
    """Return one page of a list, with the addresses of its neighbours."""
    limit = int(call.query.get("limit", _DEFAULT_PAGE))
    offset = int(call.query.get("offset", 0))
    base = f"{call.server.base_url}{PUBLIC}{path}?limit={limit}&offset="
    return {
        "previous": f"{base}{max(0, offset - limit)}" if offset else "",
        "next": f"{base}{offset + limit}" if offset + limit < len(rows) else "",
        "data": rows[offset : offset + limit],
    }
