"""Two rule scores beside each other: which of them foretold churn better, and can that be said."""

import numpy as np
import pandas as pd
import pytest

from ml.health.preview import ALL, compare
from orchestration.cli.health import comparison_lines


def snapshots(accounts: int, left: int, noise: float) -> pd.DataFrame:
    """Four weeks of accounts; the new score knows who leaves, the old one less with more noise."""
    chance = np.random.default_rng(5)
    account = np.repeat(np.arange(accounts), 4)
    churned = (account < left).astype(float)
    return pd.DataFrame(
        {
            "account_id": account.astype(str).astype(object),
            "is_churned": churned,
            "rule_score": 1 - churned + noise * chance.normal(size=len(account)),
            "rule_score_new": 1 - churned,
        }
    )


def test_a_score_that_knows_who_leaves_is_better_than_one_that_does_not() -> None:
    found = compare(ALL, snapshots(100, 10, noise=20.0), capacity=0.05)
    assert found is not None
    assert (found.snapshots, found.accounts, found.left) == (400, 100, 10)
    old, new, gain = found.measures["AUC"]
    assert (new.value, new.low) == (1, 1)
    assert gain.value == pytest.approx(1 - old.value)
    assert 0 < gain.low < gain.value < gain.high
    # A twentieth of 400 are 20 snapshots, all of them of leavers, who are a tenth of all.
    assert found.measures["lift"][1].value == pytest.approx(10)
    lines = comparison_lines([found], 90, 0.05)
    assert lines[1].endswith("400 weekly snapshots of 100 accounts, 10 of which left")
    assert lines[2].endswith(": better")


def test_equal_scores_differ_by_nothing() -> None:
    found = compare(ALL, snapshots(100, 10, noise=0.0), capacity=0.05)
    assert found is not None
    assert found.measures["AUC"][2].high == found.measures["AUC"][2].low == 0
    assert comparison_lines([found], 90, 0.05)[2].endswith(": no difference beyond chance")


def test_of_too_few_leavers_nothing_is_said() -> None:
    assert compare(ALL, snapshots(100, 4, noise=1.0), capacity=0.05) is None
    assert "Too few customers left" in comparison_lines([], 90, 0.05)[0]
