"""Stripe: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of stripe is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


# With a state, the connector reads only Stripe's events, which are kept for thirty days.
EVENT_DAYS = 29

SOURCE = VendorSource(
    name="stripe",
    title="Stripe",
    kind="billing",
    requirement="airbyte-source-stripe==5.14.1",
    definition="stripe",
    streams=tuple(
        ConfiguredStream(name, feed_days=EVENT_DAYS)
        for name in ("customers", "subscriptions", "invoices", "products", "prices")
    ),
    credentials=(("STRIPE_SECRET_KEY",),),
    configure=_configure,
)
