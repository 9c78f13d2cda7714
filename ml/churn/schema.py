"""What the churn model learns from, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.common import baserate
from ml.common.features import HEALTH_SCORE, SNAPSHOT_FEATURES
from ml.common.gate import Words
from ml.common.lifecycle import ModelSpec

DIRECTIONS: Mapping[str, int] = {
    "active_days_28d": -1,
    "active_users_28d": -1,
    "active_users_7d": -1,
    "bad_ratings_90d": 1,
    "cancelled_share": 1,
    "days_since_last_event": 1,
    "days_to_term_end": -1,
    "event_types_28d": -1,
    "events_28d": -1,
    "events_90d": -1,
    "health_score": -1,
    "invoices_overdue": 1,
    "late_invoices_180d": 1,
    "open_urgent_tickets": 1,
    "seat_utilisation": -1,
    "slow_responses_90d": 1,
    "tenure_days": -1,
    "usage_depth_90d": -1,
    "usage_trend": -1,
}
"""Which way more of a feature can move the risk. Left open are those that can be read both ways:
many tickets may show trouble or use, contacts may be care or an answer to a complaint, and what was
used a month earlier counts against a decline."""

TRUST: Mapping[str, float] = {"days_to_term_end": 2.0}
"""Where an effect is expected to be larger: before its term ends hardly a contract can be left."""

SPEC = ModelSpec(
    name="churn",
    features=tuple(
        replace(
            feature,
            direction=DIRECTIONS.get(feature.name, 0),
            trust=TRUST.get(feature.name, feature.trust),
        )
        for feature in (*SNAPSHOT_FEATURES, HEALTH_SCORE)
    ),
    words=Words("customer left", "customers left", "churn"),
)
CANCELLED = "cancelled_share"


def announced(features: pd.DataFrame | Mapping[str, Any]) -> NDArray[np.bool_]:
    """Return who had cancelled by then all that they pay for, so that it ends in the horizon.

    Of a table each row's answer, shape (rows,); of one customer's features a single one.
    """
    return np.asarray(features[CANCELLED], dtype=np.float64) >= 1


def rule_factors(
    frame: pd.DataFrame, mean_lacking: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each customer's multiple of the base rate by the rule: (1 - health) / its mean.

    Whatever the health of one who has given notice, it is without bound.
    """
    lacking = 1 - frame["health_score"].to_numpy(dtype=np.float64)
    return np.where(announced(frame), np.inf, baserate.rule_factors(lacking, mean_lacking))
