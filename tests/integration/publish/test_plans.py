"""A plan is carried out as it was shown, at the cost it named, or not at all."""

import pytest

from tests.integration.publish.conftest import Engine
from warehouse.errors import CopilotError


def _two(engine: Engine, first: float = 70.0) -> None:
    engine.outbound(r1={"health_score": first}, r2={"health_score": 40.0})


def test_the_plan_that_was_shown_is_carried_out_and_no_other(engine: Engine) -> None:
    _two(engine)
    shown = engine.plan()
    _two(engine, first=10.0)
    loaded = engine.plans.load(shown.hash[:8])
    assert (loaded.hash, loaded.rows) == (shown.hash, shown.rows)
    engine.apply(loaded, is_by_hand=True)
    assert engine.crm.records["r1"]["health_score"] == 70.0


def test_another_content_has_another_hash(engine: Engine) -> None:
    _two(engine)
    first = engine.plan().hash
    assert engine.plan().hash == first
    _two(engine, first=70.1)
    assert engine.plan().hash != first


def test_a_plan_whose_rows_have_moved_is_refused_whole(engine: Engine) -> None:
    _two(engine)
    plan = engine.plan()
    engine.crm.edit("r2", "health_score", 5.0)
    with pytest.raises(
        CopilotError, match=r"(?s)1 of 2 accounts of plan .* r2 Account r2"
    ) as raised:
        engine.apply(plan, is_by_hand=True)
    assert "health_score was (empty) and is 5.0" in str(raised.value)
    assert engine.crm.records["r1"] == {}
    assert engine.states() == {}


def test_in_the_daily_run_only_the_row_that_moved_stays_unsent(engine: Engine) -> None:
    _two(engine)
    plan = engine.plan(is_by_hand=False)
    engine.crm.edit("r2", "health_score", 5.0)
    engine.apply(plan)
    assert engine.states() == {"applied": 1, "deferred": 1}
    assert "health_score was (empty) and is 5.0" in engine.message("r2")
    assert engine.crm.records["r2"]["health_score"] == 5.0


def test_a_hash_that_no_plan_has_is_told(engine: Engine) -> None:
    with pytest.raises(CopilotError, match="no plan abc") as raised:
        engine.plans.load("abc")
    assert "copilot publish plan" in raised.value.hint


def test_a_persons_plan_waits_until_something_is_published(engine: Engine) -> None:
    _two(engine)
    assert engine.plans.pending() is None
    shown = engine.plan()
    assert engine.plans.pending() == shown.hash
    _two(engine, first=71.0)
    engine.run()
    assert engine.plans.pending() is None


def test_a_plan_that_the_brake_held_waits_for_its_confirmation(engine: Engine) -> None:
    engine.say(brake={"rows": 1})
    _two(engine)
    engine.run("first")
    engine.outbound(r1={"health_score": 10.0}, r2={"health_score": 5.0})
    shown = engine.plan()
    with pytest.raises(CopilotError, match="Nothing was sent"):
        engine.apply(shown, "held", is_by_hand=True)
    assert engine.plans.pending() == shown.hash


@pytest.mark.parametrize("is_by_hand", [True, False])
def test_a_plan_costs_what_it_said(engine: Engine, *, is_by_hand: bool) -> None:
    engine.crm.records |= {f"r{number}": {} for number in range(3, 8)}
    engine.outbound(**{record_id: {"health_score": 1.0} for record_id in engine.crm.records})
    plan = engine.plan(is_by_hand=is_by_hand)
    if is_by_hand:
        engine.crm.requests = 0  # it is carried out by another process
    result = engine.apply(plan, is_by_hand=is_by_hand)
    assert result.units == plan.cost > 0


def test_what_is_left_to_others_is_not_spent(engine: Engine) -> None:
    engine.crm.records |= {"r3": {}, "r4": {}}
    engine.outbound(**{record_id: {"health_score": 1.0} for record_id in engine.crm.records})
    engine.say(quota_share=0.5)
    engine.crm.limit = 10
    result = engine.run("first")
    assert engine.states("first") == {"applied": 2, "deferred": 2}
    assert result.failed == 0
    assert "5 are kept for others (publish.quota_share)" in result.sentence()
    engine.crm.limit = None
    assert engine.run("second").applied == 2


def test_a_used_up_quota_defers_the_rest_and_fails_nothing(engine: Engine) -> None:
    engine.crm.records |= {"r3": {}, "r4": {}}
    engine.outbound(**{record_id: {"health_score": 1.0} for record_id in engine.crm.records})
    engine.crm.faults = {5: "quota"}  # plan; look, write, read back; look, write
    result = engine.run()
    assert engine.states() == {"applied": 2, "deferred": 2}
    assert (result.failed, "Not now." in result.sentence()) == (0, True)
