"""Pipedrive's stand-in as an ASGI application."""

from starlette.types import ASGIApp

from connectors.sandbox.common.admin import app_of
from connectors.sandbox.pipedrive import pages
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.routes import account, fields, records, version1


def build(company: Company) -> ASGIApp:
    """Return the application that serves one company."""
    areas = (account, fields, records, version1, pages)
    return app_of(company, [route for area in areas for route in area.routes(company)])
