"""Salesforce: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of salesforce is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="salesforce",
    title="Salesforce",
    kind="crm",
    requirement="airbyte-source-salesforce==2.10.3",
    definition="salesforce",
    streams=tuple(
        ConfiguredStream(name)
        for name in ("Account", "Contact", "Opportunity", "User", "Task", "Event")
    ),
    credentials=(("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_REFRESH_TOKEN"),),
    configure=_configure,
)
