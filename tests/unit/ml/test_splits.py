import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.common import splits

DATES = st.lists(st.integers(0, 900), min_size=1, max_size=120).map(
    lambda days: np.datetime64("2024-01-01") + np.array(days).astype("timedelta64[D]")
)
GAP = st.integers(7, 365)


def overlaps(dates: np.ndarray, split: splits.TimeSplit, gap: int) -> bool:
    if not split.train.any() or not split.test.any():
        return False
    decided = dates[split.train] + np.timedelta64(gap, "D")
    return bool((decided[:, None] > dates[split.test][None, :]).any())


@given(DATES, GAP)
def test_no_training_outcome_is_decided_within_the_test(dates: np.ndarray, gap: int) -> None:
    split = splits.time_split(dates, gap)
    if split is not None:
        assert split.train.any()
        assert split.test.any()
        assert not overlaps(dates, split, gap)


@given(DATES, GAP)
def test_no_fold_looks_ahead_and_slices_do_not_meet(dates: np.ndarray, gap: int) -> None:
    folds = splits.forward_folds(dates, gap)
    tested = np.zeros(len(dates), dtype=int)
    for fold in folds:
        assert not overlaps(dates, fold, gap)
        assert len(np.unique(dates[fold.train])) >= splits.MIN_TRAIN_DATES
        tested += fold.test
    assert tested.max(initial=0) <= 1


@given(DATES, GAP, st.randoms())
def test_the_order_of_rows_does_not_matter(dates: np.ndarray, gap: int, random) -> None:
    order = list(range(len(dates)))
    random.shuffle(order)
    straight, shuffled = splits.time_split(dates, gap), splits.time_split(dates[order], gap)
    assert (straight is None) == (shuffled is None)
    if straight is not None and shuffled is not None:
        assert (straight.train[order] == shuffled.train).all()
        assert (straight.test[order] == shuffled.test).all()


def test_a_day_too_near_is_refused() -> None:
    day = np.array(["2024-01-01"], dtype="datetime64[D]")
    splits.check_gap(day, day + np.timedelta64(90, "D"), 90)
    with pytest.raises(splits.LeakError, match="2024-03-31"):
        splits.check_gap(day, day + np.timedelta64(89, "D"), 90)


def test_a_short_history_gives_no_split() -> None:
    dates = np.datetime64("2024-01-01") + (np.arange(15) * 7).astype("timedelta64[D]")
    assert splits.time_split(dates, 90) is None
    assert splits.forward_folds(dates, 90) == []
