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
def test_the_exam_looks_back_over_the_gap_only_and_its_slices_do_not_meet(
    dates: np.ndarray, gap: int
) -> None:
    tested = np.zeros(len(dates), dtype=int)
    for split in splits.exam_folds(dates, gap):
        assert len(np.unique(dates[split.train])) >= splits.MIN_TRAIN_DATES
        assert split.test.any()
        assert not overlaps(dates, split, gap)
        tested += split.test
    assert tested.max(initial=0) <= 1
    if tested.any():  # once begun it goes on to the end
        assert tested[dates >= dates[tested > 0].min()].all()


@given(DATES, GAP, st.integers(1, 12))
def test_no_fold_looks_ahead_nor_learns_from_whom_it_foretells(
    dates: np.ndarray, gap: int, accounts: int
) -> None:
    cluster = np.arange(len(dates)) % accounts
    tested = np.zeros(len(dates), dtype=int)
    for fold in splits.forward_folds(dates, cluster, gap):
        assert not overlaps(dates, fold, gap)
        assert not set(cluster[fold.train]) & set(cluster[fold.test])
        tested += fold.test
    assert tested.max(initial=0) <= 1


@given(DATES, GAP, st.randoms())
def test_the_order_of_rows_does_not_matter(dates: np.ndarray, gap: int, random) -> None:
    order = list(range(len(dates)))
    random.shuffle(order)
    cluster = np.arange(len(dates)) % 5
    straight = splits.exam_folds(dates, gap) + splits.forward_folds(dates, cluster, gap)
    shuffled = splits.exam_folds(dates[order], gap)
    shuffled += splits.forward_folds(dates[order], cluster[order], gap)
    assert len(straight) == len(shuffled)
    for one, other in zip(straight, shuffled, strict=True):
        assert (one.train[order] == other.train).all()
        assert (one.test[order] == other.test).all()


def test_a_day_too_near_is_refused() -> None:
    day = np.array(["2024-01-01"], dtype="datetime64[D]")
    splits.check_gap(day, day + np.timedelta64(90, "D"), 90)
    with pytest.raises(splits.LeakError, match="2024-03-31"):
        splits.check_gap(day, day + np.timedelta64(89, "D"), 90)


def test_a_short_history_gives_no_split() -> None:
    dates = np.datetime64("2024-01-01") + (np.arange(15) * 7).astype("timedelta64[D]")
    assert splits.exam_folds(dates, 90) == []
    assert splits.forward_folds(dates, np.zeros(15, dtype=np.int64), 90) == []
