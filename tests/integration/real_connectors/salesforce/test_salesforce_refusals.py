"""What Airbyte's Salesforce connector and the runner make of an org that refuses to answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.runner import ConfiguredStream
from tests.integration.real_connectors.reading import keyed, remains
from tests.integration.real_connectors.salesforce.conftest import (
    ACCOUNTS,
    DEALS,
    OpenConnector,
    fill,
)
from tests.integration.salesforce.conftest import Sandbox, serving_org
from warehouse.database import Warehouse
from warehouse.errors import CopilotError, TransientError

ACCOUNT = [ConfiguredStream("Account")]


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Sandbox]:
    """Serve an org with a few records."""
    with serving_org(tmp_path) as opened:
        fill(opened)
        yield opened


@pytest.mark.parametrize(
    ("name", "way", "count"),
    [("Account", "queryAll", ACCOUNTS), ("Opportunity", "/results", DEALS)],
    ids=["through-rest", "through-bulk"],
)
def test_a_quota_that_ends_in_the_middle_keeps_what_was_read_and_goes_on_from_there(
    warehouse: Warehouse,
    org: Sandbox,
    open_connector: OpenConnector,
    name: str,
    way: str,
    count: int,
) -> None:
    few = {"start_date": "2025-01-01T00:00:00Z", "stream_slice_step": "P30D", "num_workers": 2}
    real = open_connector(org, **few)
    stream = [ConfiguredStream(name)]
    org.fault(path=way, status=403, skip=4, times=1000)
    with pytest.raises(TransientError) as raised:
        real.sync(warehouse, stream)
    assert "salesforce" in raised.value.what
    assert "REQUEST_LIMIT_EXCEEDED" in raised.value.what
    kept = remains(warehouse, "salesforce", [name])
    assert 0 < kept.rows[name] < count
    assert kept.states[name]
    org.forget()
    result = real.sync(warehouse, stream)
    assert len(keyed(warehouse, "salesforce", name, '"Id"')) == count
    assert result.streams[name].read < count


def test_a_day_without_calls_left_is_told_as_such(
    warehouse: Warehouse, org: Sandbox, open_connector: OpenConnector
) -> None:
    org.set_limits(used=115_000)
    with pytest.raises(TransientError, match="(?s)salesforce.*REQUEST_LIMIT_EXCEEDED"):
        open_connector(org).sync(warehouse, ACCOUNT)


def test_a_withdrawn_refresh_token_is_no_passing_fault(
    warehouse: Warehouse, org: Sandbox, open_connector: OpenConnector
) -> None:
    real = open_connector(org, refresh_token="withdrawn-by-the-administrator")
    with pytest.raises(CopilotError, match="(?s)salesforce.*authentication.*expired") as raised:
        real.sync(warehouse, ACCOUNT)
    assert not isinstance(raised.value, TransientError)
    assert "withdrawn-by" not in str(raised.value)


def test_a_refresh_token_that_serves_once_is_replaced_by_the_next(
    warehouse: Warehouse, org: Sandbox, open_connector: OpenConnector, tmp_path: Path
) -> None:
    org.set_limits(rotate_refresh_tokens=1)
    real = open_connector(org)
    for _ in range(2):
        real.sync(warehouse, ACCOUNT, home=tmp_path)
    with pytest.raises(CopilotError, match="authentication.*expired"):
        real.sync(warehouse, ACCOUNT)
