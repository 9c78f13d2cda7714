"""Nothing is sent, until a person says so, when too much changes, empties or vanishes."""

import datetime as dt
from typing import Any

import pytest

from connectors.destinations.common.plan import make_plan
from tests.integration.publish.conftest import Engine
from tests.integration.publish.outbound import AS_OF, set_outbound
from warehouse.errors import CopilotError

OLD = {"as_of_date": AS_OF}
TEN = [f"r{number}" for number in range(10)]


@pytest.fixture
def ten(engine: Engine) -> Engine:
    """Ten published accounts, and a brake that two of them can pull."""
    engine.crm.records = {record_id: {} for record_id in TEN}
    engine.say(brake={"changed": 50, "emptied": 10, "vanished": 10, "rows": 2})
    engine.outbound(**{record_id: _row() for record_id in TEN})
    assert engine.run("first").applied == 10  # what was never written cannot change
    return engine


def _row(**changes: Any) -> dict[str, Any]:
    return {"health_score": 70.0, "health_band": "healthy", "next_action": "Call", **changes}


def _held(engine: Engine, reason: str) -> None:
    before = {key: dict(values) for key, values in engine.crm.records.items()}
    with pytest.raises(CopilotError, match=reason) as raised:
        engine.run("held")
    assert "copilot publish apply --confirm" in raised.value.hint
    assert engine.crm.records == before


def test_a_leap_of_most_scores_is_held_and_goes_when_confirmed(ten: Engine) -> None:
    ten.outbound(**{item: _row(health_score=20.0 if item < "r6" else 70.0) for item in TEN})
    _held(ten, "6 of 10 accounts change by more than a day's drift")
    assert ten.states("held") == {"deferred": 6, "unchanged": 4}
    assert "Held:" in ten.message("r0", "held")
    assert ten.run("confirmed", is_confirmed=True).applied == 6


def test_a_days_drift_of_all_scores_and_words_is_sent(ten: Engine) -> None:
    ten.outbound(**{item: _row(health_score=65.0, next_action="Write") for item in TEN})
    assert ten.run("second").applied == 10


def test_values_that_vanish_from_many_accounts_are_held(ten: Engine) -> None:
    ten.outbound(**{item: _row(health_band="healthy" if item > "r1" else None) for item in TEN})
    _held(ten, "2 of 10 accounts lose a value that was there")


def test_accounts_that_vanish_are_held_until_a_person_has_seen_it(ten: Engine) -> None:
    ten.outbound(**{item: _row(health_score=71.0) for item in TEN[2:]})
    _held(ten, "2 of 10 accounts were published last and are outbound no more")
    _held(ten, "2 of 10 accounts were published last")
    assert ten.run("confirmed", is_confirmed=True).applied == 8
    ten.outbound(**{item: _row(health_score=72.0) for item in TEN[2:]})
    assert ten.run("after").applied == 8


def test_an_empty_source_is_held(ten: Engine) -> None:
    set_outbound(ten.warehouse, [])
    _held(ten, "there is no outbound row, and there were some")


def test_a_stale_source_is_held(ten: Engine) -> None:
    ten.run_date += dt.timedelta(days=1)
    ten.outbound(**{item: _row(health_score=71.0) for item in TEN})
    _held(ten, "the outbound rows are as of 2026-06-30, and should be as of 2026-07-01")


def test_the_first_field_of_its_kind_is_no_leap(ten: Engine) -> None:
    ten.outbound(**{item: _row(risk_tier="low") for item in TEN})
    assert ten.run("second").applied == 10


def test_a_plan_for_some_accounts_sends_these_and_holds_the_next_whole_plan_to_nothing(
    ten: Engine,
) -> None:
    today = ten.run_date + dt.timedelta(days=1)
    landed = _row(health_score=20.0, as_of_date=today)
    ten.outbound(**{item: landed if item < "r2" else _row() | OLD for item in TEN})
    some = make_plan(
        ten.crm, ten.warehouse, ten.settings, today, accounts=["account-r0", "account-r1"]
    )
    assert [row.record_id for row in some.rows] == ["r0", "r1"]
    assert some.brakes == (), "two of ten, and nobody else has vanished"
    ten.plans.save(some, "soon")
    assert ten.apply(some, "soon").applied == 2
    assert ten.plan(is_by_hand=False).brakes == (), "all ten are outbound, as they were before"
