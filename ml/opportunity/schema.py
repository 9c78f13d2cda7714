"""What the opportunity models learn from, and the rules that stand in for them.

Rules (score >= 0, turned into a propensity by ``base rate x score / mean score``):

- upsell: ``0.7 x fullness + 0.3 x (1 + usage trend) / 2``, fullness being the share of the seats
  in use, of the kinds of action in use (a plan), or of the limit used. Who has filled what there is
  and uses the product ever more needs more of it. Shares above 1 count as 1; an unknown share or
  trend counts as the average customer's.
- cross-sell: the share of customers who own the product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.common.features import FULLNESS, PEERS_SHARE, SNAPSHOT_FEATURES
from ml.common.gate import Words
from ml.common.lifecycle import ModelSpec

FloatArray = NDArray[np.float64]

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

FULLNESS_WEIGHT, TREND_WEIGHT = 0.7, 0.3
NO_TIER = "unknown"
"""Risk tier of a customer without a published churn score, as of one too little is known of."""

EXPANSION_SHARE = 0.1
"""Expected growth of an account's revenue where no expansion was ever observed."""
MOST_GROWTH = 10.0
"""Growth by more counts as this: of next to nothing anything is a multiple."""


@dataclass(frozen=True)
class RuleParts:
    """Parts of a rule score by feature, shape (rows,) each; they add up to the score."""

    parts: dict[str, FloatArray]

    @property
    def score(self) -> FloatArray:
        """The rule score of each row."""
        return np.asarray(sum(self.parts.values()), dtype=np.float64)


def rule_parts(name: str, frame: pd.DataFrame) -> RuleParts:
    """Return the parts of the rule score of ``upsell`` or ``cross_sell``."""
    if name == "cross_sell":
        share = frame["peers_share"].to_numpy(dtype=np.float64)
        return RuleParts({"peers_share": _filled(np.clip(share, 0, 1))})
    used = np.clip(frame["fullness"].to_numpy(dtype=np.float64), 0, 1)
    trend = (1 + np.clip(frame["usage_trend"].to_numpy(dtype=np.float64), -1, 1)) / 2
    return RuleParts(
        {
            "fullness": FULLNESS_WEIGHT * _filled(used),
            "usage_trend": TREND_WEIGHT * _filled(trend),
        }
    )


def _filled(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    return np.where(known, values, values[known].mean() if known.any() else 0.5)
