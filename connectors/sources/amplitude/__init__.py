"""Amplitude: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of amplitude is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="amplitude",
    title="Amplitude",
    kind="usage",
    requirement="airbyte-source-amplitude==0.6.19",
    definition="amplitude",
    streams=tuple(ConfiguredStream(name) for name in ("events",)),
    credentials=(("AMPLITUDE_API_KEY", "AMPLITUDE_SECRET_KEY"),),
    configure=_configure,
)
