"""What unmodified connectors and the runner make of vendors that refuse a part of what is asked."""

from collections.abc import Callable, Iterator

import pytest

from connectors.runner import ConfiguredStream
from connectors.sandbox.zendesk.app import build as build_desk
from connectors.sandbox.zendesk.desk import Desk
from connectors.sources.source import VendorSource
from connectors.sources.zendesk import SOURCE as ZENDESK
from tests.integration.real_connectors.reading import Connector
from tests.integration.runner_help import table
from tests.integration.standins import Standin, running
from warehouse.database import Warehouse
from warehouse.errors import CopilotError, TransientError
from warehouse.settings import Settings

Install = Callable[[VendorSource], list[str]]
RATINGS = ConfiguredStream("satisfaction_ratings", is_optional=True)
ORGANIZATIONS = ConfiguredStream("organizations")
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
