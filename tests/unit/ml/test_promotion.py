"""The written rule by which a challenger becomes the champion."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.common.dataset import Dataset
from ml.common.promotion import (
    CLOSED,
    HELD,
    PROMOTED,
    Decision,
    Exam,
    compare,
    decide,
    exam_of,
)
from ml.common.store import ModelRun

DAY = dt.date(2026, 6, 1)
NEW = ModelRun(
    "churn-new", "churn", DAY, None, None, None, None, 0, 0, 0, 0, 0, {}, {}, "model",
    "It passed.", {"features": ["mrr"]}, has_model=True,
)  # fmt: skip
OLD = replace(NEW, model_version="churn-old")


def held_out(accounts: int = 200, dates: int = 4) -> Dataset:
    """A fifth of the accounts leaves; each account is seen at each date."""
    account = np.repeat([f"a{i:03d}" for i in range(accounts)], dates).astype(object)
    days = np.tile(np.datetime64("2026-01-05") + 7 * np.arange(dates), accounts)
    label = np.repeat((np.arange(accounts) % 5 == 0).astype(float), dates)
    frame = pd.DataFrame({"mrr": np.ones(len(account))})
    return Dataset(frame, label, account, days, np.full(len(account), np.nan))


def forecast(test: Dataset, sureness: float) -> Exam:
    """Right about everybody, as sure as told: 0 knows nothing but the average."""
    toward = np.where(test.label == 1, 1.0, 0.0)
    found = exam_of(test, 0.2 + sureness * (toward - 0.2))
    assert found is not None
    return found


def decided(new: Exam | None, old: Exam | None, champion: ModelRun | None = OLD) -> Decision:
    return decide(NEW, champion, ["mrr"], held_out(), (new, old))


def test_where_nothing_is_published_an_open_gate_is_enough() -> None:
    found = decided(None, None, champion=None)
    assert (found.action, found.champion) == (PROMOTED, "churn-new")


def test_a_closed_gate_leaves_nothing_published() -> None:
    shut = replace(NEW, verdict="rule", verdict_reason="No better than chance.")
    found = decide(shut, OLD, ["mrr"], held_out(), (None, None))
    assert found == Decision(CLOSED, "churn-new", None, "No better than chance.")


def test_a_challenger_that_is_worse_beyond_chance_is_held_back() -> None:
    test = held_out()
    found = decided(forecast(test, 0.2), forecast(test, 0.6))
    assert (found.action, found.champion) == (HELD, "churn-old")
    assert found.detail["log_loss_gain"]["high"] < 0


@pytest.mark.parametrize("sureness", [0.6, 0.7], ids=["as good", "better"])
def test_a_challenger_that_is_not_worse_is_promoted(sureness: float) -> None:
    test = held_out()
    found = decided(forecast(test, sureness), forecast(test, 0.6))
    assert (found.action, found.champion) == (PROMOTED, "churn-new")
    assert found.detail["common_events"] == 40


def test_worse_by_chance_only_is_not_worse() -> None:
    """The challenger's forecasts are shuffled noise around the same level of knowledge."""
    test = held_out(accounts=60)
    rng = np.random.default_rng(1)
    level = forecast(test, 0.3).probability
    noisy = [np.clip(level + rng.normal(0, 0.1, len(level)), 0.02, 0.98) for _ in range(2)]
    exams = sorted((exam_of(test, one) for one in noisy), key=lambda e: loss(test, e))
    found = decide(NEW, OLD, ["mrr"], test, (exams[1], exams[0]))
    assert found.detail["log_loss_gain"]["value"] < 0
    assert found.action == PROMOTED


def loss(test: Dataset, exam: Exam | None) -> float:
    assert exam is not None
    right = np.where(test.label == 1, exam.probability, 1 - exam.probability)
    return float(-np.log(right).mean())


def test_only_rows_that_both_foretold_are_compared() -> None:
    test = held_out()
    new, old = forecast(test, 0.6), forecast(test, 0.6)
    elsewhere = Exam(np.char.add(old.key, "x"), np.full(len(old.key), 0.99))
    both = Exam(
        np.concatenate([elsewhere.key, old.key]),
        np.concatenate([elsewhere.probability, old.probability]),
    )
    events, gain = compare(test, new, both)
    assert events == 40
    assert gain is not None
    assert gain.value == pytest.approx(0, abs=1e-12)


def test_too_few_common_events_promote_the_newer_one() -> None:
    test = held_out(accounts=35)
    found = decide(NEW, OLD, ["mrr"], test, (forecast(test, 0.1), forecast(test, 0.9)))
    assert found.action == PROMOTED
    assert "7 events on held-out days" in found.reason


def test_a_champion_whose_features_are_gone_gives_way() -> None:
    test = held_out()
    champion = replace(OLD, params={"features": ["mrr", "fax_machines"]})
    found = decide(NEW, champion, ["mrr"], test, (forecast(test, 0.1), forecast(test, 0.9)))
    assert found.action == PROMOTED
    assert "fax_machines" in found.reason


def test_an_exam_is_read_back_as_it_was_and_a_pickle_is_refused() -> None:
    exam = forecast(held_out(), 0.6)
    again = Exam.from_bytes(exam.to_bytes())
    assert (again.key == exam.key).all()
    assert (again.probability == exam.probability).all()
    import io

    buffer = io.BytesIO()
    np.savez(buffer, key=np.array([object()], dtype=object), probability=np.zeros(1))
    with pytest.raises(ValueError, match="allow_pickle"):
        Exam.from_bytes(buffer.getvalue())
