"""Columns to numbers: one ``ColumnTransformer``, fitted on training rows only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted

from ml.common.features import PRODUCT, Feature, Shape

FloatArray = NDArray[np.float64]
INDICATOR = "missingindicator_"
STEP = "_at_most_"
LEAST_SHARE = 0.05
"""Of few actions nearly none or nearly all are of a kind by chance: below this, and above one minus
it, shares are taken as alike."""


def on_scale(values: FloatArray, shape: Shape) -> FloatArray:
    """Return values on the scale on which a feature's effect is about linear; unknown stay so."""
    if shape == "log":
        return np.sign(values) * np.log1p(np.abs(values))
    if shape == "share":
        bounded = np.clip(values, LEAST_SHARE, 1 - LEAST_SHARE)
        return np.log(bounded / (1 - bounded))
    return values


class Cleaner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn infinite values into unknown ones, and put the others on the scale of their shape.

    Parameters
    ----------
    shape : str
        That of `Feature`; see `on_scale`.
    """

    def __init__(self, shape: Shape = "linear") -> None:
        self.shape = shape

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803
        """Learn the columns' names."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> FloatArray:  # noqa: N803
        """Return finite numbers or NaN, shape (rows, columns)."""
        values = np.array(X, dtype=np.float64)
        values[~np.isfinite(values)] = np.nan
        return on_scale(values, self.shape)


class Winsoriser(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Pull values outside the training quantiles back to them.

    Parameters
    ----------
    tail : float
        Share of training values beyond each bound.
    """

    def __init__(self, tail: float = 0.01) -> None:
        self.tail = tail

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803
        """Learn the bounds of each column."""
        values = np.asarray(X, dtype=np.float64)
        self.n_features_in_ = values.shape[1]
        self.low_, self.high_ = np.quantile(values, [self.tail, 1 - self.tail], axis=0)
        return self

    def transform(self, X: Any) -> FloatArray:  # noqa: N803
        """Return the values within the learnt bounds."""
        check_is_fitted(self)
        return np.clip(np.asarray(X, dtype=np.float64), self.low_, self.high_)


class Steps(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns that say whether a value is at most each threshold; unknown is 0.

    Parameters
    ----------
    cuts : list of list of float
        Thresholds of each input column.
    """

    def __init__(self, cuts: Sequence[Sequence[float]] = ()) -> None:
        self.cuts = cuts

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803
        """Learn the columns' names."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> FloatArray:  # noqa: N803
        """Return one column of 0 and 1 a threshold."""
        values = np.array(X, dtype=np.float64)
        values[~np.isfinite(values)] = np.nan
        columns = [values[:, i] <= cut for i, cuts in enumerate(self.cuts) for cut in cuts]
        return np.column_stack(columns).astype(np.float64)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``<feature>_at_most_<threshold>`` for each column."""
        names = [
            f"{name}{STEP}{cut:g}"
            for name, cuts in zip(self.feature_names_in_, self.cuts, strict=True)
            for cut in cuts
        ]
        return np.asarray(names, dtype=object)


class Trusted(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Stretch standardised columns, so that the one penalty of the model weighs on them less.

    Parameters
    ----------
    factor : float
        How many times wider the prior of their effects is.
    """

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803
        """Learn the number of columns."""
        self.n_features_in_ = np.asarray(X).shape[1]
        return self

    def transform(self, X: Any) -> FloatArray:  # noqa: N803
        """Return the columns times the factor."""
        return np.asarray(X, dtype=np.float64) * self.factor


def _numeric(shape: Shape, trust: float) -> Pipeline:
    return Pipeline(
        [
            ("clean", Cleaner(shape)),
            (
                "impute",
                SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            ),
            ("winsorise", Winsoriser()),
            ("scale", StandardScaler()),
            ("trust", Trusted(trust)),
        ]
    )


def column_transformer(features: Sequence[Feature], with_product: bool) -> ColumnTransformer:
    """Return the unfitted transformer of the given features.

    Parameters
    ----------
    features
        Numeric features, declared.
    with_product
        Whether a column ``product`` joins as a category; one never seen in training is none of
        those known.
    """
    parts: list[tuple[str, Any, list[str]]] = []
    for shape, trust in sorted({(feature.shape, feature.trust) for feature in features}):
        names = [f.name for f in features if (f.shape, f.trust) == (shape, trust)]
        parts.append((f"{shape}_{trust:g}", _numeric(shape, trust), names))
    for trust in sorted({feature.trust for feature in features if feature.cuts}):
        stepped = [f for f in features if f.cuts and f.trust == trust]
        steps = Steps([list(feature.cuts) for feature in stepped])
        trusted = Pipeline([("cut", steps), ("scale", StandardScaler()), ("trust", Trusted(trust))])
        parts.append((f"steps_{trust:g}", trusted, [feature.name for feature in stepped]))
    if with_product:
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        parts.append((PRODUCT, encoder, [PRODUCT]))
    return ColumnTransformer(parts, remainder="drop", verbose_feature_names_out=False)


def directions(columns: Iterable[str], features: Iterable[Feature]) -> NDArray[np.int64]:
    """Return the direction of each transformed column: that of its feature, for "at most" turned.

    What is not known of an account says nothing about a direction.
    """
    of = {feature.name: feature.direction for feature in features}
    found = [
        0
        if column.startswith(INDICATOR)
        else of.get(source_feature(column), 0) * (-1 if STEP in column else 1)
        for column in columns
    ]
    return np.array(found, dtype=np.int64)


def source_feature(column: str) -> str:
    """Return the feature that a transformed column was made from."""
    if column.startswith(f"{PRODUCT}_") and column != "product_count":
        return PRODUCT
    return column.removeprefix(INDICATOR).split(STEP)[0]
