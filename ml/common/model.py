"""A fitted model: one ``Pipeline``, one calibrator, intervals and exact contributions.

Weekly snapshots of an account look at the same days again and again: an event is seen as often as
they fit into the horizon (``overlap``). So the likelihood of all rows counts as if there were
``rows / overlap`` of them (a composite likelihood, tempered: Ribatet et al. 2012). Against it
stands a normal prior of the effects of standardised columns, whose ``prior_sd`` is a number of its
own and no share of the data: what few events could teach is shrunk more than what many could.

Interval of a probability (90%), in log-odds: ``eta +- 1.645 * sqrt(v)`` with
``v = slope^2 * v_model + v_calibration``.

- Logistic regression: ``v_model = x' V x`` with ``V = (J / overlap + I / prior_sd^2)^-1``, the
  covariance of the posterior; ``J`` is the information of all rows. With the penalty inside, it
  holds the doubt about what the penalty shrank, too (Nychka 1988), and about effects that were
  held at zero for their sign.
- Boosting: delete-a-group jackknife over ``JACKKNIFE`` groups of accounts,
  ``v_model = (g - 1) / g * sum((f_k - mean f)^2)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from ml.common.calibration import Calibrator, sigmoid
from ml.common.estimator import Candidate, fit_estimator
from ml.common.features import PRODUCT, Feature, require_columns
from ml.common.metrics import Z90
from ml.common.splits import group_of
from ml.common.transform import column_transformer, directions, source_feature

FloatArray = NDArray[np.float64]

JACKKNIFE = 5


@dataclass(frozen=True)
class FittedModel:
    """Everything that scoring needs; nothing in it is fitted again.

    Parameters
    ----------
    pipeline
        ``columns`` (a ``ColumnTransformer``) and ``model``.
    features
        Input columns, in order.
    column_means
        Training mean of each transformed column: the account that all are compared with.
    typical
        Training median of each numeric input column (NaN where never known).
    covariance
        Of (intercept, coefficients); logistic regression only.
    jackknife
        Models without one group of accounts each; boosting only.
    """

    pipeline: Pipeline
    features: tuple[str, ...]
    column_means: FloatArray
    typical: dict[str, float]
    base_rate: float
    calibrator: Calibrator = field(default_factory=Calibrator)
    covariance: FloatArray | None = None
    jackknife: tuple[Any, ...] = ()

    def transform(self, frame: pd.DataFrame) -> FloatArray:
        """Return the model's own columns, shape (rows, columns).

        Raises
        ------
        CopilotError
            The frame lacks a feature; the message names it.
        """
        require_columns(frame.columns, self.features, "The table of features")
        columns = self.pipeline.named_steps["columns"]
        return np.asarray(columns.transform(frame[list(self.features)]), dtype=np.float64)

    def raw(self, columns: FloatArray) -> FloatArray:
        """Return the decision function (log-odds before calibration)."""
        found = self.pipeline.named_steps["model"].decision_function(columns)
        return np.asarray(found, dtype=np.float64)

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """Return calibrated log-odds."""
        return self.calibrator.apply(self.raw(self.transform(frame)))

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return calibrated probabilities."""
        return sigmoid(self.log_odds(frame))

    def interval(self, frame: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        """Return the 90% interval of the probability; the formula heads this module."""
        _, low, high = self._estimate(self.transform(frame))
        return low, high

    def explained(
        self, frame: pd.DataFrame
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return probability, its interval and the parts of `contributions` in one go."""
        columns = self.transform(frame)
        return *self._estimate(columns), self._parts(columns)[0]

    def _estimate(self, columns: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        raw = self.raw(columns)
        variance = self.calibrator.slope**2 * self._model_variance(columns)
        half = Z90 * np.sqrt(np.maximum(variance + self.calibrator.variance(raw), 0.0))
        centre = self.calibrator.apply(raw)
        return sigmoid(centre), sigmoid(centre - half), sigmoid(centre + half)

    def _model_variance(self, columns: FloatArray) -> FloatArray:
        if self.covariance is not None:
            design = np.column_stack([np.ones(len(columns)), columns])
            return np.asarray(np.einsum("ij,ij->i", design @ self.covariance, design))
        if not self.jackknife:
            return np.zeros(len(columns))
        found = self._jackknife_raw(columns)
        share = (len(found) - 1) / len(found)
        return np.asarray(share * ((found - found.mean(axis=0)) ** 2).sum(axis=0))

    def _jackknife_raw(self, columns: FloatArray) -> FloatArray:
        return np.array([part.decision_function(columns) for part in self.jackknife])

    def contributions(self, frame: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        """Split the calibrated log-odds into the features' parts.

        Returns
        -------
        parts : ndarray, shape (rows, features)
            In log-odds, in the order of ``features``.
        baseline : ndarray, shape (rows,)
            Log-odds of the account that all are compared with; baseline + parts = log-odds.
        """
        return self._parts(self.transform(frame))

    def _parts(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        by_column, base = self._column_contributions(columns)
        parts = np.zeros((len(columns), len(self.features)))
        for i, feature in enumerate(self._feature_of_column):
            parts[:, feature] += by_column[:, i]
        baseline = np.full(len(columns), self.calibrator.apply(np.array([base]))[0])
        return parts * self.calibrator.slope, baseline

    @cached_property
    def _feature_of_column(self) -> list[int]:
        names = self.pipeline.named_steps["columns"].get_feature_names_out()
        position = {name: i for i, name in enumerate(self.features)}
        return [position[source_feature(str(name))] for name in names]

    def _column_contributions(self, columns: FloatArray) -> tuple[FloatArray, float]:
        model = self.pipeline.named_steps["model"]
        if isinstance(model, LogisticRegression):
            coefficients = model.coef_[0]
            base = float(model.intercept_[0] + coefficients @ self.column_means)
            return coefficients * (columns - self.column_means), base
        values = np.asarray(self.explainer.shap_values(columns), dtype=np.float64)
        return values, float(np.ravel(self.explainer.expected_value)[0])

    @cached_property
    def explainer(self) -> Any:
        """What splits the forecasts of boosting; made once, as that takes longer than a row."""
        import shap  # noqa: PLC0415 - seconds to import, needed for boosting alone

        return shap.TreeExplainer(self.pipeline.named_steps["model"])


def fit(
    frame: pd.DataFrame,
    label: FloatArray,
    cluster: NDArray[np.int64],
    features: tuple[Feature, ...],
    candidate: Candidate,
    overlap: float,
    *,
    with_intervals: bool = True,
) -> FittedModel:
    """Fit one candidate on training rows.

    Parameters
    ----------
    frame
        One row a snapshot with at least the features' columns.
    label, cluster
        0 or 1, and the account's number, a row; both outcomes must occur.
    features
        Numeric features; a column ``product`` in the frame joins as a category.
    overlap
        How many rows of an account see the same event (`baserate.overlap`).
    with_intervals
        Whether to work out what intervals need (not wanted inside cross-validation).
    """
    transformer, columns = fit_columns(frame, features)
    signs = directions(transformer.get_feature_names_out(), features)
    model = fit_estimator(candidate, columns, label, overlap, signs)
    by_covariance = with_intervals and candidate.kind == "logistic"
    return FittedModel(
        pipeline=Pipeline([("columns", transformer), ("model", model)]),
        features=input_names(frame, features),
        column_means=columns.mean(axis=0),
        typical=_typical(frame, features),
        base_rate=float(label.mean()),
        covariance=_covariance(model, columns, overlap) if by_covariance else None,
        jackknife=_jackknife(candidate, columns, label, cluster, overlap, signs)
        if with_intervals and not by_covariance
        else (),
    )


def input_names(frame: pd.DataFrame, features: tuple[Feature, ...]) -> tuple[str, ...]:
    """Return the model's input columns, in order: the features, and ``product`` if there is one."""
    with_product = PRODUCT in frame.columns
    return tuple(feature.name for feature in features) + ((PRODUCT,) if with_product else ())


def fit_columns(
    frame: pd.DataFrame, features: tuple[Feature, ...]
) -> tuple[ColumnTransformer, FloatArray]:
    """Return the transformer fitted on these rows, and their columns."""
    names = input_names(frame, features)
    require_columns(frame.columns, names, "The table of features")
    transformer = column_transformer(features, PRODUCT in names)
    return transformer, np.asarray(transformer.fit_transform(frame[list(names)]), dtype=np.float64)


def _typical(frame: pd.DataFrame, features: tuple[Feature, ...]) -> dict[str, float]:
    numeric = frame[[feature.name for feature in features]].replace([np.inf, -np.inf], np.nan)
    return {str(name): float(value) for name, value in numeric.median().items()}


def _covariance(model: LogisticRegression, columns: FloatArray, overlap: float) -> FloatArray:
    design = np.column_stack([np.ones(len(columns)), columns])
    fitted = sigmoid(np.asarray(model.decision_function(columns)))
    hessian = (design * (fitted * (1 - fitted))[:, None]).T @ design
    hessian[1:, 1:] += np.eye(columns.shape[1]) / float(model.C)
    return np.asarray(np.linalg.inv(hessian) * overlap, dtype=np.float64)


def _jackknife(
    candidate: Candidate,
    columns: FloatArray,
    label: FloatArray,
    cluster: NDArray[np.int64],
    overlap: float,
    signs: NDArray[np.int64],
) -> tuple[Any, ...]:
    group = group_of(cluster, JACKKNIFE)
    found = []
    for left_out in range(JACKKNIFE):
        kept = group != left_out
        if 0 < label[kept].mean() < 1:
            found.append(fit_estimator(candidate, columns[kept], label[kept], overlap, signs))
    return tuple(found)
