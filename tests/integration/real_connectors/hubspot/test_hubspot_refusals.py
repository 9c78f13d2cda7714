"""What Airbyte's HubSpot connector and the runner make of an account that refuses to answer."""

from collections.abc import Iterator

import pytest

from connectors.runner import ConfiguredStream
from connectors.sources.source import BEGINNING
from tests.integration.hubspot.conftest import Account, serving_account
from tests.integration.real_connectors.hubspot.conftest import DEALS, OpenConnector, fill
from tests.integration.real_connectors.reading import keyed, remains
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

PAGE = 100
DEAL = [ConfiguredStream("deals")]


@pytest.fixture
def account() -> Iterator[Account]:
    """Serve an account with some records."""
    with serving_account() as opened:
        fill(opened)
        opened.settings(searches_per_second=1000)
        yield opened


def test_a_first_read_that_breaks_off_keeps_its_pages_and_is_begun_anew_by_the_next(
    warehouse: Warehouse, account: Account, open_connector: OpenConnector
) -> None:
    """Deals come by their ids, not by their times: no state may take any for read."""
    real = open_connector(account)
    account.fault(path="/crm/v3/objects/deal$", status=403, skip=1)
    with pytest.raises(CopilotError, match="(?s)hubspot.*Access denied"):
        real.sync(warehouse, DEAL)
    assert account.seen()["GET /crm/v3/objects/deal"] == 2
    kept = remains(warehouse, "hubspot", ["deals"])
    assert kept.rows == {"deals": PAGE}
    assert kept.states["deals"]["updatedAt"].startswith(BEGINNING[:10])
    result = real.sync(warehouse, DEAL)
    assert result.streams["deals"].read == DEALS - 1
    ids = {int(key) - 7000 for key in keyed(warehouse, "hubspot", "deals", "id")}
    assert ids == set(range(1, DEALS + 1)) - {3}  # which is archived


def test_a_revoked_token_is_named(
    warehouse: Warehouse, account: Account, open_connector: OpenConnector
) -> None:
    real = open_connector(account)
    real.config["credentials"]["access_token"] = "pat-na1-revoked-by-the-administrator"
    with pytest.raises(CopilotError, match="(?s)hubspot.*credentials") as raised:
        real.sync(warehouse, DEAL)
    assert "revoked-by" not in str(raised.value)
