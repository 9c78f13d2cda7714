"""Time-ordered splits with a gap, so that no label seen in training reaches into the test.

Two kinds. The *exam* plays the later part of the history: each slice of it is foretold by a model
that had learnt from everything a horizon before it, as it would have been in production. The
*forward folds* tune and calibrate inside of whatever a model may learn from; they are grouped by
account besides, so that no account is foretold by a model that had learnt from itself.

A snapshot at ``t`` carries an outcome that is decided between ``t`` and ``t + horizon``. Training
may use it for a test that begins at ``s`` only if ``t + horizon <= s``: otherwise the model would
have learnt from days it is then examined on.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]
IntArray = NDArray[np.int64]

EXAM_SHARE = 0.6
"""Share of the known snapshot dates, the latest ones, that models are examined on."""
EXAM_FOLDS = 8
"""How often a model is trained anew on the way through the exam: over two years about every seven
weeks, where the daily job trains every four."""
MIN_TRAIN_DATES = 4
"""With fewer snapshot dates than this there is no past to learn from."""
FOLDS = 3
GROUPS = 3
"""Groups of accounts within a fold."""


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


def _split_at(dates: DateArray, part: DateArray, gap: int) -> TimeSplit:
    train = dates + np.timedelta64(gap, "D") <= part[0]
    test = (dates >= part[0]) & (dates <= part[-1])
    check_gap(dates[train], dates[test], gap)
    return TimeSplit(train=train, test=test)


def exam_folds(dates: DateArray, gap_days: int) -> list[TimeSplit]:
    """Cut the later part of the history into slices, each foretold from what lay before it.

    Parameters
    ----------
    dates
        Snapshot date of each row, ``datetime64[D]``, any order.
    gap_days
        Days that must lie between the last training and the first test snapshot.

    Returns
    -------
    list of TimeSplit
        In order of time, none of whose tests meet; empty when the history is too short to leave
        anything to learn from.
    """
    distinct = np.unique(dates)
    if len(distinct) < MIN_TRAIN_DATES + 1:
        return []
    learnt = distinct[MIN_TRAIN_DATES - 1] + np.timedelta64(gap_days, "D")
    start = max(distinct[-max(1, round(len(distinct) * EXAM_SHARE))], learnt)
    ahead = distinct[distinct >= start]
    parts = [part for part in np.array_split(ahead, EXAM_FOLDS) if len(part)]
    return [_split_at(dates, part, gap_days) for part in parts]


def forward_folds(
    dates: DateArray, cluster: IntArray, gap_days: int, folds: int = FOLDS, groups: int = GROUPS
) -> list[TimeSplit]:
    """Cut rows into folds that learn from the past of some accounts and look ahead on others.

    The dates that have at least a gap and ``MIN_TRAIN_DATES`` dates before them are cut into
    ``folds`` consecutive slices, each slice's rows into ``groups`` of accounts; each part is
    predicted from the other accounts' snapshots a gap before it.

    Parameters
    ----------
    cluster
        Account number of each row.

    Returns
    -------
    list of TimeSplit
        Empty when the history is too short for a single fold.
    """
    distinct = np.unique(dates)
    if len(distinct) <= MIN_TRAIN_DATES:
        return []
    first = distinct[MIN_TRAIN_DATES - 1] + np.timedelta64(gap_days, "D")
    slices = [part for part in np.array_split(distinct[distinct >= first], folds) if len(part)]
    in_time = [_split_at(dates, part, gap_days) for part in slices]
    group = group_of(cluster, groups)
    return [
        TimeSplit(train=split.train & (group != number), test=split.test & (group == number))
        for split in in_time
        for number in range(groups)
    ]


def group_of(cluster: IntArray, groups: int) -> IntArray:
    """Return each row's group of accounts; the same account always has the same."""
    # A hash, not the number itself: account numbers follow the sort order.
    hashed = [zlib.crc32(str(number).encode()) % groups for number in range(cluster.max() + 1)]
    return np.array(hashed, dtype=np.int64)[cluster]
