"""Stripe: what is read of it, and how its connector is configured."""

from typing import Any

from connectors.runner import ConfiguredStream, Refusal
from connectors.sources.source import BEGINNING, Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    account = settings.stripe.account_id
    if account is None:
        raise CopilotError(
            "stripe.account_id is missing in the settings.",
            "Put there the id (acct_...) that Stripe shows under Settings, Account details.",
        )
    return {
        "account_id": account,
        "client_secret": secrets["STRIPE_SECRET_KEY"],
        "start_date": BEGINNING,
    }


# With a state, the connector reads only Stripe's events, which are kept for thirty days.
EVENT_DAYS = 29

# The connector ignores each 400, 403 and 404, and logs no more of it than Stripe's own words. A 404
# is what became of a deleted object.
_REFUSALS = (
    Refusal(
        "does not have access to account|no such account|can work with other accounts",
        "Is stripe.account_id in copilot.yml the account that STRIPE_SECRET_KEY belongs to?",
    ),
    Refusal("does not have the required permissions|permission would allow this request"),
    Refusal(
        "does not allow requests from your ip address",
        "Let the key STRIPE_SECRET_KEY be used from this machine's address.",
    ),
    Refusal("Ignoring response for .* with response code '40[03]'"),
)

SOURCE = VendorSource(
    name="stripe",
    title="Stripe",
    requirement="airbyte-source-stripe==5.14.1",
    definition="stripe",
    streams=tuple(
        ConfiguredStream(name, feed_days=EVENT_DAYS)
        for name in ("customers", "subscriptions", "invoices", "products", "prices")
    ),
    credentials=(("STRIPE_SECRET_KEY",),),
    configure=_configure,
    refusals=_REFUSALS,
)
