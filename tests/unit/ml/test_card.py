"""The card of a model version: counted by hand on a handful of accounts."""

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.common import metrics
from ml.common.card import MEASURES, MIN_EVENTS, NO_SEGMENT, card_of
from ml.common.dataset import Dataset
from ml.common.gate import Verdict
from ml.common.store import ModelRun
from ml.common.training import Judged
from tests.unit.ml.worlds import CHURN_WORDS

MONDAY = np.datetime64("2026-01-05")


def exam(accounts: int, events: int) -> Dataset:
    """One row an account; the first ones leave."""
    label = (np.arange(accounts) < events).astype(float)
    return Dataset(
        frame=pd.DataFrame(index=range(accounts)),
        label=label,
        account=np.array([f"a{i:02d}" for i in range(accounts)], dtype=object),
        date=np.full(accounts, MONDAY),
        rule=np.full(accounts, math.nan),
    )


def judged(test: Dataset, forecast: np.ndarray) -> Judged:
    nothing = test.part(np.zeros(len(test), dtype=bool))
    return Judged(None, None, Verdict("model", ""), {}, {}, {}, {}, [], nothing, test, forecast)


def run(**more: Any) -> ModelRun:
    measured = {"value": 0.8, "low": 0.71, "high": 0.9}
    made = ModelRun(
        "churn-1", "churn", dt.date(2026, 6, 30), dt.date(2025, 1, 6), dt.date(2025, 9, 1),
        dt.date(2026, 1, 5), dt.date(2026, 1, 5), 30, 20, 9, 6, 40,
        dict.fromkeys(MEASURES, measured), {}, "model", "Better.",
        {
            "horizon_days": 90,
            "features": ["mrr"],
            "declared_features": ["mrr", "seats"],
            "fitted_on": {"start": "2025-01-06", "end": "2026-03-02", "rows": 400, "events": 9,
                          "announced": 0},
        },
    )  # fmt: skip
    return replace(made, **more)


def small(accounts: int = 20, **more: Any) -> dict[str, Any]:
    """Six of twenty leave, of whom the first five rank highest; a00 to a09 are Enterprise."""
    test = exam(accounts, 6)
    forecast = np.linspace(0.9, 0.1, accounts)
    forecast[5] = 0.05
    segments = {f"a{i:02d}": "Enterprise" for i in range(10)}
    return card_of(run(**more), judged(test, forecast), CHURN_WORDS, segments, 0.3)


def test_it_tells_what_the_version_was_made_from_and_examined_on() -> None:
    card = small()
    assert card["data"] == {
        "start": "2025-01-06", "end": "2026-03-02", "snapshots": 400, "accounts": 40, "events": 9,
    }  # fmt: skip
    assert card["exam"] == {
        "start": "2026-01-05", "end": "2026-01-05", "snapshots": 20, "accounts": 20, "events": 6,
    }  # fmt: skip


def test_precision_and_lift_at_capacity_are_those_of_the_highest_share() -> None:
    card = small()
    assert set(card["metrics"]) == {*MEASURES, "precision_at_capacity", "lift_at_capacity"}
    precision, lift = (card["metrics"][f"{one}_at_capacity"] for one in ("precision", "lift"))
    assert precision["value"] == pytest.approx(5 / 6, abs=1e-6)  # six of 20 called, one stayed
    assert lift["value"] == pytest.approx((5 / 6) / (6 / 20), abs=1e-6)
    assert precision["low"] < precision["value"] < precision["high"]
    assert lift["low"] < lift["value"] < lift["high"]


def test_each_segment_is_judged_by_itself_if_enough_left_it() -> None:
    enterprise, rest = small()["segments"]
    assert (enterprise["segment"], enterprise["accounts"], enterprise["events"]) == (
        "Enterprise", 10, 6,
    )  # fmt: skip
    # Of 6 that left, 5 rank above all 4 that stayed and one below them.
    assert enterprise["metrics"]["auc"]["value"] == pytest.approx(5 / 6, abs=1e-6)
    assert set(enterprise["metrics"]) == {*MEASURES, "precision_at_capacity", "lift_at_capacity"}
    assert (rest["segment"], rest["events"], rest["metrics"]) == (NO_SEGMENT, 0, {})
    assert MIN_EVENTS == 5


def test_its_limits_are_what_the_figures_say() -> None:
    limits = small()["limits"]
    assert limits[0].startswith("It knows the past of 40 accounts of this company up to 2026-03-02")
    assert "(9 customers left)" in limits[0]
    assert limits[1].endswith("between AUC 0.71 and 0.90 (90% confidence).")
    assert f"Too few events to judge apart: {NO_SEGMENT}." in limits
    assert "Not learnt from, as the history begins too late: seats." in limits
    bold = small(metrics=run().metrics | {"calibration_slope": {"low": 0.4, "high": 0.9}})
    assert any("too bold" in one for one in bold["limits"])
    fitted = run().params["fitted_on"] | {"announced": 7}
    noticed = small(params=run().params | {"fitted_on": fitted})
    assert set(noticed["limits"]) - set(limits) == {
        "Customers who had given notice are learnt from (7 snapshots) and are no part of its exam."
    }
    timid = small(metrics=run().metrics | {"calibration_slope": {"low": 1.4, "high": 1.9}})
    assert any("too timid" in one for one in timid["limits"])


def test_a_segment_that_is_ranked_by_chance_is_named() -> None:
    test = exam(20, 10)
    forecast = np.tile([0.2, 0.4], 10)  # half of those that left above half of those that stayed
    card = card_of(run(), judged(test, forecast), CHURN_WORDS, {}, 0.25)
    assert any(one.endswith(f"as far as one can tell, in: {NO_SEGMENT}.") for one in card["limits"])


def test_it_says_what_the_version_must_not_be_used_for() -> None:
    passed, failed = small(), small(verdict="rule")
    assert passed["not_for"][0] == "Churn beyond 90 days, or other companies."
    assert failed["not_for"][0].startswith("Anything: it has not passed its test")
    assert failed["not_for"][1:] == passed["not_for"]


def test_what_was_never_examined_has_no_measures_and_says_so() -> None:
    nothing = exam(0, 0)
    bare = run(metrics={}, test_start=None, test_end=None, rows_test=0, events_test=0)
    card = card_of(bare, judged(nothing, np.empty(0)), CHURN_WORDS, {}, 0.05)
    assert (card["metrics"], card["segments"], card["exam"]["accounts"]) == ({}, [], 0)
    assert any(one.startswith("It was not examined") for one in card["limits"])


def test_a_capacity_of_everybody_gives_the_event_rate() -> None:
    test = exam(20, 6)
    found = metrics.at_capacity(
        test.label, np.linspace(1, 0, 20), metrics.ClusterBootstrap(test.account), 1.0
    )
    assert found["precision_at_capacity"].value == pytest.approx(6 / 20)
    assert found["lift_at_capacity"].value == pytest.approx(1.0)
