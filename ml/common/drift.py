"""Has the world moved away from what a model learnt? Effect sizes, which do not grow with the data.

A test of significance cries wolf: with enough customers every difference is significant. So each
figure here is an effect size with an interval, and is flagged only if the *whole interval* lies
beyond a threshold that matters in practice. More data narrows the interval and moves nothing.

- **Distribution** of a feature: Wasserstein distance between customers in training and today, in
  standard deviations of training, on the model's own scale (logarithm of amounts). Two samples of
  one population are never alike, so the distance of resampled accounts from each other is taken
  off (bootstrap correction of bias); whole accounts are drawn, as one is in both samples.
- **Unknown share** of a feature: the difference in the share of customers of whom it is not known.
- **Calibration**: events that came about over events foretold. Snapshots repeat the events of an
  account, so it is a weighted sum of Poisson counts, an account's snapshots being the weight: the
  gamma interval of Fay and Feuer (1997), which holds with few events, and with none.
- **Calibration slope**: a forecast may be right on average and too bold, or rank no longer. Its
  interval is the jackknife's, leaving out one group of accounts at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.common.features import Shape
from ml.common.metrics import Z90, Estimate, calibration_slope
from ml.common.transform import on_scale

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SHIFT_MATTERS = 0.5
"""Standard deviations; half of one is a medium effect by Cohen's convention."""
UNKNOWN_MATTERS = 0.2
RATIO_MATTERS = 1.5
"""Half as many events again as foretold, or two thirds of them."""
SLOPE_MATTERS = 2.0
"""Chances half or twice as far apart (in log-odds) as they should be."""

GROUPS = 20
T90 = 1.7291328115213678
"""Student's t with 19 degrees of freedom, for as many groups."""
TAIL = 0.05
REPLICATES = 200
SEED = 20260630
GRID = 64
ACCOUNTS = 5_000
"""More accounts than this are sampled: the noise of so many is far below any threshold."""
FAR = 5.0
"""Standard deviations at which a value counts as no farther, or one absurd row would be a shift."""


@dataclass(frozen=True)
class Sample:
    """A feature of customers: values (NaN where unknown) and account numbers, shape (rows,)."""

    values: FloatArray
    account: IntArray


def shifts(then: Sample, now: Sample, shape: Shape) -> tuple[Estimate, Estimate]:
    """Return how far a feature's distribution moved, and its share of unknown values.

    Parameters
    ----------
    then, now
        Customers in training (of several dates) and today.
    shape
        ``log`` or ``linear``, as the feature is declared.
    """
    accounts = _sampled(np.union1d(then.account, now.account))
    old, new = _within(then, accounts), _within(now, accounts)
    draws = _draws(len(accounts))
    unknown = _share_difference(old, new, accounts, draws)
    if not np.isfinite(old.values).any() or not np.isfinite(new.values).any():
        return Estimate(float("nan"), float("nan"), float("nan")), unknown
    return _distance(_scaled(old, new, shape), accounts, draws), unknown


def is_shifted(found: Estimate, threshold: float) -> bool:
    """Return whether the whole interval lies beyond the threshold, on either side of 0."""
    return bool(found.low > threshold or found.high < -threshold)


def is_slipped(found: Estimate, limit: float) -> bool:
    """Return whether the whole interval lies beyond the limit, or below one over it; 1 is right."""
    return bool(found.low > limit or found.high < 1 / limit)


