"""Intercom: conversations with their parts, people, companies and teammates."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "access_token": secrets["INTERCOM_ACCESS_TOKEN"],
        "start_date": f"{settings.sync.start_date:%Y-%m-%d}T00:00:00Z",
    }


# The connector names no key of contacts and conversations: without one they could not be updated.
SOURCE = VendorSource(
    name="intercom",
    title="Intercom",
    kind="support",
    requirement="airbyte-source-intercom==0.8.3",
    definition="intercom",
    streams=(
        ConfiguredStream("admins"),
        ConfiguredStream("companies"),
        ConfiguredStream("contacts", primary_key=("id",)),
        ConfiguredStream("conversations", primary_key=("id",)),
        ConfiguredStream("conversation_parts"),
    ),
    credentials=(("INTERCOM_ACCESS_TOKEN",),),
    configure=_configure,
)
