"""Mixpanel: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    if settings.mixpanel.project_id is None:
        raise CopilotError(
            "mixpanel.project_id is missing in the settings.",
            "Put there the number that Mixpanel shows under Settings, Project Settings.",
        )
    return {
        "credentials": {
            "option_title": "Service Account",
            "username": secrets["MIXPANEL_USERNAME"],
            "secret": secrets["MIXPANEL_SECRET"],
            "project_id": settings.mixpanel.project_id,
        },
        "region": settings.mixpanel.region.upper(),
        "project_timezone": settings.mixpanel.timezone,
        "start_date": settings.sync.start_date.isoformat(),
        "select_properties_by_default": True,
    }


SOURCE = VendorSource(
    name="mixpanel",
    title="Mixpanel",
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
