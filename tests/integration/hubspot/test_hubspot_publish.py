"""Plans are carried out in HubSpot as in any CRM: the ledger and the account agree."""

import pytest

from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.hubspot.client import HubspotCrm
from tests.integration.hubspot.conftest import Account, company
from tests.integration.publisher import Publisher
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

UPDATE = "POST /crm/v3/objects/companies/batch/update"


@pytest.fixture
def publisher(warehouse: Warehouse, settings: Settings, account: Account) -> Publisher:
    def make() -> HubspotCrm:
        return HubspotCrm(account.environment(), RetryPolicy(3, 0.0, read_timeout=5.0))

    opened = Publisher(warehouse, settings, "hubspot", make)
    opened.begin()
    return opened


def _ids(numbers: range) -> list[str]:
    return [str(1000 + number) for number in numbers]


def _scores(account: Account) -> dict[str, float]:
    """Return the health score of each company that has one, as HubSpot tells it."""
    asked = {"limit": 100, "properties": "copilot_health_score"}
    found = account.call("GET", "/crm/v3/objects/companies", **asked).json()["results"]
    held = {row["id"]: row["properties"]["copilot_health_score"] for row in found}
    return {key: float(value) for key, value in held.items() if value}


def test_a_run_spends_what_its_plan_says_and_the_next_one_sends_nothing(
    publisher: Publisher, account: Account
) -> None:
    account.seed(*(company(number) for number in range(1, 231)))
    publisher.send(_ids(range(1, 231)))
    publisher.run("set up")
    publisher.send(_ids(range(1, 231)), health_score=72)
    account.forget()
    plan, result = publisher.run("first")
    assert (result.applied, result.failed) == (230, 0)
    assert account.seen()[UPDATE] == 3  # the ceiling of 230 rows by 100
    assert plan.cost == result.units == sum(account.seen().values())
    account.forget()
    _, again = publisher.run("second")
    assert (again.applied, again.unchanged) == (0, 230)
    assert UPDATE not in account.seen()


def test_a_partial_failure_is_kept_row_by_row(publisher: Publisher, account: Account) -> None:
    account.seed(*(company(number) for number in range(1, 5)))
    publisher.send(_ids(range(1, 5)))
    publisher.run("set up")
    account.call("DELETE", "/crm/v3/objects/companies/1002")
    body = {"primaryObjectId": "1004", "objectIdToMerge": "1003"}
    account.call("POST", "/crm/v3/objects/companies/merge", body)
    publisher.send(_ids(range(1, 5)), health_score=33)
    publisher.run("run")
    states = publisher.states("run")
    assert states == {"1001": "applied", "1002": "rejected", "1003": "rejected", "1004": "applied"}
    assert _scores(account) == {"1001": 33.0, "1004": 33.0}


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_an_interrupted_write_is_settled_by_reading_it_back(
    publisher: Publisher, account: Account, kind: str
) -> None:
    account.seed(*(company(number) for number in range(1, 4)))
    publisher.send(_ids(range(1, 4)))
    publisher.run("set up")
    publisher.send(_ids(range(1, 4)), health_score=12)
    account.fault(path="companies/batch/update$", kind=kind, times=3)
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("cut")
    assert set(publisher.states("cut").values()) == {"unknown"}
    _, result = publisher.run("next")
    assert result.reconciled == 3
    assert _scores(account) == dict.fromkeys(("1001", "1002", "1003"), 12.0)
    assert set(publisher.states("next").values()) <= {"applied", "unchanged"}
