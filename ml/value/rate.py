"""Rates of rare events, with intervals that stay honest where next to nothing happened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

FloatArray = NDArray[np.float64]

TAIL = 0.05
"""Beyond each end of an interval: intervals are 90%."""
Z = 1.6448536269514722
"""The normal quantile of the same interval."""
PRIOR_ENDS = 0.5
PRIOR_MONTHS = 20.0
"""Half an end in twenty months is what is known before any data: next to nothing, but not zero."""


@dataclass(frozen=True)
class Rate:
    """Ends a month, and how many ends that knowledge is worth."""

    value: float
    ends: float


def rate(
    ends: float,
    months: float,
    prior_ends: float = PRIOR_ENDS,
    prior_months: float = PRIOR_MONTHS,
) -> Rate:
    """Return ends a month of observation, drawn towards the prior's.

    Parameters
    ----------
    ends, months
        What was seen; both may be 0.
    """
    return Rate((ends + prior_ends) / (months + prior_months), ends + prior_ends)


def low_factor(ends: FloatArray) -> FloatArray:
    """Return the lower end of the interval of a hazard, as a multiple of it."""
    return _factor(ends, 0)


def high_factor(ends: FloatArray) -> FloatArray:
    """Return the upper end of the interval of a hazard, as a multiple of it.

    Garwood's exact Poisson limits, of d ends seen where ``ends`` is d + 1/2: with no end in n
    months the upper end is 3 / n (the rule of three).

    Parameters
    ----------
    ends
        How many ends the hazard rests on: its squared value over its variance.
    """
    return _factor(ends, 1)


def _factor(ends: FloatArray, side: int) -> FloatArray:
    grid, *sides = _factors()
    logs = np.log(np.clip(ends, np.exp(grid[0]), np.exp(grid[-1])))
    return np.asarray(np.interp(logs, grid, sides[side]), dtype=np.float64)


@cache
def _factors() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return both factors on a grid of log ends: the exact function costs a minute a million."""
    ends = np.concatenate([np.geomspace(0.02, 0.5, 200), np.geomspace(0.5, 1e7, 3000)[1:]])
    seen = np.maximum(ends - 0.5, 1e-12)
    low = np.where(ends > 0.5, gammaincinv(seen, TAIL), 0.0) / ends
    high = gammaincinv(seen + 1, 1 - TAIL) / ends
    return np.log(ends), low, high
