"""How the HubSpot stand-in is opened for the process that serves it."""

from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from connectors.sandbox.hubspot.app import build
from connectors.sandbox.hubspot.portal import Portal


def new_credentials() -> dict[str, str]:
    """Make an account id and the access token of a private app."""
    return Portal.new_credentials()


def open_standin(
    state: Path,
    credentials: dict[str, str],
    url: str,
) -> tuple[ASGIApp, Callable[[], None]]:
    """Open the account that is kept in a file; return its application and what closes the file."""
    portal = Portal(credentials)
    portal.open_state(state)
    return build(portal), portal.close_state
