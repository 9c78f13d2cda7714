"""What the churn model learns from, and what its numbers mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.common.features import HEALTH_SCORE, SNAPSHOT_FEATURES
from ml.common.gate import Words
from ml.common.lifecycle import ModelSpec

SPEC = ModelSpec(
    name="churn",
    features=(*SNAPSHOT_FEATURES, HEALTH_SCORE),
    words=Words("customer left", "customers left", "churn"),
)

TIER_BY_ODDS: tuple[tuple[float, str], ...] = ((4.0, "critical"), (2.0, "high"), (1.0, "medium"))
"""Lowest multiple of the base rate's odds for each tier of a model's score; below all: low."""
TIER_BY_BAND = {"at_risk": "high", "watch": "medium", "healthy": "low"}
"""Tier of a rule's score by health band; any other band is unknown."""
UNKNOWN = "unknown"


def model_tiers(probability: NDArray[np.float64], base_rate: float) -> list[str]:
    """Return the risk tier of each probability of a model."""
    odds = probability / (1 - probability)
    multiple = odds / (base_rate / (1 - base_rate))
    return [next((tier for least, tier in TIER_BY_ODDS if one >= least), "low") for one in multiple]
