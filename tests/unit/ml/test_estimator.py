"""What is known of a column's direction holds in every candidate."""

import numpy as np
import pytest

from ml.churn.schema import DIRECTIONS, SPEC
from ml.common.estimator import BOOSTING, DEFAULT, Candidate, fit_estimator
from ml.common.features import Feature
from ml.common.transform import directions

ROWS = 4000
WIDE = Candidate("logistic", 5.0)


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Draw two columns that go together; the event follows the first up and the second down."""
    rng = np.random.default_rng(3)
    first = rng.normal(size=ROWS)
    second = 0.8 * first + 0.6 * rng.normal(size=ROWS)
    odds = 1.5 * first - 1.0 * second - 1.0
    label = (rng.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(float)
    return np.column_stack([first, second]), label


def effects(columns: np.ndarray, label: np.ndarray, *signs: int) -> np.ndarray:
    model = fit_estimator(WIDE, columns, label, 1.0, np.array(signs))
    return np.asarray(model.coef_[0])


def test_an_effect_of_the_wrong_sign_is_none_and_the_others_are_as_without_its_column(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    columns, label = drawn
    assert np.allclose(effects(columns, label, 0, 0), [1.5, -1.0], atol=0.2)
    held = effects(columns, label, 1, 1)
    assert held[1] == 0.0
    assert held[0] == pytest.approx(effects(columns[:, :1], label, 0)[0], abs=1e-9)


def test_effects_of_the_right_sign_are_left_alone(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    assert np.array_equal(effects(*drawn, 1, -1), effects(*drawn, 0, 0))


@pytest.mark.parametrize("candidate", [DEFAULT, BOOSTING], ids=lambda one: one.kind)
def test_more_of_a_column_never_turns_a_forecast_against_its_direction(
    drawn: tuple[np.ndarray, np.ndarray], candidate: Candidate
) -> None:
    columns, label = drawn
    model = fit_estimator(candidate, columns, label, 1.0, np.array([0, 1]))
    ladder = np.column_stack([np.full(50, 0.5), np.linspace(-3, 3, 50)])
    assert (np.diff(model.decision_function(ladder)) >= -1e-12).all()


def test_a_threshold_looks_the_other_way_and_what_is_unknown_has_no_direction() -> None:
    features = (
        Feature("days", "linear", "", "", cuts=(30.0,), direction=-1),
        Feature("late", "log", "", "", direction=1),
        Feature("open", "log", "", ""),
    )
    columns = ["days", "missingindicator_days", "days_at_most_30", "late", "open", "product_crm"]
    assert directions(columns, features).tolist() == [-1, 0, 1, 1, 0, 0]


def test_every_direction_belongs_to_a_feature_of_the_churn_model() -> None:
    known = {feature.name: feature.direction for feature in SPEC.features if feature.direction}
    assert known == DIRECTIONS
