"""How the Salesforce stand-in is opened for the process that serves it."""

import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from connectors.sandbox.salesforce.api import Org
from connectors.sandbox.salesforce.app import build_app
from connectors.sandbox.salesforce.store import Store


def new_credentials() -> dict[str, str]:
    """Make credentials for a fresh org.

    ``client_id`` and ``client_secret`` are for OAuth's client credentials, ``username`` and
    ``password`` for SOAP login and OAuth's password grant (there is no security token),
    ``refresh_token`` for OAuth's refresh token grant.
    """
    return {
        "client_id": f"3MVG9{secrets.token_urlsafe(48)}",
        "client_secret": secrets.token_hex(32).upper(),
        "username": "integration@copilot.sandbox.example",
        "password": secrets.token_urlsafe(18),
        "refresh_token": f"5Aep{secrets.token_urlsafe(60)}",
    }


def open_standin(
    state: Path, credentials: dict[str, str], url: str
) -> tuple[ASGIApp, Callable[[], None]]:
    """Open the org that is kept in a file; return its application and what closes the file."""
    org = Org(Store(state), credentials, url)
    return build_app(org), org.store.close
