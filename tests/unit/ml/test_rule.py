"""The rule score of customers who have given notice: everybody knows that they leave."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ml.churn import reproduce
from ml.churn.reference import Part, Reference
from ml.churn.score import rule_rows
from ml.common.features import SNAPSHOT_NAMES

RUN = SimpleNamespace(params={"base_rate": {"value": 0.04, "low": 0.02, "high": 0.06}})
MEASURES = {"well": [Part("usage", 0.8, "Much used")], "poor": [Part("usage", 0.2, "Hardly used")]}


def _rows(cancelled: dict[str, float]) -> dict[str, dict]:
    health = {"well": 0.8, "poor": 0.2, "unknown": np.nan}
    frame = pd.DataFrame(dict.fromkeys(SNAPSHOT_NAMES, 1.0), index=range(3)).assign(
        account_id=list(health),
        health_score=list(health.values()),
        health_band=["healthy", "at_risk", "unknown"],
        cancelled_share=[cancelled.get(name, 0.0) for name in health],
    )
    reference = Reference.of(frame, MEASURES, "churn-1")
    found = rule_rows(frame, MEASURES, RUN, reference, is_published=True)
    features = pd.DataFrame([row["features"] for row in found])
    again = reproduce._rule(features.astype({"health_score": float}))
    assert again == pytest.approx([row["churn_probability"] for row in found], abs=1e-12)
    return {row["account_id"]: row for row in found}


def test_who_has_cancelled_all_leaves_however_healthy_or_little_known() -> None:
    found = _rows({"well": 1.0, "unknown": 1.0})
    for name in ("well", "unknown"):
        row = found[name]
        assert (row["basis"], row["churn_probability"], row["probability_low"]) == (
            "rule", 0.99, 0.99,
        )  # fmt: skip
        assert [why["text"] for why in row["reasons"]] == [
            "100% of the monthly revenue is cancelled and soon ends"
        ]
        assert 0.04 + row["reasons"][0]["contribution"] == pytest.approx(0.99)
    assert found["poor"] == _rows({})["poor"]


def test_who_has_cancelled_a_part_is_scored_by_health() -> None:
    partly, not_at_all = _rows({"well": 0.5})["well"], _rows({})["well"]
    assert partly["churn_probability"] == not_at_all["churn_probability"] < 0.04
