"""Pipedrive: what is read of it, and how its connector is configured."""

from pathlib import Path
from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of pipedrive is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="pipedrive",
    title="Pipedrive",
    kind="crm",
    requirement="airbyte-source-pipedrive==2.3.7",
    definition="pipedrive",
    streams=tuple(
        ConfiguredStream(name)
        for name in ("organizations", "persons", "deals", "users", "activities")
    ),
    credentials=(("PIPEDRIVE_API_TOKEN",),),
    configure=_configure,
    launcher=Path(__file__).with_name("launch.py"),
)