def calibration(
    label: FloatArray, probability: FloatArray, account: IntArray, overlap: float
) -> Estimate:
    """Return events over foretold events with its 90% interval; NaN where nothing was foretold.

    Parameters
    ----------
    overlap
        How many snapshots of an account see the same event.
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - slow to import

    expected = float(probability.sum())
    if not expected > 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    seen = np.bincount(np.unique(account, return_inverse=True)[1], label)
    total, spread = float(seen.sum()), float((seen**2).sum())
    weight = max(float(seen.max()), overlap)
    low = 0.0
    if total > 0:
        low = spread / total * float(gammaincinv(total**2 / spread, TAIL))
    above, wider = total + weight, spread + weight**2
    high = wider / above * float(gammaincinv(above**2 / wider, 1 - TAIL))
    return Estimate(total / expected, low / expected, high / expected)


def slope(label: FloatArray, probability: FloatArray, account: IntArray) -> Estimate:
    """Return the calibration slope with its 90% interval.

    NaN where fewer accounts had the event (or had it not) than there are groups: nothing can be
    told of so few.

    Parameters
    ----------
    label, probability, account
        Outcome, forecast and account number of each snapshot, shape (rows,).
    """
    telling = min(len(np.unique(account[label == one])) for one in (0, 1))
    if telling < GROUPS:
        return Estimate(float("nan"), float("nan"), float("nan"))
    group = _group_of(label, account)
    value = calibration_slope(label, probability, np.ones(len(label)))
    left_out = np.array(
        [calibration_slope(label, probability, (group != one) * 1.0) for one in range(GROUPS)]
    )
    spread = np.sqrt((GROUPS - 1) / GROUPS * ((left_out - left_out.mean()) ** 2).sum())
    return Estimate(value, value - T90 * float(spread), value + T90 * float(spread))


def _group_of(label: FloatArray, account: IntArray) -> IntArray:
    """Deal the accounts out to the groups, those with events first: each gets some of them."""
    distinct, place = np.unique(account, return_inverse=True)
    events = np.bincount(place, label)
    order = np.lexsort([distinct, -events])
    dealt = np.empty(len(distinct), dtype=np.int64)
    dealt[order] = np.arange(len(distinct)) % GROUPS
    return np.asarray(dealt[place])


def _sampled(accounts: IntArray) -> IntArray:
    if len(accounts) <= ACCOUNTS:
        return accounts
    rng = np.random.default_rng(SEED)
    return np.asarray(np.sort(rng.choice(accounts, ACCOUNTS, replace=False)))


def _within(sample: Sample, accounts: IntArray) -> Sample:
    kept = np.isin(sample.account, accounts)
    return Sample(sample.values[kept], sample.account[kept])


def _draws(accounts: int) -> FloatArray:
    """Return how often each account is drawn, shape (1 + replicates, accounts); first the data."""
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(accounts, np.full(accounts, 1 / accounts), REPLICATES)
    return np.vstack([np.ones((1, accounts)), drawn]).astype(np.float64)


def _share_difference(then: Sample, now: Sample, accounts: IntArray, draws: FloatArray) -> Estimate:
    shares = []
    for sample in (then, now):
        place = np.searchsorted(accounts, sample.account)
        unknown = np.bincount(place, ~np.isfinite(sample.values), minlength=len(accounts))
        rows = np.bincount(place, minlength=len(accounts))
        shares.append(draws @ unknown / np.maximum(draws @ rows, 1))
    difference = shares[1] - shares[0]
    half = Z90 * float(difference[1:].std())
    return Estimate(float(difference[0]), float(difference[0]) - half, float(difference[0]) + half)


def _scaled(then: Sample, now: Sample, shape: Shape) -> tuple[Sample, Sample]:
    def scaled(sample: Sample) -> Sample:
        known = np.isfinite(sample.values)
        return Sample(on_scale(sample.values[known], shape), sample.account[known])

    old, new = scaled(then), scaled(now)
    centre = float(np.median(old.values))
    # The spread of what is not absurd; a feature that was constant has none and is taken as it is.
    low, high = np.quantile(old.values, [0.01, 0.99])
    spread = float(np.clip(old.values, low, high).std()) or 1.0
    return (
        Sample(np.clip((old.values - centre) / spread, -FAR, FAR), old.account),
        Sample(np.clip((new.values - centre) / spread, -FAR, FAR), new.account),
    )


def _distance(samples: tuple[Sample, Sample], accounts: IntArray, draws: FloatArray) -> Estimate:
    pooled = np.unique(np.concatenate([sample.values for sample in samples]))
    grid = np.unique(np.quantile(pooled, np.linspace(0, 1, GRID)))
    if len(grid) < 2:
        return Estimate(0.0, 0.0, 0.0)
    below = []
    for sample in samples:
        place = np.searchsorted(accounts, sample.account)
        cell = np.searchsorted(grid, sample.values, side="left")
        flat = np.bincount(place * len(grid) + cell, minlength=len(accounts) * len(grid))
        counts = draws @ flat.reshape(len(accounts), len(grid))
        below.append(np.cumsum(counts, axis=1) / np.maximum(counts.sum(axis=1), 1)[:, None])
    found = np.abs(below[1] - below[0])[:, :-1] @ np.diff(grid)
    value = max(0.0, float(2 * found[0] - found[1:].mean()))
    half = Z90 * float(found[1:].std())
    return Estimate(value, max(0.0, value - half), value + half)
