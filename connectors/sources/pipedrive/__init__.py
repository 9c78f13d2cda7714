"""Pipedrive: records and activities."""

from pathlib import Path
from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.settings import Settings

_STREAMS = ("persons", "deals", "stages", "users", "activities")
# A company's own fields have keys that no catalogue names; `organization_fields` names them.
_ORGANIZATIONS = ConfiguredStream("organizations", rest_column="custom_fields")
_FIELDS = ConfiguredStream("organization_fields", primary_key=("key",))


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "api_token": secrets["PIPEDRIVE_API_TOKEN"],
        "replication_start_date": "2010-01-01 00:00:00Z",  # before Pipedrive's first customer
    }


SOURCE = VendorSource(
    name="pipedrive",
    title="Pipedrive",
    requirement="airbyte-source-pipedrive==2.3.7",
    definition="pipedrive",
    streams=(_ORGANIZATIONS, *(ConfiguredStream(name) for name in _STREAMS), _FIELDS),
    credentials=(("PIPEDRIVE_API_TOKEN",),),
    configure=_configure,
    launcher=Path(__file__).with_name("launch.py"),
)
