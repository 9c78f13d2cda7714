"""HubSpot: records, engagements and the history of properties."""

from typing import Any

from connectors.runner import ConfiguredStream, SyncMode
from connectors.sources.source import BEGINNING, Secrets, VendorSource
from warehouse.settings import Settings

# Read whole each time, since an archived one is in no stream: it is missed, not told. A call brings
# a hundred of them.
_WHOLE = ("companies", "contacts")
_CHANGES = (
    "deals",
    "deals_archived",
    "deal_pipelines",
    "owners",
    "owners_archived",
    "engagements_calls",
    "engagements_emails",
    "engagements_meetings",
    "engagements_tasks",
    "companies_property_history",
    "deals_property_history",
)


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "credentials": {
            "credentials_title": "Private App Credentials",
            "access_token": secrets["HUBSPOT_ACCESS_TOKEN"],
        },
        "start_date": BEGINNING,
    }


SOURCE = VendorSource(
    name="hubspot",
    title="HubSpot",
    requirement="airbyte-source-hubspot==5.7.0",
    definition="hubspot",
    streams=(
        *(ConfiguredStream(name, SyncMode.FULL_REFRESH_OVERWRITE) for name in _WHOLE),
        *(ConfiguredStream(name) for name in _CHANGES),
    ),
    credentials=(("HUBSPOT_ACCESS_TOKEN",),),
    configure=_configure,
)
