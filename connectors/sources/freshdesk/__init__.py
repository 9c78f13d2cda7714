"""Freshdesk: tickets with their times, people, companies, agents and satisfaction ratings."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import BEGINNING, Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    if settings.freshdesk.domain is None:
        raise CopilotError(
            "freshdesk.domain is missing in the settings.",
            "Put there the address of the desk, such as yourcompany.freshdesk.com.",
        )
    return {
        "api_key": secrets["FRESHDESK_API_KEY"],
        "domain": settings.freshdesk.domain,
        "start_date": BEGINNING,
    }


SOURCE = VendorSource(
    name="freshdesk",
    title="Freshdesk",
    requirement="airbyte-source-freshdesk==3.1.3",
    definition="freshdesk",
    streams=(
        *(ConfiguredStream(name) for name in ("agents", "companies", "contacts", "tickets")),
        # Refused where the plan has none.
        ConfiguredStream("satisfaction_ratings", is_optional=True),
    ),
    credentials=(("FRESHDESK_API_KEY",),),
    configure=_configure,
    overrides=("airbyte-cdk>=4.6,<5",),
)
