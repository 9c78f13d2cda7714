"""HubSpot's stand-in as an ASGI application."""

from starlette.types import ASGIApp

from connectors.sandbox.common.admin import app_of
from connectors.sandbox.hubspot import pages
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.routes import account, associations, batch, objects, properties


def build(portal: Portal) -> ASGIApp:
    """Return the application that serves one account."""
    areas = (associations, batch, objects, properties, account)
    api = [route for area in areas for route in area.routes(portal)]
    return app_of(portal, [*pages.routes(portal), *api])
