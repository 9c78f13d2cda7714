"""Zendesk's stand-in as an ASGI application."""

from starlette.types import ASGIApp

from connectors.sandbox.common.admin import app_of
from connectors.sandbox.zendesk.desk import Desk
from connectors.sandbox.zendesk.routes import routes


def build(desk: Desk) -> ASGIApp:
    """Return the application that serves one account."""
    return app_of(desk, routes(desk))
