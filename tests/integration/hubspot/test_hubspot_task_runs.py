"""Recommended actions become HubSpot's tasks through the same plan as in any CRM, once each."""

import pytest

from connectors.destinations.common.crm import CrmUnreachableError
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.hubspot.client import HubspotCrm
from tests.integration.hubspot.conftest import Account, company
from tests.integration.tasks.conftest import Desk, desk

__all__ = ["desk"]

TASKS = "/crm/v3/objects/tasks"


class OneTry(HubspotCrm):
    """HubSpot with one try a request, as if the run were killed with it."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.environment(), RetryPolicy(attempts=1, read_timeout=5.0))


@pytest.fixture
def hubspot(desk: Desk, account: Account) -> Desk:
    """Return the desk with HubSpot as its CRM."""
    account.seed(*(company(number) for number in range(1, 4)))
    desk.crm = OneTry(account)  # type: ignore[assignment]
    desk.crm.set_up("EUR")
    desk.accounts = ["1001", "1002", "1003"]
    return desk


def _statuses(account: Account) -> list[str]:
    found = account.call("GET", TASKS, properties="hs_task_status").json()["results"]
    return [row["properties"]["hs_task_status"] for row in found]


def test_a_task_is_made_once_kept_and_closed_when_its_reason_is_gone(
    hubspot: Desk, account: Account
) -> None:
    hubspot.want(*(hubspot.row(number) for number in range(3)))
    assert hubspot.run()["made"] == 3
    assert hubspot.run() == {"kept": 3}
    hubspot.want(hubspot.row(0))
    assert hubspot.run()["closed"] == 2
    assert sorted(_statuses(account)) == ["COMPLETED", "COMPLETED", "NOT_STARTED"]


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "garbage"])
def test_what_is_cut_at_a_creation_is_found_by_the_next_run(
    hubspot: Desk, account: Account, kind: str
) -> None:
    hubspot.want(*(hubspot.row(number) for number in range(3)))
    account.fault(path=f"{TASKS}/batch/create$", kind=kind)
    with pytest.raises(CrmUnreachableError):
        hubspot.run("cut")
    assert set(hubspot.rows("cut").values()) == {"unknown"}
    hubspot.run("next")
    assert _statuses(account) == ["NOT_STARTED"] * 3
    assert hubspot.ledger() == [("open",)] * 3
    assert hubspot.run("third") == {"kept": 3}


def test_what_a_person_deleted_stays_dismissed(hubspot: Desk, account: Account) -> None:
    hubspot.want(hubspot.row())
    hubspot.run()
    task = account.call("GET", TASKS).json()["results"][0]
    account.call("DELETE", f"{TASKS}/{task['id']}")
    assert hubspot.run()["dismissed"] == 1
    assert "made" not in hubspot.run()
    assert _statuses(account) == []


def test_the_plan_tells_what_its_calls_cost(hubspot: Desk) -> None:
    hubspot.want(*(hubspot.row(number) for number in range(3)))
    told, spent = hubspot.cost()
    assert told == spent == 2 + 2  # to find, also among the deleted; the owners and the tasks
    hubspot.want()
    told, spent = hubspot.cost()
    assert told == spent == 1 + 1
