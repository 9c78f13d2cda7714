"""What a vendor's stand-in is: its state, its calls and answers, and the application around them.

Requests are answered one after another on the event loop, so that each sees a whole state. The
records live in memory; a stand-in that is given a file keeps in it what each request changed,
before the answer leaves.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from connectors.sandbox.common.faults import FaultPlan
from connectors.sandbox.common.middleware import (
    BASE_URL,
    Faults,
    LocalOnly,
    VendorHeaders,
    VendorHost,
)
from connectors.sandbox.common.store import ValueStore

ADMIN = "/__sandbox__"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
Record = dict[str, Any]


class Clock:
    """The stand-in's time: the machine's, moved by an offset."""

    def __init__(self) -> None:
        self._offset = dt.timedelta(0)

    def now(self) -> dt.datetime:
        """Return the present, in whole seconds."""
        return self.exact().replace(microsecond=0)

    def exact(self) -> dt.datetime:
        """Return the present, to the microsecond."""
        return dt.datetime.now(dt.UTC) + self._offset

    def unix(self) -> int:
        """Return the present in seconds since 1970."""
        return int(self.now().timestamp())

    def advance(self, seconds: float) -> None:
        """Move the time on, or back."""
        self._offset += dt.timedelta(seconds=seconds)


class RefusedError(Exception):
    """A request is answered with an error.

    Parameters
    ----------
    status : int
        HTTP status.
    payload : object
        The vendor's JSON body.
    headers : dict, optional
        Further headers.
    """

    def __init__(self, status: int, payload: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {payload}")
        self.status = status
        self.payload = payload
        self.headers = dict(headers or {})


class Vendor:
    """The state of one stand-in; each vendor has a subclass.

    Attributes
    ----------
    name, hosts : str
        The vendor's short name, and a regular expression of its host names.
    collections : tuple of str
        Kinds of records that may be seeded.
    settings : dict of str to int
        What an administrator may set, such as the largest page.
    """

    name: ClassVar[str]
    hosts: ClassVar[str]
    collections: ClassVar[tuple[str, ...]]

    def __init__(self, credentials: Mapping[str, str] | None = None) -> None:
        self.clock = Clock()
        self.faults = FaultPlan()
        self.records: dict[str, dict[str, Record]] = defaultdict(dict)
        self.credentials = dict(credentials or self.new_credentials())
        self.settings: dict[str, int] = self.default_settings()
        self._store: ValueStore | None = None
        self._touched: set[tuple[str, str]] = set()

    @staticmethod
    def new_credentials() -> dict[str, str]:
        """Make credentials for a fresh stand-in."""
        raise NotImplementedError

    @staticmethod
    def default_settings() -> dict[str, int]:
        """Return the vendor's own limits."""
        raise NotImplementedError

    def admit(self, call: "Call") -> dict[str, str]:
        """Check a call's credentials and limits; return headers for its answer.

        Raises
        ------
        RefusedError
            It is not let in.
        """
        raise NotImplementedError

    def seed(self, collection: str, record: Record) -> Record:
        """Take a record as it is, with the vendor's defaults for what it leaves out."""
        raise NotImplementedError

    def error_body(self, status: int) -> Any:
        """Return the vendor's body for an HTTP status."""
        raise NotImplementedError

    def is_api(self, path: str) -> bool:
        """Say whether an address is one of the vendor's API, which faults may disturb."""
        return not path.startswith(ADMIN)

    def not_found(self) -> RefusedError:
        """Return the answer to an address that does not exist."""
        return RefusedError(404, self.error_body(404))

    # -- what outlives the process -----------------------------------------------------------

    def open_state(self, state: Path) -> None:
        """Take what a file keeps, and keep there what is changed from now on."""
        self._store = ValueStore(state)
        for section, key, value in self._store:
            self.restore(section, key, value)

    def close_state(self) -> None:
        """Close the file, if there is one."""
        if self._store is not None:
            self.keep_changes()
            self._store.close()

    def touch(self, section: str, key: str) -> None:
        """Note that a value was made, changed or removed."""
        if self._store is not None:
            self._touched.add((section, key))

    def keep_changes(self) -> None:
        """Write what was touched."""
        if self._store is not None and self._touched:
            self._store.write((*place, self.kept(*place)) for place in sorted(self._touched))
            self._touched.clear()

    def kept(self, section: str, key: str) -> Any:
        """Return the JSON value that is kept for a key; None if it is no more."""
        return self.records[section].get(key)

    def restore(self, section: str, key: str, value: Any) -> None:
        """Take a value that was kept."""
        self.records[section][key] = value

    def each(self, collection: str) -> Iterator[Record]:
        """Yield the records of a collection, in the order in which they came."""
        return iter(list(self.records[collection].values()))


