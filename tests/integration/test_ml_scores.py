"""Training and scoring against real tables, made by hand from a small synthetic company."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from psycopg import sql

from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.common import store
from ml.common.features import SNAPSHOT_NAMES
from ml.common.frames import Reader
from ml.opportunity import score as opportunity_score
from ml.opportunity import train as opportunity_train
from tests.unit.ml.worlds import GRACE, HORIZON, company, last_date
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

TABLES = {
    ("features", "ftr_account_snapshot"): [
        "account_id varchar", "as_of_date date", "is_customer boolean",
        *(f"{name} numeric" for name in SNAPSHOT_NAMES), "something_new integer",
    ],
    ("features", "ftr_account_outcome"): [
        "account_id varchar", "as_of_date date", "horizon_days integer", "is_known boolean",
        "is_churned boolean", "churned_date date", "noticed_date date",
    ],
    ("features", "ftr_account_product_snapshot"): [
        "account_id varchar", "as_of_date date", "product varchar", "owns_product boolean",
        "is_known boolean", "is_bought boolean", "bought_mrr numeric", "peers_share numeric",
    ],
    ("marts", "dim_account"): [
        "account_id varchar", "account_name varchar", "segment varchar", "arr numeric",
    ],
    ("features", "ftr_account_upsell_snapshot"): [
        "account_id varchar", "as_of_date date", "product varchar", "is_known boolean",
        "is_bought boolean", "bought_mrr numeric", "used numeric", "allowed numeric",
        "unit varchar", "step_mrr numeric", "fullness numeric",
    ],
    ("features", "ftr_account_growth"): [
        "account_id varchar", "as_of_date date", "since_date date", "new_users integer",
        "new_event_types integer",
    ],
    ("marts", "fct_account_health"): [
        "account_id varchar", "as_of_date date", "health_score numeric", "health_band varchar",
        "coverage numeric", "change_7d numeric", "change_30d numeric",
    ],
    ("marts", "fct_account_health_measure"): [
        "account_id varchar", "as_of_date date", "measure varchar", "measure_group varchar",
        "value numeric", "raw_value numeric", "weight numeric", "contribution numeric",
        "reason varchar",
    ],
    ("marts", "fct_account_health_trouble"): [
        "account_id varchar", "as_of_date date", "risk_tier varchar", "trouble varchar",
    ],
}  # fmt: skip
TIERS = ("unknown", "low", "medium", "high", "critical")


BACKTEST = ("backtest_run", "backtest_call", "backtest_departure")


def make_tables(warehouse: Warehouse) -> None:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        for (schema, name), columns in TABLES.items():
            table = sql.Identifier(warehouse.schema(schema), name)
            connection.execute(sql.SQL("drop table if exists {}").format(table))
            connection.execute(
                sql.SQL("create table {} ({})").format(table, sql.SQL(", ".join(columns)))
            )


def fill(warehouse: Warehouse, schema: str, name: str, frame: pd.DataFrame) -> None:
    table = sql.Identifier(warehouse.schema(schema), name)
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(table, columns)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        with connection.cursor().copy(statement) as copy:
            copy.write(frame.to_csv(index=False, header=False))
        connection.commit()


def load(warehouse: Warehouse, frame: pd.DataFrame, notice_days: int = 0) -> dt.date:
    """Put a company into the warehouse as the transformations would."""
    make_tables(warehouse)
    end = frame["as_of_date"].max()
    keys = ["account_id", "as_of_date"]
    is_known = frame["as_of_date"] <= end - pd.Timedelta(days=HORIZON + GRACE)
    expanded = (frame["seat_utilisation"] > 0.6) & (frame["usage_trend"] > 0)
    fill(
        warehouse, "features", "ftr_account_snapshot",
        frame[[*keys, *SNAPSHOT_NAMES]].assign(is_customer=True, something_new=1),
    )  # fmt: skip
    left = frame.groupby("account_id")["as_of_date"].transform("max") + pd.Timedelta(days=6)
    left = left.where(frame["is_churned"] == 1)
    outcome = frame[keys].assign(
        horizon_days=HORIZON, is_known=is_known, is_churned=frame["is_churned"] == 1,
        churned_date=left, noticed_date=left - pd.Timedelta(days=notice_days),
    )  # fmt: skip
    fill(warehouse, "features", "ftr_account_outcome", outcome)
    for product, step in (("seats", None), ("plan", 50)):
        levers = frame[keys].assign(
            product=product, is_known=is_known, is_bought=expanded & (product == "seats"),
            bought_mrr=np.where(expanded, 200, 0), used=frame["active_users_28d"],
            allowed=frame["seats"], step_mrr=step, fullness=frame["seat_utilisation"],
        )  # fmt: skip
        fill(warehouse, "features", "ftr_account_upsell_snapshot", levers)
    now = frame.loc[frame["as_of_date"] == end, keys]
    growth = now.assign(since_date=end - pd.Timedelta(days=56), new_users=3, new_event_types=0)
    fill(warehouse, "features", "ftr_account_growth", growth)
    for product, share in (("crm", 0.3), ("bi", 0.1)):
        sold = frame[keys].assign(
            product=product, owns_product=False, is_known=is_known,
            is_bought=(frame["events_28d"] > 14) & (product == "crm"), bought_mrr=100,
            peers_share=share,
        )  # fmt: skip
        fill(warehouse, "features", "ftr_account_product_snapshot", sold)
    accounts = pd.DataFrame({"account_id": sorted(set(frame["account_id"]))})
    segments = np.where(np.arange(len(accounts)) % 4, "SMB", "Enterprise")
    fill(warehouse, "marts", "dim_account", accounts.assign(
        account_name="Company " + accounts["account_id"], segment=segments,
    ))  # fmt: skip
    bands = np.select(
        [frame["health_score"] > 0.6, frame["health_score"] > 0.3], ["healthy", "watch"], "at_risk"
    )
    bands = np.where(frame["health_score"].isna(), "unknown", bands)
    health = frame[[*keys, "health_score"]].assign(health_band=bands, coverage=1)
    fill(warehouse, "marts", "fct_account_health", health)
    for measure in ("usage", "support"):
        part = frame[keys].assign(
            measure=measure, measure_group=measure, value=frame["health_score"], raw_value=1,
            weight=0.5, contribution=frame["health_score"] / 2, reason=f"Because of {measure}",
        )  # fmt: skip
        fill(warehouse, "marts", "fct_account_health_measure", part)
    troubles = [
        frame[keys].assign(
            risk_tier=tier,
            trouble=np.where(bands == "at_risk", "Poor", "Risk" if tier in TIERS[3:] else None),
        )
        for tier in TIERS
    ]
    fill(warehouse, "marts", "fct_account_health_trouble", pd.concat(troubles))
    with warehouse.connect() as connection:
        for name in (
            "score_reference", "churn_score", "opportunity_score", "model_monitor", *BACKTEST,
            "model_decision", "model_artifact", "model_run",
        ):  # fmt: skip
            table = sql.Identifier(warehouse.schema("ml"), name)
            connection.execute(sql.SQL("delete from {}").format(table))
    return last_date(frame)


def rows_of(
    warehouse: Warehouse, name: str, columns: str = "*", order: str = ""
) -> list[dict[str, Any]]:
    table = sql.Identifier(warehouse.schema("ml"), name)
    key = "as_of_date, model_version, account_id" if name.endswith("score") else "model_version"
    with warehouse.connect() as connection:
        cursor = connection.execute(
            sql.SQL("select {} from {} order by {}").format(
                sql.SQL(columns), table, sql.SQL(order or key)
            )
        )
        names = [column.name for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def row_versions(warehouse: Warehouse) -> list[Any]:
    """Everything about the ml rows, and which transaction wrote each."""
    tables = ("churn_score", "opportunity_score", "model_run", "model_artifact", "score_reference")
    return [rows_of(warehouse, name, "xmin::text, *") for name in tables]


@pytest.fixture(scope="module")
def as_of(warehouse: Warehouse, settings: Settings) -> Iterator[dt.date]:
    frame = company(weeks=70)
    day = load(warehouse, frame)
    churn_train.train(warehouse, settings, day)
    opportunity_train.train(warehouse, settings, day)
    churn_score.score(warehouse, settings, day)
    opportunity_score.score(warehouse, settings, day)
    yield day


def test_signal_publishes_the_model_and_keeps_the_rule_beside_it(
    warehouse: Warehouse, as_of: dt.date
) -> None:
    rows = rows_of(warehouse, "churn_score")
    accounts = {row["account_id"] for row in rows}
    assert {row["basis"] for row in rows if row["is_published"]} == {"model"}
    assert {row["basis"] for row in rows if not row["is_published"]} == {"rule"}
    assert len([row for row in rows if row["is_published"]]) == len(accounts)


def test_each_reason_speaks_with_the_accounts_own_numbers(
    warehouse: Warehouse, as_of: dt.date
) -> None:
    for row in rows_of(warehouse, "churn_score"):
        assert row["basis"] != "model" or 3 <= len(row["reasons"]) <= 5
        for reason in row["reasons"]:
            assert set(reason) == {"feature", "direction", "contribution", "text"}
            if reason["feature"] == "seat_utilisation":
                users = round(row["features"]["active_users_28d"])
                assert f"{users} of 15 seats active" in reason["text"]


def test_a_stored_score_is_made_again_from_its_row(warehouse: Warehouse, as_of: dt.date) -> None:
    rows = [row for row in rows_of(warehouse, "churn_score") if row["basis"] == "model"]
    with warehouse.connect(Role.SCIENTIST) as connection:
        model = store.load_model(Reader(warehouse, connection), rows[0]["model_version"])
    frame = pd.DataFrame([row["features"] for row in rows]).astype(float)
    again = model.probability(frame)
    assert np.abs(again - [row["churn_probability"] for row in rows]).max() < 1e-11


def test_a_second_run_writes_nothing(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    before = row_versions(warehouse)
    said: list[str] = []
    run = churn_train.train(warehouse, settings, as_of, progress=said.append)
    opportunity_train.train(warehouse, settings, as_of, progress=said.append)
    assert said == []  # nothing was fitted again either
    result = churn_score.score(warehouse, settings, as_of)
    other = opportunity_score.score(warehouse, settings, as_of)
    assert (result.changed, result.deleted, other.changed, other.deleted) == (0, 0, 0, 0)
    assert row_versions(warehouse) == before
    assert run.has_model


def test_training_is_due_only_when_old_or_changed(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    later = as_of + dt.timedelta(days=28)
    other = settings.model_copy(
        update={"churn": settings.churn.model_copy(update={"horizon_days": 60})}
    )
    assert not churn_train.is_due(warehouse, settings, as_of)
    assert not opportunity_train.is_due(warehouse, settings, as_of)
    assert not churn_train.is_due(warehouse, settings, later)
    assert churn_train.is_due(warehouse, settings, later + dt.timedelta(days=1))
    assert churn_train.is_due(warehouse, settings, as_of - dt.timedelta(days=1))
    assert churn_train.is_due(warehouse, other, as_of)


def test_nobody_in_trouble_is_offered_more(warehouse: Warehouse, as_of: dt.date) -> None:
    churn = {r["account_id"]: r for r in rows_of(warehouse, "churn_score") if r["is_published"]}
    tiers = {account: row["risk_tier"] for account, row in churn.items()}
    offers = rows_of(warehouse, "opportunity_score")
    published = [row for row in offers if row["is_published"]]
    assert published
    assert {tiers[row["account_id"]] for row in published} <= {"low", "medium"}
    troubled = [row for row in offers if tiers[row["account_id"]] in {"high", "critical"}]
    assert troubled
    assert not any(row["is_published"] for row in troubled)


def test_who_is_not_known_to_be_well_is_offered_nothing(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    offers = [row for row in rows_of(warehouse, "opportunity_score") if row["is_published"]]
    churn = [row for row in rows_of(warehouse, "churn_score") if row["is_published"]]
    tiers = {row["account_id"]: row["risk_tier"] for row in churn}
    named, absent = sorted({row["account_id"] for row in offers})[:2]
    table = sql.Identifier(warehouse.schema("marts"), "fct_account_health_trouble")
    change = sql.SQL(
        "update {} set trouble = %s where as_of_date = %s and account_id = %s and risk_tier = %s"
    ).format(table)
    rename = sql.SQL("update {} set account_id = %s where account_id = %s").format(table)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(change, ("An invoice is overdue", as_of, named, tiers[named]))
        connection.execute(rename, ("somebody else", absent))
    opportunity_score.score(warehouse, settings, as_of)
    after = [row for row in rows_of(warehouse, "opportunity_score") if row["is_published"]]
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(change, (None, as_of, named, tiers[named]))
        connection.execute(rename, (absent, "somebody else"))
    opportunity_score.score(warehouse, settings, as_of)
    offered = {row["account_id"] for row in offers}
    assert offered - {row["account_id"] for row in after} == {named, absent}


def test_an_offer_stands_out_by_its_likelihood_and_its_evidence(
    warehouse: Warehouse, as_of: dt.date
) -> None:
    offers = pd.DataFrame(rows_of(warehouse, "opportunity_score"))
    mean = offers.groupby(["kind", "model_version"])["propensity"].transform("mean")
    fullness = pd.Series([row.get("fullness") for row in offers["features"]], dtype="float64")
    is_needed = (fullness >= 0.8) | (offers["kind"] == "cross_sell")
    stands_out = offers["stands_out"]
    assert not stands_out[~is_needed].any()
    assert not stands_out[offers["propensity"] < mean].any()
    assert stands_out[is_needed & (offers["propensity"] > 1.001 * mean)].all()
    for _, of_kind in offers.groupby("kind"):
        assert 0 < of_kind["stands_out"].mean() < 0.5


def test_how_full_it_has_to_be_is_a_setting(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    brimful = settings.model_copy(
        update={"opportunity": settings.opportunity.model_copy(update={"least_use": 1.0})}
    )
    opportunity_score.score(warehouse, brimful, as_of)
    offers = rows_of(warehouse, "opportunity_score")
    chosen = [row for row in offers if row["kind"] == "upsell" and row["stands_out"]]
    opportunity_score.score(warehouse, settings, as_of)
    assert all(row["features"]["fullness"] >= 1 for row in chosen)
    assert rows_of(warehouse, "opportunity_score") != offers


def test_expected_arr_is_propensity_times_what_was_seen_before(
    warehouse: Warehouse, as_of: dt.date
) -> None:
    for row in rows_of(warehouse, "opportunity_score"):
        gain = {"seats": 12 * 1000 * 0.2, "plan": 12 * 50}.get(row["product"], 12 * 100)
        assert float(row["expected_arr"]) == pytest.approx(row["propensity"] * gain, abs=0.006)
        assert (row["kind"] == "upsell") == (row["product"] in ("seats", "plan"))


def test_an_offer_says_what_it_rests_on_with_the_accounts_own_numbers(
    warehouse: Warehouse, as_of: dt.date
) -> None:
    since = f"{as_of - dt.timedelta(days=56):%B}"
    for row in rows_of(warehouse, "opportunity_score"):
        used = round(row["features"]["active_users_28d"])
        share = {"crm": "30%", "bi": "10%"}.get(row["product"])
        begins = f"{share} of customers own {row['product']}" if share else f"{used} of 15 "
        assert row["evidence"].startswith(begins)
        assert row["evidence"].endswith(f", 3 new users since {since}")


def test_a_tampered_model_is_refused(warehouse: Warehouse, as_of: dt.date) -> None:
    version = rows_of(warehouse, "model_artifact", "model_version")[0]["model_version"]
    table = sql.Identifier(warehouse.schema("ml"), "model_artifact")
    with warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(
            sql.SQL("update {} set content = content || 'x' where model_version = %s").format(
                table
            ),
            (version,),
        )
        with pytest.raises(CopilotError, match="checksum"):
            store.load_model(Reader(warehouse, connection), version)
        connection.rollback()


def test_a_past_date_is_scored_without_touching_later_ones(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    past = as_of - dt.timedelta(days=70)
    with pytest.raises(CopilotError, match="No churn model was trained"):
        churn_score.score(warehouse, settings, past)
    before = rows_of(warehouse, "churn_score", "xmin::text, *")
    churn_train.train(warehouse, settings, past)
    assert churn_score.score(warehouse, settings, past).published > 0
    after = rows_of(warehouse, "churn_score", "xmin::text, *")
    assert [row for row in after if row["as_of_date"] == as_of] == before
    run = next(r for r in rows_of(warehouse, "model_run") if r["as_of_date"] == past)
    assert run["params"]["fitted_on"]["end"] <= str(past - dt.timedelta(days=HORIZON + GRACE))
    assert churn_score.score(warehouse, settings, as_of).changed == 0


def test_who_is_no_longer_a_customer_loses_the_score(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    gone = rows_of(warehouse, "churn_score", "account_id")[0]["account_id"]
    table = sql.Identifier(warehouse.schema("features"), "ftr_account_snapshot")
    flag = sql.SQL(
        "update {} set is_customer = %s where account_id = %s and as_of_date = %s"
    ).format(table)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(flag, (False, gone, as_of))
    assert churn_score.score(warehouse, settings, as_of).deleted == 2
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(flag, (True, gone, as_of))
    churn_score.score(warehouse, settings, as_of)
    back = [r for r in rows_of(warehouse, "churn_score") if r["as_of_date"] == as_of]
    assert len([row for row in back if row["account_id"] == gone]) == 2


def test_a_date_that_was_not_built_is_named(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    with pytest.raises(CopilotError, match="holds nothing for"):
        churn_score.score(warehouse, settings, as_of + dt.timedelta(days=1))


def test_an_absent_feature_is_named(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    table = sql.Identifier(warehouse.schema("features"), "ftr_account_snapshot")
    rename = sql.SQL("alter table {} rename column {} to {}")
    there, away = sql.Identifier("tickets_30d"), sql.Identifier("kept")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(rename.format(table, there, away))
    try:
        with pytest.raises(CopilotError, match="lacks the column tickets_30d"):
            churn_score.score(warehouse, settings, as_of)
    finally:
        with warehouse.connect(Role.TRANSFORMER) as connection:
            connection.execute(rename.format(table, away, there))


def test_run_row_says_what_was_seen(warehouse: Warehouse, as_of: dt.date) -> None:
    run = next(
        r
        for r in rows_of(warehouse, "model_run")
        if r["model_name"] == "churn" and r["as_of_date"] == as_of
    )
    assert run["verdict"] == "model"
    assert run["train_end"] + dt.timedelta(days=HORIZON) <= run["test_start"]
    assert run["metrics"]["auc"]["low"] > 0.5
    assert run["baseline_metrics"]["rule"]["auc"]["value"] < run["metrics"]["auc"]["value"]
    assert run["baseline_metrics"]["base_rate"]["brier"]["value"] > 0
    assert sum(bin_["rows"] for bin_ in run["metrics"]["calibration"]) == run["rows_test"]
    json.dumps(run["params"])


def test_each_version_has_its_card(warehouse: Warehouse, as_of: dt.date) -> None:
    runs = [row for row in rows_of(warehouse, "model_run") if row["as_of_date"] == as_of]
    assert {row["model_name"] for row in runs} == {"churn", "upsell", "cross_sell"}
    for run in runs:
        card = run["card"]
        assert card["data"]["accounts"] == run["accounts"]
        assert card["exam"]["events"] == run["events_test"]
        assert card["metrics"]["auc"] == run["metrics"]["auc"]
        assert [one["segment"] for one in card["segments"]] == ["SMB", "Enterprise"]
        assert card["limits"]
        assert card["not_for"]
