"""Rows that the CRM refuses: told with what to do, tried again, and parked in the end."""

from typing import Any

import pytest

from connectors.destinations.common.crm import Change
from tests.integration.publish.conftest import Engine


def _outbound(engine: Engine, **changes: Any) -> None:
    engine.outbound(
        r1={"health_band": "watch", "health_score": 50.0, **changes},
        r2={"health_band": "healthy", "health_score": 80.0},
    )


def _refuse_r1(change: Change) -> str | None:
    return "LOCKED" if change.record_id == "r1" else None


@pytest.fixture
def parked(engine: Engine) -> Engine:
    """An account that was refused in two runs, and is parked in the third."""
    engine.say(attempts=2)
    engine.crm.refused = _refuse_r1
    _outbound(engine)
    for run_id in ("first", "second"):
        assert engine.run(run_id).failed == 1
        assert engine.message("r1", run_id) == "LOCKED: No.\n-> Mend it."
    return engine


def test_a_refused_row_is_tried_again_then_parked_and_shown(parked: Engine) -> None:
    plan = parked.plan(is_by_hand=False)
    assert any("r1 Account r1: Parked after 2 tries" in line for line in plan.lines())
    result = parked.apply(plan, "third")
    assert (result.failed, result.parked) == (0, 1)
    assert parked.states("third") == {"deferred": 1, "unchanged": 1}
    assert "LOCKED: No." in parked.message("r1", "third")


def test_a_parked_row_goes_again_when_its_value_changes(parked: Engine) -> None:
    parked.crm.refused = lambda _: None
    _outbound(parked, health_score=51.0)
    assert parked.run("drift").parked == 1
    _outbound(parked, health_band="at_risk")
    assert parked.run("changed").applied == 1


def test_a_parked_row_goes_again_when_a_person_says_so(parked: Engine) -> None:
    parked.crm.refused = lambda _: None
    assert parked.ledger.try_again(["r2"]) == 0
    assert parked.ledger.try_again() == 1
    assert parked.run("again").applied == 1


def test_a_record_that_is_gone_is_parked_too(engine: Engine) -> None:
    engine.say(attempts=2)
    _outbound(engine)
    engine.crm.deleted = {"r1"}
    assert [engine.run(str(number)).failed for number in range(3)] == [1, 1, 0]
    assert "The account is deleted in Memory." in engine.message("r1", "2")
    engine.crm.deleted = set()
    assert engine.run("back").applied == 1


def test_a_row_that_was_only_locked_for_a_moment_goes_within_the_run(engine: Engine) -> None:
    tries = []

    def refused(change: Change) -> str | None:
        tries.append(change.record_id)
        return "BUSY" if tries == ["r1"] else None

    engine.crm.refused = refused
    _outbound(engine)
    assert engine.run().applied == 2
    assert engine.states() == {"applied": 2}


def test_a_row_that_stays_locked_is_refused_once_in_a_run(engine: Engine) -> None:
    engine.crm.refused = lambda change: "BUSY" if change.record_id == "r1" else None
    _outbound(engine)
    engine.run()
    assert engine.states() == {"applied": 1, "rejected": 1}
