"""uvicorn's HTTP protocol, with the connection handed to the application so that it can be cut."""

import asyncio

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from connectors.sandbox.common.middleware import TRANSPORT


class CuttableProtocol(H11Protocol):
    """Puts the connection's transport into each request's scope."""

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Remember the transport of a new connection."""
        super().connection_made(transport)
        inner = self.config.loaded_app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await inner({**scope, TRANSPORT: transport}, receive, send)

        self.app = app
