"""A labelled history, and how to take parts of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MAX_ROWS = 100_000
"""Above this, dates are thinned evenly: weekly rows of one account hardly differ."""


@dataclass(frozen=True)
class Dataset:
    """Labelled history, one row a snapshot, ordered by date and account.

    Parameters
    ----------
    frame
        The features' columns.
    label
        1 where the event happened within the horizon.
    account
        Account of each row.
    date
        Snapshot date, ``datetime64[D]``.
    rule
        Rule score, higher = more likely; NaN where there is none.
    announced
        Whether the outcome of a row was already told on its day, as by a notice; None if of none.
        Such rows are learnt from, so that the model says what everybody knows, and are no exam.
    """

    frame: pd.DataFrame
    label: FloatArray
    account: NDArray[np.object_]
    date: NDArray[np.datetime64]
    rule: FloatArray
    announced: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.label)

    def part(self, rows: BoolArray) -> Dataset:
        """Return the rows of a mask."""
        return Dataset(
            self.frame[rows],
            self.label[rows],
            self.account[rows],
            self.date[rows],
            self.rule[rows],
            None if self.announced is None else self.announced[rows],
        )

    def exam(self, rows: BoolArray) -> Dataset:
        """Return the rows of a mask on which there was something to foretell."""
        return self.part(rows if self.announced is None else rows & ~self.announced)

    @property
    def cluster(self) -> NDArray[np.int64]:
        """Account number of each row."""
        return np.unique(self.account, return_inverse=True)[1].astype(np.int64)

    @property
    def events(self) -> int:
        """Accounts with the event: repeated snapshots of one event count once."""
        return len(np.unique(self.account[self.label == 1]))

    @property
    def can_fit(self) -> bool:
        """Whether both outcomes occur, in two accounts each at least."""
        return self.events >= 2 and len(np.unique(self.account[self.label == 0])) >= 2

    def thinned(self, max_rows: int = MAX_ROWS) -> Dataset:
        """Return every k-th date, counted back from the latest, so that at most so many stay."""
        if len(self) <= max_rows:
            return self
        step = -(-len(self) // max_rows)
        kept = np.unique(self.date)[::-1][::step]
        return self.part(np.isin(self.date, kept))
