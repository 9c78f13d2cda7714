"""Zendesk Support: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of zendesk is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="zendesk",
    title="Zendesk Support",
    kind="support",
    requirement="airbyte-source-zendesk-support==4.9.1",
    definition="zendesk-support",
    streams=tuple(
        ConfiguredStream(name)
        for name in (
            "organizations",
            "users",
            "tickets",
            "ticket_metrics",
            "ticket_audits",
            "satisfaction_ratings",
        )
    ),
    credentials=(("ZENDESK_EMAIL", "ZENDESK_API_TOKEN"),),
    configure=_configure,
)
