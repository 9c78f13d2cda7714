"""Intercom: conversations with their parts, people, companies and teammates."""

from typing import Any

from connectors.runner import ConfiguredStream, SyncMode
from connectors.sources.source import BEGINNING, Secrets, VendorSource
from warehouse.settings import Settings

# Of a conversation that changed, the connector drops the parts that are older than the newest part
# it ever saw in any: parts that a failed sync did not come to, or that were written while another
# conversation was read, would never arrive. Looking back for ever costs no further request.
_LOOKBACK_DAYS = 36_500


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "access_token": secrets["INTERCOM_ACCESS_TOKEN"],
        "start_date": BEGINNING,
        "lookback_window": _LOOKBACK_DAYS,
    }


# The connector names no key of contacts and conversations: without one they could not be updated.
# It scrolls over all companies each time; taking them all shows which ones were deleted.
SOURCE = VendorSource(
    name="intercom",
    title="Intercom",
    requirement="airbyte-source-intercom==0.8.3",
    definition="intercom",
    streams=(
        ConfiguredStream("admins"),
        ConfiguredStream("companies", SyncMode.FULL_REFRESH_OVERWRITE),
        ConfiguredStream("contacts", primary_key=("id",)),
        ConfiguredStream("conversations", primary_key=("id",)),
        ConfiguredStream("conversation_parts"),
    ),
    credentials=(("INTERCOM_ACCESS_TOKEN",),),
    configure=_configure,
)
