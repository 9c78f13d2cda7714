"""The stand-ins that start by themselves, and how programs are pointed at them.

Each has a module ``connectors.sandbox.<name>.served`` with two functions: ``new_credentials()``
returns the secrets of a fresh account by name, and ``open_standin(state, credentials, url)`` opens
what is kept in the file `state` and returns the application and a function that closes it.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from warehouse.errors import CopilotError


@dataclass(frozen=True)
class Standin:
    """What is known of a stand-in before it runs.

    Parameters
    ----------
    title : str
        The vendor as people write it.
    environment : mapping of str to str
        What the variables hold that point a program at it, with ``{url}`` and its credentials by
        name.
    """

    title: str
    environment: Mapping[str, str]


STANDINS: Mapping[str, Standin] = {
    "salesforce": Standin(
        "Salesforce",
        {
            "SALESFORCE_INSTANCE_URL": "{url}",
            "SALESFORCE_CLIENT_ID": "{client_id}",
            "SALESFORCE_CLIENT_SECRET": "{client_secret}",
        },
    ),
    "hubspot": Standin(
        "HubSpot", {"HUBSPOT_API_URL": "{url}", "HUBSPOT_ACCESS_TOKEN": "{access_token}"}
    ),
    "pipedrive": Standin(
        "Pipedrive", {"PIPEDRIVE_API_URL": "{url}", "PIPEDRIVE_API_TOKEN": "{api_token}"}
    ),
    "slack": Standin("Slack", {"SLACK_API_URL": "{url}/api/", "SLACK_BOT_TOKEN": "{bot_token}"}),
    "teams": Standin("Teams", {"TEAMS_WEBHOOK_URL": "{url}{webhook_path}"}),
}


def standin_of(vendor: str) -> Standin:
    """Return what is known of a vendor's stand-in.

    Raises
    ------
    CopilotError
        There is none for it.
    """
    if vendor not in STANDINS:
        raise CopilotError(
            f"There is no stand-in {vendor!r} that starts by itself.",
            f"Use one of {', '.join(STANDINS)}.",
        )
    return STANDINS[vendor]


def fresh_credentials(vendor: str) -> dict[str, str]:
    """Return new secrets of a stand-in, by name."""
    made: dict[str, str] = _served(vendor).new_credentials()
    return made


def open_standin(
    vendor: str, state: Path, credentials: Mapping[str, str], url: str
) -> tuple[ASGIApp, Callable[[], None]]:
    """Open a stand-in's state; return its application and what closes the state again."""
    opened: tuple[ASGIApp, Callable[[], None]] = _served(vendor).open_standin(
        state, dict(credentials), url
    )
    return opened


def _served(vendor: str) -> Any:
    return importlib.import_module(f"connectors.sandbox.{vendor}.served")
