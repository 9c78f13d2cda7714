"""A model made ready for single rows answers as the model it was made from."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.common.calibration import Calibrator
from ml.common.estimator import BOOSTING, DEFAULT, Candidate
from ml.common.features import HEALTH_SCORE, PRODUCT, SNAPSHOT_FEATURES
from ml.common.model import FittedModel, fit
from ml.common.warm import WarmModel
from tests.unit.ml.worlds import company
from warehouse.errors import CopilotError

FEATURES = (*SNAPSHOT_FEATURES, HEALTH_SCORE)
NAMES = [feature.name for feature in FEATURES]


def _history(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = company(accounts=60, weeks=20, seed=seed)
    hidden = rng.random((len(frame), len(NAMES))) < 0.1
    frame[NAMES] = frame[NAMES].mask(hidden)
    return frame.assign(product=rng.choice(["crm", "bi"], len(frame)))


def _strange_rows() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    values = rng.normal(scale=10.0 ** rng.integers(-2, 7, (200, len(NAMES))))
    where = rng.random(values.shape)
    values[where < 0.1] = np.nan
    values[(where > 0.1) & (where < 0.15)] = np.inf
    values[where > 0.95] = -np.inf
    values[:5, NAMES.index("days_to_term_end")] = [30, 60, 90, 180, 30.000001]
    return pd.DataFrame(values, columns=NAMES).assign(
        product=rng.choice(["crm", "never seen"], 200)
    )


@pytest.fixture(scope="module", params=[DEFAULT, BOOSTING], ids=["logistic", "boosting"])
def model(request: pytest.FixtureRequest) -> FittedModel:
    frame, candidate = _history(3), request.param
    assert isinstance(candidate, Candidate)
    label = frame["is_churned"].to_numpy(dtype=float)
    cluster = np.unique(frame["account_id"], return_inverse=True)[1]
    made = fit(frame, label, cluster, FEATURES, candidate, 12.0)
    return replace(made, calibrator=Calibrator(0.8, -0.3, ((0.02, 0.01), (0.01, 0.03))))


def test_it_gives_the_same_probability_interval_and_parts_one_row_at_a_time(
    model: FittedModel,
) -> None:
    rows = _strange_rows()
    together = [np.asarray(one) for one in model.explained(rows)]
    warm = WarmModel.of(model)
    for i in range(len(rows)):
        for alone, all_rows in zip(warm.explained(rows.iloc[[i]]), together, strict=True):
            assert np.abs(alone[0] - all_rows[i]).max() < 1e-12
    assert np.ptp(together[0]) > 0.01


def test_a_row_without_a_feature_is_refused_by_name(model: FittedModel) -> None:
    with pytest.raises(CopilotError, match="lacks the column tickets_30d"):
        WarmModel.of(model).explained(_strange_rows().drop(columns="tickets_30d"))


def test_what_is_explained_is_what_the_single_methods_say(model: FittedModel) -> None:
    rows = _strange_rows()
    probability, low, high, parts = model.explained(rows)
    assert (probability == model.probability(rows)).all()
    assert ((low, high) == np.array(model.interval(rows))).all()
    added = model.contributions(rows)[1] + parts.sum(axis=1)
    assert np.abs(added - model.log_odds(rows)).max() < 1e-9
    assert PRODUCT in model.features
