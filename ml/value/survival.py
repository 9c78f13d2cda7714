"""Each customer's chance to stay: the company's curve, bent through the published churn score.

Within the churn horizon the hazards of the curve are scaled so that the chance to leave by its end
is the published one, interval included: the two numbers cannot contradict each other. Beyond it the
curve goes on as it is for a customer of that age: what is seen today foretells the horizon, not
years.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.value.curve import Curve, covariates_of, is_long_term
from ml.value.rate import FloatArray, Z, high_factor, low_factor

SMALLEST = 1e-12


@dataclass(frozen=True)
class Estimate:
    """Numbers with the ends of their 90% intervals, arrays of one shape."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Customers:
    """Customers at a date.

    Parameters
    ----------
    is_long : array of shape (n,)
        Whether the term at the chain's beginning was a long one.
    age, horizon_age : array of shape (n,)
        Months since the chain began, at the date and at the end of the churn horizon.
    multiple, spread : array of shape (n,)
        Multiple of the curve's hazard, and the variance of its logarithm.
    leaving_age : array of shape (n,)
        Age at which one at notice leaves; NaN for the others.
    churn : Estimate
        Published probability to leave within the horizon; NaN where there is none.
    """

    is_long: NDArray[np.bool_]
    age: FloatArray
    horizon_age: FloatArray
    multiple: FloatArray
    spread: FloatArray
    leaving_age: FloatArray
    churn: Estimate

    @classmethod
    def of(cls, frame: pd.DataFrame, curve: Curve) -> Self:
        """Return the customers of a frame of contracts joined to their churn scores."""
        multiple, spread = curve.multiples(covariates_of(frame))

        def column(name: str) -> FloatArray:
            return frame[name].to_numpy(dtype=np.float64)

        names = ("churn_probability", "probability_low", "probability_high")
        return cls(
            is_long=is_long_term(frame),
            age=column("tenure_months"),
            horizon_age=column("horizon_tenure_months"),
            multiple=multiple,
            spread=spread,
            leaving_age=column("leaving_tenure_months"),
            churn=Estimate(*map(column, names)),
        )


def staying(curve: Curve, customers: Customers, age: FloatArray) -> Estimate:
    """Return the chance to be a customer still, just after each age.

    Parameters
    ----------
    age : array of shape (n,) or (n, k)
        Months since the chain began, not before the present age.

    Returns
    -------
    Estimate
        Shape of ``age``; the interval holds for each age by itself.
    """
    flat = age.ndim == 1
    ages = age[:, None] if flat else age
    hazard = _hazard(curve, customers, ages)
    leaves = customers.leaving_age[:, None]
    at_notice = np.broadcast_to(np.isfinite(leaves), ages.shape)
    stays = (ages < leaves).astype(np.float64)
    found = [
        np.where(at_notice, stays, np.exp(-one)) for one in (hazard.value, hazard.high, hazard.low)
    ]
    return Estimate(*(one[:, 0] if flat else one for one in found))


def _hazard(curve: Curve, customers: Customers, ages: FloatArray) -> Estimate:
    """Return the cumulative hazard from the present age on, shape (n, k).

    Without a score it is one stretch of the curve: its errors go together, and do not add up in
    squares as those of a score and a curve do.
    """
    now = customers.age[:, None]
    unscored = _curve_interval(customers, *curve.between(customers.is_long, now, ages))
    scored = _through_score(curve, customers, ages)
    is_scored = np.isfinite(customers.churn.value)[:, None]
    pairs = zip(_ends(scored), _ends(unscored), strict=True)
    return Estimate(*(np.where(is_scored, one, other) for one, other in pairs))


def _through_score(curve: Curve, customers: Customers, ages: FloatArray) -> Estimate:
    """Return the hazard whose part up to the horizon is the published one; NaN without a score."""
    now, horizon = customers.age[:, None], customers.horizon_age[:, None]
    to_age, to_age_variance = curve.between(customers.is_long, now, np.minimum(ages, horizon))
    rest, rest_variance = curve.between(customers.is_long, np.minimum(ages, horizon), horizon)
    published = Estimate(*(-np.log1p(-one[:, None]) for one in _ends(customers.churn)))
    # The share of the horizon's hazard that falls before an age; its two parts vary by themselves.
    whole = np.maximum(to_age + rest, SMALLEST)
    share = to_age / whole
    variance = ((1 - share) ** 2 * to_age_variance + share**2 * rest_variance) / whole**2
    within = _scaled(published, share, variance)
    beyond = _curve_interval(
        customers, *curve.between(customers.is_long, horizon, np.maximum(ages, horizon))
    )
    value = within.value + beyond.value
    low = np.hypot(within.value - within.low, beyond.value - beyond.low)
    high = np.hypot(within.high - within.value, beyond.high - beyond.value)
    return Estimate(value, np.maximum(value - low, 0.0), value + high)


def _ends(estimate: Estimate) -> tuple[FloatArray, FloatArray, FloatArray]:
    return estimate.value, estimate.low, estimate.high


def _scaled(whole: Estimate, share: FloatArray, variance: FloatArray) -> Estimate:
    """Return a share of a hazard; relative errors add up in squares, on the scale of logarithms."""
    apart = Z * np.sqrt(variance) / np.maximum(share, SMALLEST)
    value = whole.value * share
    down = np.hypot(
        np.log(np.maximum(whole.value, SMALLEST) / np.maximum(whole.low, SMALLEST)), apart
    )
    up = np.hypot(
        np.log(np.maximum(whole.high, SMALLEST) / np.maximum(whole.value, SMALLEST)), apart
    )
    return Estimate(value, value * np.exp(-down), np.minimum(value * np.exp(up), whole.high))


def _curve_interval(customers: Customers, value: FloatArray, variance: FloatArray) -> Estimate:
    """Return the curve's hazard for each customer: as that of so many ends, by Poisson limits."""
    relative = variance / np.maximum(value, SMALLEST) ** 2 + customers.spread[:, None]
    ends = 1 / np.maximum(relative, SMALLEST)
    own = value * customers.multiple[:, None]
    return Estimate(own, own * low_factor(ends), own * high_factor(ends))
