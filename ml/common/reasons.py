"""Why a score is what it is: the largest parts of it, in words with the account's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.common.features import Feature, sentence

WITH_THE_VERDICT = 3
AGAINST_IT = 2
LEAST = 1e-9
"""Parts smaller than this say nothing."""

Reason = dict[str, Any]


def reason(feature: str, contribution: float, text: str) -> Reason:
    """Return one reason as it is stored."""
    return {
        "feature": feature,
        "direction": "raises" if contribution >= 0 else "lowers",
        "contribution": round(float(contribution), 12),
        "text": text,
    }


def pick(contributions: NDArray[np.float64]) -> list[int]:
    """Choose the parts to tell: the three largest the way the score leans, two the other way.

    Where one side has fewer, the other fills up to five. Largest first.
    """
    leaning = 1.0 if contributions.sum() > 0 else -1.0
    order = [int(i) for i in np.argsort(-np.abs(contributions), kind="stable")]
    order = [i for i in order if abs(contributions[i]) > LEAST]
    along = [i for i in order if contributions[i] * leaning > 0]
    against = [i for i in order if contributions[i] * leaning < 0]
    chosen = set(along[:WITH_THE_VERDICT] + against[:AGAINST_IT])
    spare = WITH_THE_VERDICT + AGAINST_IT - len(chosen)
    chosen |= set([i for i in order if i not in chosen][:spare])
    return [i for i in order if i in chosen]


def model_reasons(
    frame: pd.DataFrame,
    contributions: NDArray[np.float64],
    features: Sequence[Feature],
    typical: Mapping[str, float],
    currency: str,
) -> list[list[Reason]]:
    """Return the reasons of each row.

    Parameters
    ----------
    frame
        The rows with their features.
    contributions
        Parts of the log-odds, shape (rows, features), in the order of ``features``.
    typical
        The median account, which "Only" compares with.
    """
    rows = frame.to_dict("records")
    found = []
    for row, parts in zip(rows, contributions, strict=True):
        named = {str(key): value for key, value in row.items()}
        found.append(
            [
                reason(
                    features[i].name,
                    parts[i],
                    sentence(features[i], named, typical.get(features[i].name), currency),
                )
                for i in pick(parts)
            ]
        )
    return found
