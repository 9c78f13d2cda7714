"""Around each request: who may call, planned faults, and Salesforce's header casing."""

import asyncio
import os
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.salesforce.faults import Fault, FaultPlan

TRANSPORT = "sandbox.transport"
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


class HeaderCasing:
    """Send header names as Salesforce writes them: some clients look for that casing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with names such as ``Content-Type``."""

        async def titled(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [(name.title(), value) for name, value in message["headers"]]
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
    """

    def __init__(self, app: ASGIApp, plan: FaultPlan) -> None:
        self.app = app
        self.plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, disturbed or not."""
        is_api = scope["type"] == "http" and scope["path"].startswith("/services")
        fault = self.plan.next_fault(scope["method"], scope["path"]) if is_api else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "status":
            retry = (
                []
                if fault.retry_after is None
                else [(b"Retry-After", f"{fault.retry_after:g}".encode())]
            )
            await _reply(send, fault.status, orjson.dumps(fault.body()), retry)
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
