"""Time-ordered splits with a gap, so that no label seen in training reaches into the test.

A snapshot at ``t`` carries an outcome that is decided between ``t`` and ``t + horizon``. Training
may use it for a test that begins at ``s`` only if ``t + horizon <= s``: otherwise the model would
have learnt from days it is then examined on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]

TEST_SHARE = 0.3
"""Share of the known snapshot dates, the latest ones, that the model is examined on."""
MIN_TRAIN_DATES = 4
"""With fewer snapshot dates than this there is no past to learn from."""
FOLDS = 3


class LeakError(ValueError):
    """A training snapshot's outcome reaches into the dates it is tested on."""


@dataclass(frozen=True)
class TimeSplit:
    """Row masks of one split. Rows in the gap belong to neither."""

    train: BoolArray
    test: BoolArray


def check_gap(train: DateArray, test: DateArray, gap_days: int) -> None:
    """Refuse a split in which a training outcome is decided after the test begins.

    Parameters
    ----------
    train, test
        Snapshot dates of the rows on either side.
    gap_days
        Days until a snapshot's outcome is decided (the horizon).

    Raises
    ------
    LeakError
        If any training snapshot plus the gap lies after the first test snapshot.
    """
    if not len(train) or not len(test):
        return
    decided = train.max() + np.timedelta64(gap_days, "D")
    if decided > test.min():
        raise LeakError(
            f"training snapshot {train.max()} is decided on {decided}, "
            f"after the first test snapshot {test.min()}"
        )


def _split_at(dates: DateArray, start: np.datetime64, stop: np.datetime64, gap: int) -> TimeSplit:
    train = dates + np.timedelta64(gap, "D") <= start
    test = (dates >= start) & (dates < stop)
    check_gap(dates[train], dates[test], gap)
    return TimeSplit(train=train, test=test)


def time_split(dates: DateArray, gap_days: int, test_share: float = TEST_SHARE) -> TimeSplit | None:
    """Split rows into an earlier training part and a later test part.

    Parameters
    ----------
    dates
        Snapshot date of each row, ``datetime64[D]``, any order.
    gap_days
        Days that must lie between the last training and the first test snapshot.
    test_share
        Share of the distinct dates, the latest, that form the test.

    Returns
    -------
    TimeSplit or None
        None when the history is too short to leave anything to learn from.
    """
    distinct = np.unique(dates)
    if len(distinct) < MIN_TRAIN_DATES + 1:
        return None
    count = max(1, round(len(distinct) * test_share))
    stop = distinct[-1] + np.timedelta64(1, "D")
    split = _split_at(dates, distinct[-count], stop, gap_days)
    return split if len(np.unique(dates[split.train])) >= MIN_TRAIN_DATES else None


def forward_folds(dates: DateArray, gap_days: int, folds: int = FOLDS) -> list[TimeSplit]:
    """Cut rows into folds that each learn from the past and look ahead over the gap.

    The dates that have at least a gap and ``MIN_TRAIN_DATES`` dates before them are cut into
    ``folds`` consecutive slices; each slice is predicted from everything a gap before it.

    Returns
    -------
    list of TimeSplit
        Empty when the history is too short for a single fold.
    """
    distinct = np.unique(dates)
    if len(distinct) <= MIN_TRAIN_DATES:
        return []
    first = distinct[MIN_TRAIN_DATES - 1] + np.timedelta64(gap_days, "D")
    ahead = distinct[distinct >= first]
    slices = [part for part in np.array_split(ahead, folds) if len(part)]
    day = np.timedelta64(1, "D")
    return [_split_at(dates, part[0], part[-1] + day, gap_days) for part in slices]
