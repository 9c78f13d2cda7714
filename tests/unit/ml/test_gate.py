from dataclasses import replace

import pytest

from ml.common.gate import Evidence, decide
from ml.common.metrics import Estimate
from tests.unit.ml.worlds import CHURN_WORDS

GOOD = Evidence(
    events=40,
    events_train=25,
    events_test=15,
    has_history=True,
    is_fitted=True,
    has_rule=True,
    model={"auc": Estimate(0.75, 0.66, 0.83)},
    not_better=0.01,
    auc_difference=Estimate(0.05, -0.02, 0.11),
)


def test_proof_opens_the_gate() -> None:
    verdict = decide(GOOD, CHURN_WORDS)
    assert verdict.basis == "model"
    assert "AUC 0.75, between 0.66 and 0.83; 15 customers left" in verdict.reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"events": 2}, "Only 2 customers left in the data; at least 15 are needed to learn from,"),
        ({"events": 1}, "Only 1 customer left in the data;"),
        ({"events": 0}, "No customer left in the data;"),
        ({"has_history": False}, "The history is too short"),
        ({"events_train": 4}, "Only 4 customers left before the test period;"),
        ({"events_test": 7}, "Only 7 customers left in the test period;"),
        ({"is_fitted": False}, "do not allow a model"),
        ({"model": {"auc": Estimate(0.55, 0.5, 0.6)}}, "no better than chance (AUC 0.55"),
        ({"model": {"auc": Estimate(float("nan"), float("nan"), 1)}}, "no better than chance"),
        ({"not_better": 0.25}, "no better than the base rate"),
        ({"auc_difference": Estimate(-0.04, -0.1, 0.1)}, "worse than the rule score (AUC 0.75 aga"),
        ({"auc_difference": Estimate(-0.02, -0.03, -0.01)}, "worse than the rule score"),
    ],
)
def test_each_lack_of_proof_closes_the_gate_and_is_said(change, words) -> None:
    verdict = decide(replace(GOOD, **change), CHURN_WORDS)
    assert verdict.basis == "rule"
    assert words in verdict.reason
    assert verdict.reason.endswith(", so the rule score is published.")


def test_a_hair_below_the_rule_is_not_worse() -> None:
    near = replace(GOOD, auc_difference=Estimate(-0.029, -0.1, 0.1))
    assert decide(near, CHURN_WORDS).basis == "model"


def test_without_a_rule_the_base_rate_stands_in() -> None:
    verdict = decide(replace(GOOD, events=3, has_rule=False), CHURN_WORDS)
    assert verdict.basis == "base_rate"
    assert verdict.reason.endswith(", so the base rate is published.")
