"""Salesforce: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import BEGINNING, Secrets, VendorSource
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "auth_type": "Client",
        "client_id": secrets["SALESFORCE_CLIENT_ID"],
        "client_secret": secrets["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": secrets["SALESFORCE_REFRESH_TOKEN"],
        "is_sandbox": settings.salesforce.is_sandbox,
        "start_date": BEGINNING,
        "stream_slice_step": "P365D",  # given in years or months, every second sync fails
        "preserve_na_values": True,  # a company or a person may be called "None"
        # Without these it describes each of the org's thousands of objects.
        "streams_criteria": [
            {"criteria": "exacts", "value": stream.name} for stream in SOURCE.streams
        ],
    }


SOURCE = VendorSource(
    name="salesforce",
    title="Salesforce",
    requirement="airbyte-source-salesforce==2.10.3",
    definition="salesforce",
    streams=(
        *(
            ConfiguredStream(name)
            for name in ("Account", "Contact", "Opportunity", "User", "Task", "Event")
        ),
        # Without field tracking an org has no such object.
        ConfiguredStream("AccountHistory", is_optional=True),
        ConfiguredStream("OpportunityHistory", is_optional=True),
    ),
    credentials=(("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_REFRESH_TOKEN"),),
    configure=_configure,
)
