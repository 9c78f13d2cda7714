"""Amplitude: its export of events."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.settings import Settings

_SERVERS = {"us": "Standard Server", "eu": "EU Residency Server"}


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "api_key": secrets["AMPLITUDE_API_KEY"],
        "secret_key": secrets["AMPLITUDE_SECRET_KEY"],
        "data_region": _SERVERS[settings.amplitude.region],
        "start_date": f"{settings.sync.start_date:%Y-%m-%d}T00:00:00Z",
    }


SOURCE = VendorSource(
    name="amplitude",
    title="Amplitude",
    requirement="airbyte-source-amplitude==0.6.19",
    definition="amplitude",
    streams=(ConfiguredStream("events"),),
    credentials=(("AMPLITUDE_API_KEY", "AMPLITUDE_SECRET_KEY"),),
    configure=_configure,
)
