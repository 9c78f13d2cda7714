"""The stand-in as an ASGI application."""

import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from connectors.sandbox.airbyte import actors, admin, catalog, connections, jobs, login
from connectors.sandbox.airbyte.api import AirbyteServer
from connectors.sandbox.airbyte.problems import problem_body
from connectors.sandbox.airbyte.store import Store
from connectors.sandbox.common.middleware import Faults, LocalOnly


def build_app(server: AirbyteServer) -> ASGIApp:
    """Return the application of one server."""
    app = Starlette(
        routes=[
            *login.ROUTES,
            *actors.ROUTES,
            *catalog.ROUTES,
            *connections.ROUTES,
            *jobs.ROUTES,
            *admin.ROUTES,
        ],
        middleware=[
            Middleware(LocalOnly),
            Middleware(
                Faults,
                plan=server.faults,
                error_body=problem_body,
                is_api=lambda path: path.startswith("/api/"),
            ),
        ],
    )
    app.state.server = server
    return app


def open_server(state: Path) -> AirbyteServer:
    """Return the stand-in whose state lies in a file.

    The client's secret is kept in the file, so that it stays the same from run to run.
    """
    store = Store(state)
    known = store.get("application", "copilot")
    if known is None:
        known = {"id": "copilot", "secret": secrets.token_urlsafe(24)}
        store.add("application", "copilot", known)
    server = AirbyteServer(store, known["id"], known["secret"])
    admin.add_destination_types(server)
    return server
