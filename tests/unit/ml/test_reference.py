"""The averages by which a rule score and its reasons are measured."""

import numpy as np
import pandas as pd
import pytest

from ml.churn.reference import Part, Reference, measures_of

TABLE = pd.DataFrame(
    [
        ("a", "usage", 0.2, "Little used"),
        ("a", "support", 0.1, None),
        ("b", "usage", 0.4, "Used"),
        ("c", "usage", np.nan, "Not known"),
    ],
    columns=["account_id", "measure", "contribution", "reason"],
    dtype=object,
)
HEALTH = pd.DataFrame({"health_score": [0.3, 0.5, np.nan]})


def test_a_measure_lies_below_the_mean_of_those_who_have_it() -> None:
    measures = measures_of(TABLE)
    reference = Reference.of(HEALTH, measures, "churn-1")
    assert measures["a"] == [Part("usage", 0.2, "Little used"), Part("support", 0.1, None)]
    assert reference.mean_lacking_health == pytest.approx(0.6)
    assert [reference.lacking(part) for part in measures["a"]] == pytest.approx([0.1, 0.0])


def test_a_measure_that_nobody_had_in_the_night_tells_nothing() -> None:
    reference = Reference.of(HEALTH, measures_of(TABLE), "churn-1")
    assert reference.lacking(Part("pulse", 0.3, "Unhappy")) == 0.0


def test_without_any_health_score_there_is_no_average() -> None:
    nothing = pd.DataFrame({"health_score": [np.nan, np.nan]})
    assert Reference.of(nothing, {}, "churn-1") == Reference("churn-1", 0.0, {})
