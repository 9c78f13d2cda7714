"""What the opportunity models learn from, and the rules that stand in for them.

Rules (score >= 0, turned into a propensity by ``base rate x score / mean score``):

- upsell: ``0.7 x fullness + 0.3 x (1 + usage trend) / 2``, fullness being the share of the seats
  in use, of the kinds of action in use (a plan), or of the limit used. Who has filled what there is
  and uses the product ever more needs more of it. Shares above 1 count as 1; an unknown share or
  trend counts as the average customer's.
- cross-sell: the share of customers who own the product.

An offer stands out, and is made, only if it is likelier to come about than the average offer of its
kind that night. One of more of the same needs evidence besides: nobody who leaves room in what they
have, or of whom it is not known, is told to buy more of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.common.features import FULLNESS, PEERS_SHARE, SNAPSHOT_FEATURES
from ml.common.gate import Words
from ml.common.lifecycle import ModelSpec

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

UPSELL = ModelSpec(
    name="upsell",
    features=(*SNAPSHOT_FEATURES, FULLNESS),
    words=Words("customer expanded", "customers expanded", "expansion"),
)
CROSS_SELL = ModelSpec(
    name="cross_sell",
    features=(*SNAPSHOT_FEATURES, PEERS_SHARE),
    words=Words(
        "customer bought a further product",
        "customers bought a further product",
        "the sale of a further product",
    ),
)
MEAN_SCORE, TYPICAL = "mean_rule_score", "typical_"
"""What a rule's row keeps beside its features: the mean score, and what stood in for unknown."""

FULLNESS_WEIGHT, TREND_WEIGHT = 0.7, 0.3
NO_TIER = "unknown"
"""Risk tier of a customer without a published churn score, as of one too little is known of."""

SLACK = 1e-9
"""By so much likelier than the average offer, as a share: rounding must not make one stand out."""

EXPANSION_SHARE = 0.1
"""Expected growth of an account's revenue where no expansion was ever observed."""
MOST_GROWTH = 10.0
"""Growth by more counts as this: of next to nothing anything is a multiple."""


@dataclass(frozen=True)
class RuleParts:
    """Parts of a rule score by feature, shape (rows,) each; they add up to the score.

    ``typical`` holds, by feature, what stood in for an unknown value.
    """

    parts: dict[str, FloatArray]
    typical: dict[str, FloatArray]

    @property
    def score(self) -> FloatArray:
        """The rule score of each row."""
        return np.asarray(sum(self.parts.values()), dtype=np.float64)


def rule_parts(
    name: str, frame: pd.DataFrame, typical: Mapping[str, FloatArray] | None = None
) -> RuleParts:
    """Return the parts of the rule score of ``upsell`` or ``cross_sell``.

    Parameters
    ----------
    typical
        What stands in for an unknown value, by feature; the average of the frame if not given.
    """
    if name == "cross_sell":
        values = {"peers_share": (1.0, np.clip(_column(frame, "peers_share"), 0, 1))}
    else:
        trend = (1 + np.clip(_column(frame, "usage_trend"), -1, 1)) / 2
        values = {
            "fullness": (FULLNESS_WEIGHT, np.clip(_column(frame, "fullness"), 0, 1)),
            "usage_trend": (TREND_WEIGHT, trend),
        }
    stand_ins = typical or {key: _average(known) for key, (_, known) in values.items()}
    parts = {
        key: weight * np.where(np.isfinite(known), known, stand_ins[key])
        for key, (weight, known) in values.items()
    }
    return RuleParts(parts, dict(stand_ins))


def stands_out(
    name: str, frame: pd.DataFrame, propensity: FloatArray, least_use: float
) -> BoolArray:
    """Return which of a night's offers of a kind are worth making, shape (rows,).

    Parameters
    ----------
    propensity
        Of each row, by one version.
    least_use
        Share of what a customer has that is in use, from which on it may need more of it, 0 to 1.
    """
    is_likelier = propensity > propensity.mean() * (1 + SLACK)
    # Of an unknown share the comparison is false.
    is_needed = _column(frame, "fullness") >= least_use if name == UPSELL.name else True
    return np.asarray(is_likelier & is_needed)


def _column(frame: pd.DataFrame, name: str) -> FloatArray:
    return frame[name].to_numpy(dtype=np.float64)


def _average(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    return np.full_like(values, values[known].mean() if known.any() else 0.5)
