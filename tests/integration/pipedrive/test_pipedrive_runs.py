"""Plans are carried out in Pipedrive as in any CRM: the ledger and the company agree."""

import pytest

from tests.integration.pipedrive.conftest import Opened
from tests.integration.publisher import Publisher
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


@pytest.fixture
def publisher(warehouse: Warehouse, settings: Settings, opened: Opened) -> Publisher:
    opened.company.settings["requests_per_two_seconds"] = 1000
    made = Publisher(warehouse, settings, "pipedrive", opened.crm)
    made.begin()
    return made


def _scores(opened: Opened) -> dict[str, float]:
    """Return the health score of each organisation that has one, as Pipedrive tells it."""
    key = opened.crm()._fields["health_score"].key
    rows = opened.company.each("organizations")
    held = {str(row["id"]): row["custom_fields"].get(key) for row in rows}
    return {record_id: score for record_id, score in held.items() if score is not None}


def test_a_run_spends_what_its_plan_says_and_the_next_one_sends_nothing(
    publisher: Publisher, opened: Opened
) -> None:
    ids = opened.organizations(130)
    publisher.send(ids)
    publisher.run("set up")
    publisher.send(ids, health_score=72)
    opened.standin.forget()
    before = opened.company.used_tokens
    plan, result = publisher.run("first")
    assert (result.applied, result.failed) == (130, 0)
    looked = 10 + 3 * 2 * 10  # the fields once, the records before, at and after the writing
    assert plan.cost == result.units == 130 * 5 + looked
    assert opened.company.used_tokens - before == result.units
    assert opened.standin.calls("", "PATCH") == 130
    opened.standin.forget()
    _, again = publisher.run("second")
    assert (again.applied, again.unchanged, opened.standin.calls("", "PATCH")) == (0, 130, 0)


def test_a_partial_failure_is_kept_row_by_row(publisher: Publisher, opened: Opened) -> None:
    ids = opened.organizations(4)
    publisher.send(ids)
    publisher.run("set up")
    opened.standin.call("DELETE", f"/api/v2/organizations/{ids[1]}")
    body = {"merge_with_id": int(ids[3])}
    opened.standin.call("PUT", f"/api/v1/organizations/{ids[2]}/merge", json=body)
    publisher.send(ids, health_score=33)
    publisher.run("run")
    assert publisher.states("run") == dict(
        zip(ids, ["applied", "rejected", "rejected", "applied"], strict=True)
    )
    scores = _scores(opened)
    assert {scores[ids[0]], scores[ids[3]]} == {33.0}


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_write_that_is_cut_in_mid_batch_is_settled_by_reading_back(
    publisher: Publisher, opened: Opened, kind: str
) -> None:
    ids = opened.organizations(6)
    publisher.send(ids)
    publisher.run("set up")
    publisher.send(ids, health_score=12)
    opened.standin.fault(f"organizations/{ids[2]}$", method="PATCH", kind=kind, times=3)
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("cut")
    assert set(publisher.states("cut").values()) == {"unknown"}
    _, result = publisher.run("next")
    assert result.reconciled == 6
    assert _scores(opened) == dict.fromkeys(ids, 12.0)
    assert set(publisher.states("next").values()) <= {"applied", "unchanged"}


def test_what_the_days_tokens_do_not_hold_is_deferred(publisher: Publisher, opened: Opened) -> None:
    ids = opened.organizations(130)
    publisher.send(ids)
    publisher.run("set up")
    publisher.send(ids, health_score=72)
    enough_for_a_hundred = 10 + 4 * 10 + 100 * 5
    share = publisher.settings.publish.quota_share
    used = opened.company.used_tokens
    limit = int((used + enough_for_a_hundred) / share) + 1
    opened.company.settings["tokens_per_day"] = limit
    _, result = publisher.run("short")
    states = publisher.states("short")
    assert (result.applied, list(states.values()).count("deferred")) == (100, 30)
    assert "kept for others" in result.ended
    opened.company.settings["tokens_per_day"] = 10 * limit
    publisher.run("next day")
    assert _scores(opened) == dict.fromkeys(ids, 72.0)
