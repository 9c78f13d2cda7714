"""What staying is worth: months to come and their money, and the price after a renewal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.value.curve import LONG_TERM_MONTHS, Curve
from ml.value.rate import FloatArray, Z
from ml.value.survival import Customers, Estimate, staying

PRIOR_ACCOUNTS = 20.0
PRIOR_SPREAD = 0.15
"""An unchanged price is expected, as if twenty accounts had renewed at 1, give or take 0.15."""
LEAST_RATIO, MOST_RATIO = 0.5, 2.0
"""A renewal at less or more counts as this: one account that grew tenfold is no price list."""


@dataclass(frozen=True)
class Worth:
    """Months to come and their discounted money, of each customer."""

    months: Estimate
    value: Estimate


def worth(
    curve: Curve,
    customers: Customers,
    mrr: FloatArray,
    horizon_months: int,
    discount_rate: float,
) -> Worth:
    """Return remaining months and lifetime value up to a horizon.

    Each month counts with the mean chance to be there at its two ends, and its money is discounted
    from its middle. The price stays what it is; costs are not deducted.

    Parameters
    ----------
    mrr : array of shape (n,)
        What each customer pays a month.
    horizon_months
        What comes later counts nothing.
    discount_rate
        A year.
    """
    ends = np.arange(horizon_months + 1, dtype=np.float64)
    stays = staying(curve, customers, customers.age[:, None] + ends)
    discounts = (1 + discount_rate) ** (-(ends[1:] - 0.5) / 12)
    notice = np.clip((customers.leaving_age - customers.age)[:, None] - ends[:-1], 0.0, 1.0)
    is_known = np.isfinite(notice)

    def paid(chance: FloatArray) -> FloatArray:
        return np.where(is_known, notice, (chance[:, :-1] + chance[:, 1:]) / 2)

    shares = [paid(chance) for chance in (stays.value, stays.low, stays.high)]
    months = Estimate(*(share.sum(axis=1) for share in shares))
    return Worth(months, Estimate(*(mrr * (share @ discounts) for share in shares)))


def price_ratio(outcomes: pd.DataFrame) -> dict[bool, tuple[float, float, float]]:
    """Return MRR after a renewal over that before, with its interval, for long and short terms.

    Parameters
    ----------
    outcomes
        Past renewals: ``account_id``, ``is_renewed``, ``term_months``, ``mrr_before`` > 0,
        ``mrr_after``; may be empty.
    """
    renewed = outcomes[outcomes["is_renewed"] > 0]
    is_long = renewed["term_months"] >= LONG_TERM_MONTHS
    return {long: _ratio(renewed[is_long == long]) for long in (False, True)}


def _ratio(renewed: pd.DataFrame) -> tuple[float, float, float]:
    ratio = (renewed["mrr_after"] / renewed["mrr_before"]).clip(LEAST_RATIO, MOST_RATIO)
    means = ratio.groupby(renewed["account_id"].to_numpy()).mean()
    accounts = len(means)
    total = float(means.sum()) + PRIOR_ACCOUNTS
    squares = float(((means - means.mean()) ** 2).sum()) + PRIOR_ACCOUNTS * PRIOR_SPREAD**2
    weight = accounts + PRIOR_ACCOUNTS
    value, spread = total / weight, Z * np.sqrt(squares) / weight
    return value, value * float(np.exp(-spread / value)), value * float(np.exp(spread / value))


def renewed_arr(arr: FloatArray, chance: Estimate, ratio: Estimate) -> Estimate:
    """Return ARR x chance x price; relative errors add up in squares."""
    value = arr * chance.value * ratio.value
    safe = np.where(value > 0, chance.value, 1.0)
    down = np.hypot(
        np.log(safe / np.where(value > 0, np.maximum(chance.low, 1e-12), 1.0)),
        np.log(ratio.value / ratio.low),
    )
    up = np.hypot(
        np.log(np.where(value > 0, chance.high, 1.0) / safe), np.log(ratio.high / ratio.value)
    )
    return Estimate(value, value * np.exp(-down), value * np.exp(up))
