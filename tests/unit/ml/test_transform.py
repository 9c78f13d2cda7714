"""The scale on which a feature's effect is about linear."""

import numpy as np
import pandas as pd
import pytest

from ml.common.transform import Cleaner, on_scale

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
