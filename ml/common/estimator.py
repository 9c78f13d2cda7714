"""The candidates: penalised logistic regression, and gradient boosting; how each is fitted.

Both keep to what is known beforehand of a column's direction. A regression leaves out columns whose
effect would have the wrong sign and is fitted again until none has (an active set; the optimum
under sign constraints is the free optimum of the columns that stay in). With few events this is
worth more than any tuning: of correlated columns chance turns some around, which costs forecasts
and yields reasons that nobody believes, such as a risk from too much use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SEED = 7


@dataclass(frozen=True)
class Candidate:
    """What to fit.

    Parameters
    ----------
    kind : str
        ``logistic`` or ``boosting``.
    prior_sd : float
        Standard deviation of the normal prior of a standardised column's effect on the log-odds;
        logistic regression only.
    """

    kind: str
    prior_sd: float = 0.2

    def as_json(self) -> dict[str, object]:
        """Return what identifies the candidate."""
        return {"kind": self.kind} | (
            {"prior_sd": self.prior_sd} if self.kind == "logistic" else {}
        )


LOGISTIC = tuple(Candidate("logistic", s) for s in (0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.57))
BOOSTING = Candidate("boosting")
DEFAULT = Candidate("logistic", 0.2)


def fit_estimator(
    candidate: Candidate,
    columns: FloatArray,
    label: FloatArray,
    overlap: float,
    directions: IntArray,
) -> Any:
    """Fit a candidate on transformed columns.

    Parameters
    ----------
    columns : shape (rows, columns)
        Standardised.
    overlap
        How many rows of an account see the same event (`baserate.overlap`).
    directions : shape (columns,)
        The sign that a column's effect may have; 0 for either.
    """
    if candidate.kind == "boosting":
        return _boosting(label, directions).fit(columns, label)
    stays = np.ones(columns.shape[1])
    model = _logistic(candidate, overlap)
    while True:
        model.fit(columns * stays, label)
        is_turned = model.coef_[0] * stays * directions < 0
        if not is_turned.any():
            model.coef_ = model.coef_ * stays
            return model
        stays[is_turned] = 0.0


def _logistic(candidate: Candidate, overlap: float) -> LogisticRegression:
    strength = candidate.prior_sd**2 / overlap
    # Each fit of the active set begins where the last one ended.
    return LogisticRegression(
        C=strength, solver="newton-cholesky", max_iter=200, tol=1e-10, warm_start=True
    )


def _boosting(label: FloatArray, directions: IntArray) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=80,
        max_leaf_nodes=8,
        min_samples_leaf=max(20, min(400, len(label) // 50)),
        l2_regularization=10.0,
        monotonic_cst=directions,
        early_stopping=False,
        random_state=SEED,
    )
