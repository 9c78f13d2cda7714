"""The stand-in as an ASGI application."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from connectors.sandbox.common.middleware import Faults, LocalOnly, VendorHeaders, VendorHost
from connectors.sandbox.salesforce.api import Org
from connectors.sandbox.salesforce.errors import error_body
from connectors.sandbox.salesforce.pages import views
from connectors.sandbox.salesforce.routes import (
    admin,
    collections,
    composite,
    data,
    jobs,
    login,
    query,
    tooling,
)

_HOSTS = r"[a-z0-9.-]+\.salesforce\.com"


def build_app(org: Org) -> ASGIApp:
    """Return the application that serves one org."""
    app = Starlette(
        routes=[
            *login.ROUTES,
            *query.ROUTES,
            *jobs.ROUTES,
            *collections.ROUTES,
            *composite.ROUTES,
            *tooling.ROUTES,
            *data.ROUTES,
            *admin.ROUTES,
            data.FALLBACK,
            *views.ROUTES,
        ],
        middleware=[
            Middleware(LocalOnly),
            Middleware(VendorHeaders),
            Middleware(VendorHost, pattern=_HOSTS),
            Middleware(
                Faults,
                plan=org.faults,
                error_body=error_body,
                is_api=lambda path: path.startswith("/services"),
            ),
        ],
    )
    app.state.org = org
    return app
