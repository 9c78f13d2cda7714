"""What unmodified connectors and the runner make of vendors that refuse a part of what is asked."""

from collections.abc import Callable, Iterator

import pytest

from connectors.runner import ConfiguredStream
from connectors.sandbox.stripe.account import Account
from connectors.sandbox.stripe.app import build as build_account
from connectors.sandbox.zendesk.app import build as build_desk
from connectors.sandbox.zendesk.desk import Desk
from connectors.sources.source import VendorSource
from connectors.sources.stripe import SOURCE as STRIPE
from connectors.sources.zendesk import SOURCE as ZENDESK
from tests.integration.real_connectors.reading import Connector
from tests.integration.runner_help import ops, table
from tests.integration.standins import Standin, running
from warehouse.database import Warehouse
from warehouse.errors import CopilotError, TransientError
from warehouse.settings import Settings

Install = Callable[[VendorSource], list[str]]
RATINGS = ConfiguredStream("satisfaction_ratings", is_optional=True)
ORGANIZATIONS = ConfiguredStream("organizations")
CUSTOMERS = [stream for stream in STRIPE.streams if stream.name == "customers"]
ALWAYS = 1000


@pytest.fixture
def desk(connector: Install) -> Iterator[tuple[Standin, Connector]]:
    """Serve a Zendesk with one organisation, and its connector."""
    command = connector(ZENDESK)
    vendor = Desk()
    email, token = vendor.credentials["email"], vendor.credentials["api_token"]
    with running(build_desk(vendor)) as standin:
        standin.http.auth = (f"{email}/token", token)
        standin.seed("organizations", {"id": 1, "created_at": "2026-01-01T00:00:00Z"})
        settings = Settings(sources=["zendesk"], zendesk={"subdomain": "standin"})
        secrets = {"ZENDESK_EMAIL": email, "ZENDESK_API_TOKEN": token}
        config = ZENDESK.configure(settings, secrets)
        yield standin, Connector("zendesk", command, config, {Desk.hosts: standin.url})


@pytest.mark.parametrize("status", [403, 404])
def test_a_zendesk_without_satisfaction_ratings_is_read_without_them(
    warehouse: Warehouse, desk: tuple[Standin, Connector], status: int
) -> None:
    standin, zendesk = desk
    standin.fault("satisfaction_ratings", status=status, times=ALWAYS)
    result = zendesk.sync(warehouse, [ORGANIZATIONS, RATINGS])
    assert "satisfaction_ratings" in result.left_out["satisfaction_ratings"]
    assert table(warehouse, "zendesk", "organizations", "id") == [(1,)]


def test_a_zendesk_that_fails_at_its_satisfaction_ratings_fails_the_sync(
    warehouse: Warehouse, desk: tuple[Standin, Connector]
) -> None:
    standin, zendesk = desk
    standin.fault("satisfaction_ratings", status=401, times=ALWAYS)
    with pytest.raises(CopilotError, match="zendesk failed") as failure:
        zendesk.sync(warehouse, [ORGANIZATIONS, RATINGS])
    assert "renew them" in failure.value.hint


def test_a_zendesk_that_refuses_what_must_be_there_says_which_permissions_it_needs(
    warehouse: Warehouse, desk: tuple[Standin, Connector]
) -> None:
    standin, zendesk = desk
    standin.fault("organizations", status=403, times=ALWAYS)
    with pytest.raises(CopilotError, match="zendesk failed.*organizations") as failure:
        zendesk.sync(warehouse, [ORGANIZATIONS, RATINGS])
    assert not isinstance(failure.value, TransientError)
    assert "give them the permissions" in failure.value.hint


@pytest.fixture
def billing(connector: Install) -> Iterator[tuple[Standin, Connector]]:
    """Serve a Stripe account with one customer, and its connector."""
    command = connector(STRIPE)
    vendor = Account()
    with running(build_account(vendor)) as standin:
        standin.seed("customers", {"id": "cus_1", "created": 1_735_000_000})
        account, key = vendor.credentials["account_id"], vendor.credentials["secret_key"]
        settings = Settings(sources=["stripe"], stripe={"account_id": account})
        config = STRIPE.configure(settings, {"STRIPE_SECRET_KEY": key})
        yield standin, Connector("stripe", command, config, {Account.hosts: standin.url})


def test_a_wrong_stripe_account_is_no_empty_one(
    warehouse: Warehouse, billing: tuple[Standin, Connector]
) -> None:
    _, stripe = billing
    stripe.config["account_id"] = "acct_of_another_company"
    with pytest.raises(CopilotError, match="stripe failed: The provided key does not") as failure:
        stripe.sync(warehouse, CUSTOMERS, refusals=STRIPE.refusals)
    assert "Is stripe.account_id in copilot.yml" in failure.value.hint


def test_a_stripe_key_that_may_no_longer_read_events_does_not_count_as_a_quiet_feed(
    warehouse: Warehouse, billing: tuple[Standin, Connector]
) -> None:
    standin, stripe = billing
    stripe.sync(warehouse, CUSTOMERS, refusals=STRIPE.refusals)
    assert table(warehouse, "stripe", "customers", "id") == [("cus_1",)]
    known = "select state, updated_at from {}.sync_state where source = 'stripe'"
    before = ops(warehouse, known)
    standin.fault("/v1/events", status=403, times=ALWAYS)
    with pytest.raises(CopilotError, match="stripe failed: .*required permissions") as failure:
        stripe.sync(warehouse, CUSTOMERS, refusals=STRIPE.refusals)
    assert "give them the permissions" in failure.value.hint
    assert ops(warehouse, known) == before
