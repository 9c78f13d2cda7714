"""Freshdesk: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of freshdesk is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="freshdesk",
    title="Freshdesk",
    kind="support",
    requirement="airbyte-source-freshdesk==3.1.3",
    definition="freshdesk",
    streams=tuple(
        ConfiguredStream(name)
        for name in ("companies", "contacts", "tickets", "agents", "satisfaction_ratings")
    ),
    credentials=(("FRESHDESK_API_KEY",),),
    configure=_configure,
    overrides=("airbyte-cdk>=4.6,<5",),
)
