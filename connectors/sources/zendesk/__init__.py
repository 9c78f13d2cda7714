"""Zendesk Support: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import BEGINNING, Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    subdomain = settings.zendesk.subdomain
    if subdomain is None:
        raise CopilotError(
            "zendesk.subdomain is missing in the settings.",
            "Put the first part of your Zendesk's address there: acme for acme.zendesk.com.",
        )
    return {
        "subdomain": subdomain,
        "start_date": BEGINNING,
        "credentials": _credentials(secrets),
    }


def _credentials(secrets: Secrets) -> dict[str, str]:
    if secrets.get("ZENDESK_ACCESS_TOKEN"):
        return {"credentials": "oauth2.0", "access_token": secrets["ZENDESK_ACCESS_TOKEN"]}
    return {
        "credentials": "api_token",
        "email": secrets["ZENDESK_EMAIL"],
        "api_token": secrets["ZENDESK_API_TOKEN"],
    }


SOURCE = VendorSource(
    name="zendesk",
    title="Zendesk Support",
    requirement="airbyte-source-zendesk-support==4.9.1",
    definition="zendesk-support",
    streams=(
        *(
            ConfiguredStream(name)
            for name in ("organizations", "users", "tickets", "ticket_metrics")
        ),
        # Refused where the plan has none, or the user may not see them.
        ConfiguredStream("ticket_audits", is_optional=True),
        ConfiguredStream("satisfaction_ratings", is_optional=True),
    ),
    credentials=(("ZENDESK_ACCESS_TOKEN",), ("ZENDESK_EMAIL", "ZENDESK_API_TOKEN")),
    configure=_configure,
)
