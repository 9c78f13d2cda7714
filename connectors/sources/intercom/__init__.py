"""Intercom: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of intercom is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="intercom",
    title="Intercom",
    kind="support",
    requirement="airbyte-source-intercom==0.8.3",
    definition="intercom",
    streams=tuple(ConfiguredStream(name) for name in ("companies", "contacts", "conversations")),
    credentials=(("INTERCOM_ACCESS_TOKEN",),),
    configure=_configure,
)
