"""Why a score is what it is: the largest parts of it, in words with the account's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
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
    rows: Sequence[Mapping[Any, Any]],
    contributions: NDArray[np.float64],
    features: Sequence[Feature],
    typical: Mapping[str, float],
    currency: str,
) -> list[list[Reason]]:
    """Return the reasons of each row.

    Parameters
    ----------
    rows
        All values of each account's snapshot by column.
    contributions
        Parts of the log-odds, shape (rows, features), in the order of ``features``.
    typical
        The median account, which "Only" compares with.
    """
    found = []
    for row, parts in zip(rows, contributions, strict=True):
        found.append(
            [
                reason(
                    features[i].name,
                    parts[i],
                    sentence(features[i], row, typical.get(features[i].name), currency),
                )
                for i in pick(parts)
            ]
        )
    return found
