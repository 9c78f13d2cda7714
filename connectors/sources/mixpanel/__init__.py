"""Mixpanel: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    raise CopilotError(
        "The connector of mixpanel is not set up.",
        "Set sample_company: true for the synthetic company, or bring own tables (app).",
    )


SOURCE = VendorSource(
    name="mixpanel",
    title="Mixpanel",
    kind="usage",
    requirement="airbyte-source-mixpanel==4.0.2",
    definition="mixpanel",
    streams=(
        # What Mixpanel itself removes repeats by.
        ConfiguredStream("export", primary_key=("time", "distinct_id", "event", "insert_id")),
        ConfiguredStream("engage"),
    ),
    credentials=(("MIXPANEL_USERNAME", "MIXPANEL_SECRET"),),
    configure=_configure,
)
