"""Recommended actions become Pipedrive's activities through the same plan as in any CRM."""

import pytest

from tests.integration.pipedrive.conftest import Opened
from tests.integration.tasks.conftest import Desk, desk

__all__ = ["desk"]


@pytest.fixture
def pipedrive(desk: Desk, opened: Opened) -> Desk:
    """Return the desk with Pipedrive as its CRM."""
    desk.accounts = opened.organizations(3)
    desk.crm = opened.crm()  # type: ignore[assignment]
    desk.crm.set_up("EUR")
    return desk


def _done(opened: Opened) -> list[bool]:
    return [bool(row["done"]) for row in opened.company.each("activities")]


def test_a_task_is_made_once_kept_and_closed_and_costs_what_the_plan_tells(
    pipedrive: Desk, opened: Opened
) -> None:
    pipedrive.want(*(pipedrive.row(number) for number in range(3)))
    before = opened.company.used_tokens
    told, spent = pipedrive.cost()
    assert told == spent == 2 * 10 + 2 * 10 + 3 * 5  # to find; owners and priority; to make
    assert opened.company.used_tokens - before == spent
    assert pipedrive.run() == {"kept": 3}
    pipedrive.want(pipedrive.row(0))
    told, spent = pipedrive.cost()
    assert told == spent == 10 + 2 * 5
    assert sorted(_done(opened)) == [False, True, True]


def test_what_a_person_completed_is_told_and_not_made_again(
    pipedrive: Desk, opened: Opened
) -> None:
    pipedrive.want(pipedrive.row())
    pipedrive.run()
    (activity,) = opened.company.each("activities")
    opened.standin.call("PATCH", f"/api/v2/activities/{activity['id']}", json={"done": True})
    assert pipedrive.run()["done"] == 1
    assert "made" not in pipedrive.run()
    assert _done(opened) == [True]
