"""Companies from which nothing can be learnt: a closed gate with its reason, never a crash."""

import numpy as np
import pandas as pd
import pytest
from psycopg import sql

from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.opportunity import score as opportunity_score
from ml.opportunity import train as opportunity_train
from tests.integration.test_ml_scores import load, make_tables, rows_of
from tests.unit.ml.worlds import company, last_date
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def run_all(warehouse: Warehouse, settings: Settings, frame: pd.DataFrame) -> str:
    """Train and score everything; return why churn is published as it is."""
    reason = run_churn(warehouse, settings, frame)
    day = last_date(frame)
    opportunity_train.train(warehouse, settings, day)
    opportunity_score.score(warehouse, settings, day)
    return reason


def run_churn(warehouse: Warehouse, settings: Settings, frame: pd.DataFrame) -> str:
    """Train and score churn; return why it is published as it is."""
    day = load(warehouse, frame)
    run = churn_train.train(warehouse, settings, day)
    churn_score.score(warehouse, settings, day)
    for row in rows_of(warehouse, "churn_score"):
        assert 0 < row["probability_low"] <= row["churn_probability"] <= row["probability_high"] < 1
    return run.verdict_reason


def test_two_churns_are_too_few_and_the_rule_is_published(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = company(accounts=40, weeks=60, weekly_log_odds=-50.0)
    for account in ("account-00003", "account-00007"):
        gone = frame["as_of_date"] > pd.Timestamp("2025-03-01")
        frame = frame[~(gone & (frame["account_id"] == account))]
        last = (frame["account_id"] == account) & (frame["as_of_date"] > pd.Timestamp("2024-12-01"))
        frame.loc[last, "is_churned"] = 1
    assert run_churn(warehouse, settings, frame) == (
        "Only 2 customers left in the data; at least 15 are needed to learn from, "
        "so the rule score is published."
    )
    published = [r for r in rows_of(warehouse, "churn_score") if r["is_published"]]
    assert {r["basis"] for r in published} == {"rule"}
    assert {r["model_version"] for r in published} == {"rule-v2"}
    assert {r["risk_tier"] for r in published} <= {"low", "medium", "high"}


def test_no_churn_at_all_gives_small_probabilities_not_zero(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = company(accounts=30, weeks=60, weekly_log_odds=-50.0)
    assert run_churn(warehouse, settings, frame).startswith("No customer left in the data")
    rows = rows_of(warehouse, "churn_score")
    assert {row["basis"] for row in rows} == {"rule"}
    assert 0 < max(row["churn_probability"] for row in rows) < 0.1


def test_where_everybody_leaves_there_is_nobody_to_tell_apart(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = company(accounts=40, weeks=60, weekly_log_odds=-50.0).assign(is_churned=1)
    assert run_churn(warehouse, settings, frame).startswith("The data do not allow a model")
    assert {row["basis"] for row in rows_of(warehouse, "churn_score")} == {"rule"}


def test_a_product_never_seen_is_scored_within_bounds(
    warehouse: Warehouse, settings: Settings
) -> None:
    day = load(warehouse, company(accounts=60, weeks=50))
    churn_train.train(warehouse, settings, day)
    opportunity_train.train(warehouse, settings, day)
    table = sql.Identifier(warehouse.schema("features"), "ftr_account_product_snapshot")
    rename = sql.SQL("update {} set product = 'new' where product = 'bi' and as_of_date = %s")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(rename.format(table), (day,))
    churn_score.score(warehouse, settings, day)
    opportunity_score.score(warehouse, settings, day)
    offers = rows_of(warehouse, "opportunity_score")
    assert {row["product"] for row in offers if row["kind"] == "cross_sell"} == {"crm", "new"}
    assert all(0 < row["propensity"] < 1 and row["expected_arr"] >= 0 for row in offers)


def test_a_model_that_learnt_from_other_features_is_refused(
    warehouse: Warehouse, settings: Settings
) -> None:
    day = load(warehouse, company(accounts=60, weeks=50))
    run = churn_train.train(warehouse, settings, day)
    table = sql.Identifier(warehouse.schema("ml"), "model_artifact")
    swap = sql.SQL("update {} set feature_names = feature_names - 0 where model_version = %s")
    with warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(swap.format(table), (run.model_version,))
    with pytest.raises(CopilotError, match="learnt from other features than its row says"):
        churn_score.score(warehouse, settings, day)
    assert rows_of(warehouse, "churn_score") == []


def test_without_health_the_base_rate_is_published(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = company(accounts=30, weeks=60, weekly_log_odds=-50.0).assign(health_score=np.nan)
    assert run_all(warehouse, settings, frame).endswith("so the base rate is published.")
    rows = rows_of(warehouse, "churn_score")
    assert {(row["basis"], row["risk_tier"]) for row in rows} == {("base_rate", "unknown")}
    assert len({row["churn_probability"] for row in rows}) == 1


@pytest.mark.parametrize("weeks", [1, 2, 20, 24])
def test_one_account_and_hardly_any_history(
    warehouse: Warehouse, settings: Settings, weeks: int
) -> None:
    frame = company(accounts=1, weeks=weeks, weekly_log_odds=-50.0)
    assert "so the" in run_all(warehouse, settings, frame)
    assert len(rows_of(warehouse, "churn_score")) == 1


def test_constant_empty_and_infinite_values_never_reach_a_score(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = company(accounts=60, weeks=50).assign(tickets_30d=3.0, bad_ratings_90d=np.nan)
    frame["events_90d"] = frame["events_90d"].astype(object)
    frame.loc[frame.index[::7], "events_90d"] = "Infinity"
    frame.loc[frame.index[::11], "mrr"] = 1e300
    run_all(warehouse, settings, frame)
    for row in rows_of(warehouse, "churn_score"):
        assert row["features"]["bad_ratings_90d"] is None


def test_empty_tables_close_the_gate(warehouse: Warehouse, settings: Settings) -> None:
    day = load(warehouse, company(accounts=2, weeks=2))
    make_tables(warehouse)
    run = churn_train.train(warehouse, settings, day)
    opportunity_train.train(warehouse, settings, day)
    assert run.verdict == "rule"
    assert churn_score.score(warehouse, settings, day).rows == 0
    assert opportunity_score.score(warehouse, settings, day).rows == 0


def test_tables_that_were_never_built_are_named(warehouse: Warehouse, settings: Settings) -> None:
    day = load(warehouse, company(accounts=2, weeks=2))
    with warehouse.connect() as connection:
        connection.execute(
            f'drop table "{warehouse.schema("features")}".ftr_account_outcome'.encode()
        )
    with pytest.raises(CopilotError, match=r"features\.ftr_account_outcome does not exist"):
        churn_train.train(warehouse, settings, day)
