"""Microsoft Teams's stand-in as an ASGI application."""

from starlette.types import ASGIApp

from connectors.sandbox.common.admin import app_of
from connectors.sandbox.teams.routes import routes
from connectors.sandbox.teams.tenant import Tenant


def build(tenant: Tenant) -> ASGIApp:
    """Return the application that serves one tenant."""
    return app_of(tenant, routes(tenant))
