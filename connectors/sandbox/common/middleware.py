"""Around each request: who may call, under which host name, planned faults, header casing."""

import asyncio
import os
import re
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.common.faults import Fault, FaultPlan

TRANSPORT = "sandbox.transport"
BASE_URL = "sandbox.base_url"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "testserver"})


async def _reply(
    send: Send, status: int, body: bytes, extra: list[tuple[bytes, bytes]] | None = None
) -> None:
    headers = [
        (b"Content-Type", b"application/json;charset=UTF-8"),
        (b"Content-Length", str(len(body)).encode()),
        *(extra or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class LocalOnly:
    """Refuse requests that a web page sent, and those for another host name.

    Parameters
    ----------
    app : ASGIApp
        What it protects.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            host = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
            own = f"http://{headers.get(b'host', b'').decode('latin-1')}".encode()
            if host not in _LOCAL_NAMES or headers.get(b"origin", own) != own:
                body = b'{"error":"This stand-in answers only programs on this machine."}'
                await _reply(send, 403, body)
                return
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self.app(scope, receive, send)


class VendorHost:
    """Know under which name the vendor was addressed.

    A client that cannot be given another address is sent to ``http://127.0.0.1:PORT/HOST/path``
    instead of ``https://HOST/path``: the host is taken from the path, and addresses in answers
    are the vendor's own, as the client expects them.

    Parameters
    ----------
    app : ASGIApp
        Finds the address it was called by in ``scope[BASE_URL]``.
    pattern : str
        Regular expression of the vendor's host names.
    """

    def __init__(self, app: ASGIApp, pattern: str) -> None:
        self.app = app
        self.pattern = re.compile(rf"/({pattern})(?=/|$)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its path as the vendor's server would see it."""
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            scope = {**scope, BASE_URL: f"http://{host}"}
            match = self.pattern.match(scope["path"])
            if match:
                scope[BASE_URL] = f"https://{match[1]}"
                scope["path"] = scope["path"][match.end() :] or "/"
        await self.app(scope, receive, send)


class VendorHeaders:
    """Send names as the vendors write them, which some clients look for, and the time of answering.

    The server's own `Date` is renewed about once a second, later when the machine is busy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with names such as ``Content-Type``, and `Date`."""

        async def titled(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(name.title(), value) for name, value in message["headers"]]
                message["headers"] = [(b"Date", formatdate(usegmt=True).encode()), *headers]
            await send(message)

        await self.app(scope, receive, titled)


class Faults:
    """Meet each API request with the fault that is planned for it.

    Parameters
    ----------
    app : ASGIApp
        What is disturbed.
    plan : FaultPlan
        The faults to come.
    error_body : callable
        The vendor's JSON body for an HTTP status.
    is_api : callable
        Whether a path belongs to the vendor's API.
    """

    def __init__(
        self,
        app: ASGIApp,
        plan: FaultPlan,
        error_body: Callable[[int], Any],
        is_api: Callable[[str], bool],
    ) -> None:
        self.app = app
        self.plan = plan
        self.error_body = error_body
        self.is_api = is_api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, disturbed or not."""
        is_api = scope["type"] == "http" and self.is_api(scope["path"])
        fault = self.plan.next_fault(scope["method"], scope["path"]) if is_api else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "status":
            retry = (
                []
                if fault.retry_after is None
                else [(b"Retry-After", f"{fault.retry_after:g}".encode())]
            )
            await _reply(send, fault.status, orjson.dumps(self.error_body(fault.status)), retry)
        elif fault.kind == "garbage":
            await _reply(send, 200, b'{"records": [{"attr')
        else:
            await self._disturb(fault, scope, receive, send)

    async def _disturb(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        async def swallow(_message: Message) -> None:
            return

        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            await self.app(scope, receive, send)
            return
        if fault.kind.endswith("_after"):
            await self.app(scope, receive, swallow)
        if fault.kind.startswith("exit"):
            os._exit(70)
        transport: Any = scope[TRANSPORT]
        transport.abort()
