"""The scale on which a feature's effect is about linear."""

import numpy as np
import pandas as pd
import pytest

from ml.common.features import Feature
from ml.common.transform import Cleaner, column_transformer, on_scale

NAN = np.nan


@pytest.mark.parametrize(
    ("shape", "values", "scaled"),
    [
        ("linear", [-2.0, 0.0, 3.0, NAN], [-2.0, 0.0, 3.0, NAN]),
        ("log", [-np.expm1(1), 0.0, np.expm1(2), NAN], [-1.0, 0.0, 2.0, NAN]),
        ("share", [0.5, 0.75, 0.25, NAN], [0.0, np.log(3), -np.log(3), NAN]),
        # Nearly none and none are alike, and a share beyond its bounds is no infinite risk.
        ("share", [-4.0, 0.0, 0.05, 0.95, 1.0, 9.0], [-np.log(19)] * 3 + [np.log(19)] * 3),
    ],
)
def test_values_are_put_on_the_scale_of_their_shape(shape, values, scaled) -> None:
    assert on_scale(np.array(values), shape) == pytest.approx(scaled, nan_ok=True)


def test_infinite_values_are_unknown_whatever_the_shape() -> None:
    frame = pd.DataFrame({"a": [np.inf, -np.inf, 0.5]})
    for shape in ("linear", "log", "share"):
        assert np.isnan(Cleaner(shape).fit(frame).transform(frame)[:, 0]).tolist() == [
            True,
            True,
            False,
        ]


def test_trust_stretches_a_feature_and_its_steps() -> None:
    days = Feature("days", "linear", "", "", cuts=(1.5,), trust=2.0)
    other = Feature("other", "linear", "", "", cuts=(1.5,))
    frame = pd.DataFrame({"days": [1.0, 2.0, 1.0, 2.0], "other": [1.0, 2.0, 1.0, 2.0]})
    made = column_transformer((days, other), with_product=False).fit(frame)
    spread = dict(zip(made.get_feature_names_out(), made.transform(frame).std(axis=0), strict=True))
    assert spread == pytest.approx(
        {"days": 2.0, "days_at_most_1.5": 2.0, "other": 1.0, "other_at_most_1.5": 1.0}
    )
