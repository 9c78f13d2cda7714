"""One customer scored anew, beside what the batch wrote of all."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from psycopg import sql

from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.churn.ondemand import Scorer
from ml.common.frames import Reader
from orchestration.cli.main import cli
from orchestration.cli.models import rolled_back_by_hand
from tests.integration.test_ml_scores import load, rows_of
from tests.unit.ml.worlds import company
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

NUMBERS = ("churn_probability", "probability_low", "probability_high")


def _prepare(warehouse: Warehouse, settings: Settings, frame: pd.DataFrame) -> dt.date:
    day = load(warehouse, frame)
    churn_train.train(warehouse, settings, day)
    churn_score.score(warehouse, settings, day)
    return day


def _compare_all(warehouse: Warehouse, settings: Settings) -> set[str]:
    """Score each customer alone, and return the bases that were met."""
    published = [row for row in rows_of(warehouse, "churn_score") if row["is_published"]]
    with Scorer(warehouse, settings) as scorer:
        for row in published:
            alone = scorer.score_account(row["account_id"])
            for name in NUMBERS:
                assert abs(alone[name] - row[name]) <= 1e-12
            for mine, theirs in zip(alone["reasons"], row["reasons"], strict=True):
                assert abs(mine.pop("contribution") - theirs.pop("contribution")) <= 1e-12
                assert mine == theirs
            same = ("model_version", "risk_tier", "basis", "is_published", "features")
            assert [alone[name] for name in same] == [row[name] for name in same]
    return {row["basis"] for row in published}


@pytest.fixture(scope="module")
def telling(warehouse: Warehouse, settings: Settings) -> Iterator[dt.date]:
    yield _prepare(warehouse, settings, company(weeks=70))


def test_alone_by_the_model_as_among_all(
    warehouse: Warehouse, settings: Settings, telling: dt.date
) -> None:
    assert _compare_all(warehouse, settings) == {"model"}


def test_alone_by_what_is_published_after_a_rollback(
    warehouse: Warehouse, settings: Settings, telling: dt.date
) -> None:
    dated = settings.model_copy(update={"as_of_date": telling})
    with warehouse.connect(Role.SCIENTIST) as connection:
        rolled_back_by_hand(Reader(warehouse, connection), dated, "churn", "ada", "Complaints")
    try:
        churn_score.score(warehouse, settings, telling)
        assert _compare_all(warehouse, settings) == {"rule"}
    finally:
        table = sql.Identifier(warehouse.schema("ml"), "model_decision")
        with warehouse.connect() as connection:
            connection.execute(sql.SQL("delete from {} where decided_by = 'ada'").format(table))
        churn_score.score(warehouse, settings, telling)


def test_scoring_one_writes_nothing(
    warehouse: Warehouse, settings: Settings, telling: dt.date
) -> None:
    before = rows_of(warehouse, "churn_score", "xmin::text, *")
    with Scorer(warehouse, settings) as scorer:
        scorer.score_account("account-00000")
    assert rows_of(warehouse, "churn_score", "xmin::text, *") == before


def test_what_no_customer_is_has_no_score(
    warehouse: Warehouse, settings: Settings, telling: dt.date
) -> None:
    days = {row["account_id"] for row in rows_of(warehouse, "churn_score")}
    gone = next(a for a in (f"account-{i:05d}" for i in range(180)) if a not in days)
    with Scorer(warehouse, settings) as scorer:
        with pytest.raises(CopilotError, match="There is no account nobody"):
            scorer.score_account("nobody")
        with pytest.raises(CopilotError, match=f"{gone} was no customer on {telling}"):
            scorer.score_account(gone)


def test_the_command_says_the_score_in_words(
    warehouse: Warehouse, settings: Settings, telling: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.cli.score.load_settings", lambda: settings)
    monkeypatch.setattr("orchestration.cli.score.open_warehouse", lambda _: warehouse)
    row = next(r for r in rows_of(warehouse, "churn_score") if r["is_published"])
    done = CliRunner().invoke(cli, ["score", "--account", row["account_id"]])
    assert done.exception is None
    assert done.output.splitlines()[:2] == [
        f"Account {row['account_id']}, as of {telling}",
        f"Leaves within 90 days: {row['churn_probability']:.1%}"
        f" (between {row['probability_low']:.1%} and {row['probability_high']:.1%})",
    ]
    assert all(reason["text"] in done.output for reason in row["reasons"])


def test_features_that_were_built_for_another_date_since_are_no_basis(
    warehouse: Warehouse, settings: Settings, telling: dt.date
) -> None:
    table = sql.Identifier(warehouse.schema("features"), "ftr_account_snapshot")
    move = sql.SQL("update {} set as_of_date = as_of_date + %s where as_of_date = %s").format(table)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(move, (1, telling))
    try:
        with pytest.raises(CopilotError, match=f"features of {telling}.*no longer"):
            Scorer(warehouse, settings)
    finally:
        with warehouse.connect(Role.TRANSFORMER) as connection:
            connection.execute(move, (-1, telling + dt.timedelta(days=1)))


def test_alone_by_the_rule_and_the_base_rate_as_among_all(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = company(accounts=40, weeks=40, weekly_log_odds=-50.0)
    frame.loc[frame["account_id"] == "account-00004", "health_score"] = np.nan
    _prepare(warehouse, settings, frame)
    assert _compare_all(warehouse, settings) == {"rule", "base_rate"}


def test_nothing_scored_yet_is_said(warehouse: Warehouse, settings: Settings) -> None:
    load(warehouse, company(accounts=5, weeks=2))
    with pytest.raises(CopilotError, match="No customer was scored"):
        Scorer(warehouse, settings)
