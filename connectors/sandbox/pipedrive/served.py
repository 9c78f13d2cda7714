"""How the Pipedrive stand-in is opened for the process that serves it."""

from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company


def new_credentials() -> dict[str, str]:
    """Make a company and the API token of one of its users."""
    return Company.new_credentials()


def open_standin(
    state: Path, credentials: dict[str, str], url: str
) -> tuple[ASGIApp, Callable[[], None]]:
    """Open the company that a file keeps; return its application and what closes the file."""
    company = Company(credentials)
    company.open_state(state)
    return build(company), company.close_state
