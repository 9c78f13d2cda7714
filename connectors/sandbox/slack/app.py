"""Slack's stand-in as an ASGI application."""

from starlette.types import ASGIApp

from connectors.sandbox.common.admin import app_of
from connectors.sandbox.slack.routes import routes
from connectors.sandbox.slack.workspace import Workspace


def build(workspace: Workspace) -> ASGIApp:
    """Return the application that serves one workspace."""
    return app_of(workspace, routes(workspace))
