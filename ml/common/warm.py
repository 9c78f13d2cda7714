"""A fitted model made ready for one row at a time: the same numbers, without the toll of a call.

scikit-learn checks, copies and names its input at each step, and starts threads for each tree: some
40 ms for one row, hundreds with boosting. Here the fitted steps are applied to plain arrays. Only
how the parts are evaluated is replaced; what is made of them stays that of `FittedModel`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property, reduce
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ml.common.features import PRODUCT, require_columns
from ml.common.model import FittedModel

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class WarmModel(FittedModel):
    """A `FittedModel` for single rows; its answers differ from it by rounding at most."""

    @classmethod
    def of(cls, model: FittedModel) -> Self:
        """Return a model made ready, with the slow first steps behind it."""
        made = cls(**{field.name: getattr(model, field.name) for field in fields(model)})
        if made._trees:
            made.explainer  # noqa: B018 - seconds to make, so not at the first customer
        return made

    def transform(self, frame: pd.DataFrame) -> FloatArray:
        """Return the model's own columns, shape (rows, columns).

        Raises
        ------
        CopilotError
            The frame lacks a feature; the message names it.
        """
        require_columns(frame.columns, self.features, "The table of features")
        numeric = frame[self._numeric].to_numpy(dtype=np.float64)
        parts = [
            reduce(_apply, part.steps, numeric[:, self._positions[name]])
            if isinstance(part, Pipeline)
            else part.transform(frame[inputs])
            for name, part, inputs in self.pipeline.named_steps["columns"].transformers_
            if part != "drop"
        ]
        return np.hstack(parts)

    @cached_property
    def _numeric(self) -> list[str]:
        return [name for name in self.features if name != PRODUCT]

    @cached_property
    def _positions(self) -> dict[str, list[int]]:
        """Where among the numeric columns those of each part of the transformer lie."""
        return {
            name: [self._numeric.index(one) for one in inputs]
            for name, part, inputs in self.pipeline.named_steps["columns"].transformers_
            if isinstance(part, Pipeline)
        }

    def raw(self, columns: FloatArray) -> FloatArray:
        """Return the decision function (log-odds before calibration)."""
        model = self.pipeline.named_steps["model"]
        if isinstance(model, LogisticRegression):
            return np.asarray(columns @ model.coef_[0] + model.intercept_[0], dtype=np.float64)
        return self._trees[0].decision_function(columns)

    def _jackknife_raw(self, columns: FloatArray) -> FloatArray:
        return np.array([part.decision_function(columns) for part in self._trees[1:]])

    @cached_property
    def _trees(self) -> list[_Trees]:
        """The boosted trees of the model and of its jackknife; none of a logistic regression."""
        models = (self.pipeline.named_steps["model"], *self.jackknife)
        return [_Trees(one) for one in models if isinstance(one, HistGradientBoostingClassifier)]


def _apply(values: FloatArray, named_step: tuple[str, Any]) -> FloatArray:
    """Return what a fitted step makes of the values, by the formula of scikit-learn's own steps."""
    step = named_step[1]
    if isinstance(step, SimpleImputer):
        unknown = np.isnan(values)
        filled = np.where(unknown, step.statistics_, values)
        flagged = unknown[:, step.indicator_.features_].astype(np.float64)
        return np.hstack([filled, flagged])
    if isinstance(step, StandardScaler):
        return np.asarray((values - step.mean_) / step.scale_, dtype=np.float64)
    return np.asarray(step.transform(values), dtype=np.float64)


class _Trees:
    """All trees of a boosting model, walked down at the same time."""

    def __init__(self, model: HistGradientBoostingClassifier) -> None:
        nodes = [group[0].nodes for group in model._predictors]
        starts = np.cumsum([0, *map(len, nodes)])
        self.roots = starts[:-1]
        joined = np.concatenate(nodes)
        offset = np.repeat(self.roots, list(map(len, nodes)))
        here = np.arange(len(joined))
        leaf = joined["is_leaf"].astype(bool)
        self.feature = np.where(leaf, 0, joined["feature_idx"])
        self.threshold = joined["num_threshold"]
        self.left = np.where(leaf, here, joined["left"] + offset)
        self.right = np.where(leaf, here, joined["right"] + offset)
        self.value = joined["value"]
        self.depth = int(joined["depth"].max())
        self.baseline = float(np.ravel(model._baseline_prediction)[0])

    def decision_function(self, columns: FloatArray) -> FloatArray:
        """Return the log-odds of rows without unknown values, shape (rows,)."""
        at = np.broadcast_to(self.roots, (len(columns), len(self.roots)))
        rows = np.arange(len(columns))[:, None]
        for _ in range(self.depth):
            goes_left = columns[rows, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        return np.asarray(self.value[at].sum(axis=1) + self.baseline, dtype=np.float64)
