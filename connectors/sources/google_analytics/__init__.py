"""Google Analytics 4: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of google_analytics is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="google_analytics",
    title="Google Analytics 4",
    kind="usage",
    requirement="airbyte-source-google-analytics-data-api==2.8.2",
    definition="google-analytics-data-api",
    streams=tuple(ConfiguredStream(name) for name in ("copilot_events",)),
    credentials=(("GOOGLE_ANALYTICS_CREDENTIALS",),),
    configure=_configure,
)
