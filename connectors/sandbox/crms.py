"""The CRMs that have a stand-in which starts by itself, and how programs are pointed at it.

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
class CrmStandin:
    """What is known of a CRM's stand-in before it runs.

    Parameters
    ----------
    title : str
        The vendor as people write it.
    environment : mapping of str to str
        What the destination's environment variables hold: ``url``, or the name of a credential.
    """

    title: str
    environment: Mapping[str, str]


CRM_STANDINS: Mapping[str, CrmStandin] = {
    "salesforce": CrmStandin(
        "Salesforce",
        {
            "SALESFORCE_INSTANCE_URL": "url",
            "SALESFORCE_CLIENT_ID": "client_id",
            "SALESFORCE_CLIENT_SECRET": "client_secret",
        },
    ),
    "hubspot": CrmStandin(
        "HubSpot", {"HUBSPOT_API_URL": "url", "HUBSPOT_ACCESS_TOKEN": "access_token"}
    ),
    "pipedrive": CrmStandin(
        "Pipedrive", {"PIPEDRIVE_API_URL": "url", "PIPEDRIVE_API_TOKEN": "api_token"}
    ),
}


def standin_of(crm: str) -> CrmStandin:
    """Return what is known of a CRM's stand-in.

    Raises
    ------
    CopilotError
        There is none for it.
    """
    if crm not in CRM_STANDINS:
        raise CopilotError(
            f"There is no stand-in of a CRM {crm!r} that starts by itself.",
            f"Use one of {', '.join(CRM_STANDINS)}.",
        )
    return CRM_STANDINS[crm]


def fresh_credentials(crm: str) -> dict[str, str]:
    """Return new secrets of a CRM's stand-in, by name."""
    made: dict[str, str] = _served(crm).new_credentials()
    return made


def open_standin(
    crm: str, state: Path, credentials: Mapping[str, str], url: str
) -> tuple[ASGIApp, Callable[[], None]]:
    """Open a stand-in's state; return its application and what closes the state again."""
    opened: tuple[ASGIApp, Callable[[], None]] = _served(crm).open_standin(
        state, dict(credentials), url
    )
    return opened


def _served(crm: str) -> Any:
    return importlib.import_module(f"connectors.sandbox.{crm}.served")