@dataclass(frozen=True)
class Call:
    """One request."""

    vendor: Any
    method: str
    url_path: str
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes
    headers: Mapping[str, str]
    base_url: str

    def param(self, name: str, default: str = "") -> str:
        """Return a query parameter, the last one of its name."""
        return dict(self.query).get(name, default)

    def json_object(self) -> dict[str, Any]:
        """Return the body, which must be a JSON object.

        Raises
        ------
        RefusedError
            It is none.
        """
        loaded = self._json(b"{}")
        if not isinstance(loaded, dict):
            raise RefusedError(400, self.vendor.error_body(400))
        return loaded

    def json_list(self) -> list[dict[str, Any]]:
        """Return the body, which must be a JSON list of objects.

        Raises
        ------
        RefusedError
            It is none.
        """
        loaded = self._json(b"[]")
        if not isinstance(loaded, list) or not all(isinstance(item, dict) for item in loaded):
            raise RefusedError(400, self.vendor.error_body(400))
        return loaded

    def _json(self, otherwise: bytes) -> Any:
        try:
            return json.loads(self.body or otherwise)
        except ValueError as error:
            raise RefusedError(400, self.vendor.error_body(400)) from error


@dataclass(frozen=True)
class Answer:
    """Status, JSON payload and headers; no payload means no body."""

    payload: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


def json_response(payload: Any, status: int, headers: Mapping[str, str]) -> Response:
    """Return a JSON response; integers keep all their digits. Bytes are sent as they are."""
    if isinstance(payload, bytes):
        return Response(payload, status, dict(headers))
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    given = {"Content-Type": "application/json; charset=utf-8", **headers}
    return Response(body, status, given)


def route(
    vendor: Vendor, path: str, handlers: Mapping[str, Handler], *, is_public: bool = False
) -> Route:
    """Return the route of an address, with one handler a method."""

    async def serve(request: Request) -> Response:
        call = Call(
            vendor,
            request.method,
            request.url.path,
            {name: str(value) for name, value in request.path_params.items()},
            parse_qsl(request.url.query, keep_blank_values=True),
            await request.body(),
            {name.lower(): value for name, value in request.headers.items()},
            request.scope[BASE_URL],
        )
        return _respond(call, handlers, is_public)

    return Route(path, serve, methods=METHODS)


def _respond(call: Call, handlers: Mapping[str, Handler], is_public: bool) -> Response:
    headers: dict[str, str] = {}
    try:
        if not is_public:
            headers = call.vendor.admit(call)
        handler = handlers.get(call.method)
        if handler is None:
            raise RefusedError(405, call.vendor.error_body(405))
        answer = handler(call)
    except RefusedError as refusal:
        return json_response(refusal.payload, refusal.status, {**headers, **refusal.headers})
    finally:
        call.vendor.keep_changes()
    headers |= answer.headers
    if answer.payload is None:
        return Response(status_code=answer.status if answer.status != 200 else 204, headers=headers)
    return json_response(answer.payload, answer.status, headers)


def build_app(vendor: Vendor, routes: Sequence[BaseRoute]) -> ASGIApp:
    """Return the application that serves one stand-in."""

    def missing(call: Call) -> Answer:
        raise call.vendor.not_found()

    fallback = route(vendor, "/{rest:path}", dict.fromkeys(METHODS, missing))
    return Starlette(
        routes=[*routes, fallback],
        middleware=[
            Middleware(LocalOnly),
            Middleware(VendorHeaders),
            Middleware(VendorHost, pattern=vendor.hosts),
            Middleware(
                Faults,
                plan=vendor.faults,
                error_body=vendor.error_body,
                is_api=vendor.is_api,
            ),
        ],
    )
