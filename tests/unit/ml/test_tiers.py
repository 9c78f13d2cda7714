"""Whom to call first: what a call saves and costs, and how many can be made."""

from typing import Any

import pytest

from ml.churn.tiers import Tiers
from warehouse.settings import ChurnSettings

AVERAGE = 0.05


def scored(
    probability: float, mrr: float | None, basis: str = "model", cancelled_share: float = 0.0
) -> dict[str, Any]:
    features = {"mrr": mrr, "cancelled_share": cancelled_share}
    return {"churn_probability": probability, "basis": basis, "features": features}


def tiers_of(rows: list[dict[str, Any]], **settings: float) -> list[str]:
    tiers = Tiers.of(rows, AVERAGE, ChurnSettings(**settings))
    return [tiers.tier(row) for row in rows]


def test_a_month_of_calls_is_high_and_the_best_week_of_it_critical() -> None:
    rows = [scored(0.1 + place / 1000, 1000.0) for place in range(100)]
    found = tiers_of(rows, capacity_share=0.08)
    assert found == ["medium"] * 92 + ["high"] * 6 + ["critical"] * 2


def test_who_has_given_notice_takes_no_place_of_those_still_to_be_kept() -> None:
    rows = [scored(0.99, 9000.0, cancelled_share=1.0), scored(0.3, 1000.0), scored(0.2, 1000.0)]
    rows += [scored(0.01, 1.0)] * 37
    found = tiers_of(rows, capacity_share=0.05)
    assert found[:3] == ["critical", "critical", "high"]


def test_half_the_risk_of_twice_the_revenue_is_worth_as_much() -> None:
    rows = [
        scored(0.4, 1000.0),
        scored(0.2, 2000.0),
        scored(0.2, 1000.0),
        *[scored(0.01, 1.0)] * 37,
    ]
    found = tiers_of(rows, capacity_share=0.05)
    assert found[:3] == ["critical", "critical", "medium"]


def test_a_call_that_costs_more_than_it_saves_is_not_made_however_great_the_risk() -> None:
    rows = [scored(0.9, 40.0), scored(0.3, 1000.0)]
    assert tiers_of(rows, capacity_share=1.0, contact_cost=100.0) == ["low", "critical"]
    assert tiers_of(rows, capacity_share=1.0, contact_cost=0.0) == ["high", "critical"]


def test_an_account_safer_than_most_is_low_however_much_it_pays() -> None:
    assert tiers_of([scored(0.049, 1e6), scored(0.06, 1e4)], capacity_share=1.0) == [
        "low",
        "critical",
    ]


def test_who_is_scored_by_the_average_alone_has_no_tier() -> None:
    assert tiers_of([scored(AVERAGE, 1e6, basis="base_rate")], capacity_share=1.0) == ["unknown"]


@pytest.mark.parametrize("mrr", [None, float("nan"), float("inf"), 0.0])
def test_revenue_that_is_not_known_or_absurd_makes_no_call_worth_it(mrr: float | None) -> None:
    assert tiers_of([scored(0.9, mrr)], capacity_share=1.0) == ["low"]


def test_nobody_worth_a_call_and_nobody_at_all() -> None:
    assert tiers_of([]) == []
    assert tiers_of([scored(0.01, 100.0)]) == ["low"]


def test_rounding_does_not_move_the_account_that_sets_a_bound() -> None:
    rows = [scored(0.3, 1000.0), scored(0.2, 1000.0), *[scored(0.1, 1000.0)] * 38]
    tiers = Tiers.of(rows, AVERAGE, ChurnSettings(capacity_share=0.05))
    assert tiers.tier(scored(0.2 - 1e-12, 1000.0)) == "high"
    assert tiers.tier(scored(0.19, 1000.0)) == "medium"
    assert Tiers(**tiers.as_json()) == tiers
