"""How often the event happens at all, and the rule score turned into a probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

JEFFREYS = 0.5
LOWEST, HIGHEST = 0.001, 0.99
TAIL = 0.05


@dataclass(frozen=True)
class BaseRate:
    """Share of snapshots followed by the event, with its 90% interval."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Return plain numbers for storage."""
        return {"value": self.value, "low": self.low, "high": self.high}


def overlap(date: NDArray[np.datetime64], horizon_days: int) -> float:
    """Return how many snapshots of an account look at the same days: horizon / spacing, at least 1.

    Parameters
    ----------
    date
        Snapshot date of each row; the spacing is the median one of the distinct dates.
    """
    distinct = np.unique(date)
    if len(distinct) < 2:
        return 1.0
    return max(1.0, horizon_days / float(np.median(np.diff(distinct).astype(int))))


def base_rate(label: FloatArray, date: NDArray[np.datetime64], horizon_days: int) -> BaseRate:
    """Return the event rate with its Jeffreys interval.

    Weekly snapshots see one event as many times as they fit into the horizon, so rows count as
    rows / `overlap`: Beta(k / overlap + 1/2, (n - k) / overlap + 1/2). No event at all does not
    make the rate zero, and no data at all makes it wide.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to import

    repeats = overlap(date, horizon_days)
    events = float(label.sum()) / repeats + JEFFREYS
    others = float((1 - label).sum()) / repeats + JEFFREYS
    low, high = betaincinv(events, others, [TAIL, 1 - TAIL])
    value = events / (events + others)
    return BaseRate(value, min(float(low), value), max(float(high), value))


def rule_mean(rule: FloatArray) -> float:
    """Return the mean of the rule scores that are known, 0 where none is."""
    known = np.isfinite(rule)
    return float(rule[known].mean()) if known.any() else 0.0


def rule_factors(rule: FloatArray, mean: float | FloatArray) -> FloatArray:
    """Return each account's multiple of the base rate: rule / mean, 1 where unknown.

    Parameters
    ----------
    rule
        Rule score >= 0, higher = more likely; NaN where there is none.
    mean
        That of all customers (`rule_mean`), for all rows or for each; nothing is told where it is
        not above 0.
    """
    telling = np.isfinite(rule) & (np.asarray(mean) > 0)
    return np.where(telling, np.nan_to_num(rule) / np.where(telling, mean, 1.0), 1.0)


def rule_probability(
    rate: BaseRate, factors: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return probability and its interval: the base rate's, scaled, within bounds."""
    value, low, high = (bounded(factors * one) for one in (rate.value, rate.low, rate.high))
    return value, low, high


def bounded(probability: FloatArray) -> FloatArray:
    """Return a rule's probability within its bounds: it never says never, nor for certain."""
    return np.clip(probability, LOWEST, HIGHEST)
