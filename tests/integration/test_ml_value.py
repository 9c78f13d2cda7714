"""Renewals and value against real tables: what is written, once, by whom, and what is refused."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from ml.value import score as value
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

DAY = dt.date(2026, 6, 30)
TABLES = {
    "ftr_account_chain": "account_chain_id text, as_of_date date, chain_no integer,"
    " entry_months numeric, exit_months numeric, is_ended boolean, start_mrr numeric,"
    " start_term_months integer",
    "ftr_account_contract": "account_id text, as_of_date date, chain_no integer,"
    " start_mrr numeric, start_term_months integer, tenure_months numeric,"
    " horizon_tenure_months numeric, mrr numeric, leaving_tenure_months numeric",
    "ftr_account_renewal": "account_id text, as_of_date date, renewal_date date,"
    " renewal_tenure_months numeric, mrr numeric, open_mrr numeric, term_months integer",
    "ftr_renewal_outcome": "account_id text, renewed_on date, term_months integer,"
    " mrr_before numeric, mrr_after numeric, is_renewed boolean",
}


def put(warehouse: Warehouse, table: str, *rows: tuple[Any, ...]) -> None:
    name = sql.Identifier(warehouse.schema("features"), table)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        for row in rows:
            marks = sql.SQL(", ").join(sql.Placeholder() * len(row))
            connection.execute(sql.SQL("insert into {} values ({})").format(name, marks), row)


def put_score(warehouse: Warehouse, account: str, chance: tuple[float, float, float]) -> None:
    statement = sql.SQL(
        "insert into {} (account_id, as_of_date, model_version, reasons, features, basis,"
        " is_published, churn_probability, probability_low, probability_high, risk_tier)"
        " values (%s, %s, %s, '[]', '{{}}', 'model', %s, %s, %s, %s, 'low')"
    ).format(sql.Identifier(warehouse.schema("ml"), "churn_score"))
    with warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(statement, (account, DAY, "published", True, *chance))
        connection.execute(statement, (account, DAY, "another", False, 0.9, 0.8, 0.99))


def rows_of(warehouse: Warehouse, table: str, columns: str = "*") -> dict[str, dict[str, Any]]:
    with warehouse.connect() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        name = sql.Identifier(warehouse.schema("ml"), table)
        cursor.execute(sql.SQL("select {} from {}").format(sql.SQL(columns), name))
        return {str(row["account_id"]): row for row in cursor}


@pytest.fixture(autouse=True)
def tables(warehouse: Warehouse) -> Iterator[None]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        for table, columns in TABLES.items():
            name = sql.Identifier(warehouse.schema("features"), table)
            connection.execute(sql.SQL("drop table if exists {}").format(name))
            connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(columns)))
    yield
    with warehouse.connect(Role.SCIENTIST) as connection:
        for table in ("churn_score", "renewal_forecast", "account_value"):
            name = sql.Identifier(warehouse.schema("ml"), table)
            connection.execute(sql.SQL("delete from {}").format(name))


def company(warehouse: Warehouse) -> None:
    """Two customers, one of them at notice; one left, and one renewed at a higher price."""
    put(
        warehouse, "ftr_account_chain",
        ("c1", DAY, 1, 0, 11, False, 90, 12), ("c2", DAY, 1, 0, 11, False, 50, 12),
        ("c3", DAY, 1, 0, 12, True, 50, 12),
    )  # fmt: skip
    put(
        warehouse, "ftr_account_contract",
        ("stays", DAY, 1, 90, 12, 10, 13, 100, None), ("leaves", DAY, 1, 50, 12, 10, 13, 50, 12),
    )  # fmt: skip
    put(
        warehouse, "ftr_account_renewal",
        ("stays", DAY, dt.date(2026, 9, 28), 13, 100, 80, 12),
        ("leaves", DAY, dt.date(2026, 8, 30), 12, 50, 0, 12),
    )  # fmt: skip
    put(warehouse, "ftr_renewal_outcome", ("stays", dt.date(2025, 9, 28), 12, 100, 121, True))
    put_score(warehouse, "stays", (0.2, 0.1, 0.4))
    put_score(warehouse, "leaves", (0.2, 0.1, 0.4))


def test_a_renewal_at_the_horizon_has_the_published_chance_and_todays_open_price(
    warehouse: Warehouse, settings: Settings
) -> None:
    company(warehouse)
    result = value.score(warehouse, settings, DAY)
    assert (result.customers, result.renewals, result.basis, result.ends) == (2, 2, "constant", 1)
    stays = rows_of(warehouse, "renewal_forecast")["stays"]
    assert stays["renewal_probability"] == pytest.approx(0.8)
    assert stays["probability_low"] == pytest.approx(0.6)
    assert stays["probability_high"] == pytest.approx(0.9)
    assert stays["price_ratio"] == pytest.approx((20 + 1.21) / 21)
    assert float(stays["current_arr"]) == 1200
    assert float(stays["expected_arr"]) == pytest.approx(80 * 12 * 0.8 * 1.01, abs=0.01)
    assert stays["arr_low"] < stays["expected_arr"] < stays["arr_high"]
    assert (stays["basis"], stays["churn_basis"]) == ("constant", "model")


def test_what_was_cancelled_brings_nothing_and_pays_until_then(
    warehouse: Warehouse, settings: Settings
) -> None:
    company(warehouse)
    value.score(warehouse, settings, DAY)
    leaves = rows_of(warehouse, "renewal_forecast")["leaves"]
    assert (leaves["expected_arr"], leaves["arr_high"], leaves["basis"]) == (0, 0, "notice")
    worth = rows_of(warehouse, "account_value")["leaves"]
    assert (worth["months_low"], worth["expected_months"], worth["months_high"]) == (2, 2, 2)
    assert worth["basis"] == "notice"


def test_settings_say_how_far_and_at_what_discount(
    warehouse: Warehouse, settings: Settings
) -> None:
    company(warehouse)
    value.score(warehouse, settings, DAY)
    before = rows_of(warehouse, "account_value")["stays"]
    nearer = settings.value.model_copy(update={"horizon_months": 12, "discount_rate": 0.0})
    value.score(warehouse, settings.model_copy(update={"value": nearer}), DAY)
    after = rows_of(warehouse, "account_value")["stays"]
    assert (after["horizon_months"], after["discount_rate"]) == (12, 0)
    assert after["expected_months"] < 12 < before["expected_months"]
    paid = float(after["lifetime_value"]) / after["expected_months"]
    assert paid == pytest.approx(100, abs=0.01)
    assert float(before["lifetime_value"]) / before["expected_months"] < 90


def test_the_same_again_writes_nothing_and_what_is_gone_goes(
    warehouse: Warehouse, settings: Settings
) -> None:
    company(warehouse)
    assert value.score(warehouse, settings, DAY).changed == 4
    before = [rows_of(warehouse, t, "xmin::text, *") for t in ("renewal_forecast", "account_value")]
    assert value.score(warehouse, settings, DAY).changed == 0
    after = [rows_of(warehouse, t, "xmin::text, *") for t in ("renewal_forecast", "account_value")]
    assert before == after
    with warehouse.connect(Role.TRANSFORMER) as connection:
        name = sql.Identifier(warehouse.schema("features"), "ftr_account_contract")
        connection.execute(sql.SQL("delete from {} where account_id = 'leaves'").format(name))
    assert value.score(warehouse, settings, DAY).changed == 4  # withdrawn, then removed
    assert list(rows_of(warehouse, "account_value")) == ["stays"]
    assert list(rows_of(warehouse, "renewal_forecast")) == ["stays"]


def test_empty_tables_give_no_rows(warehouse: Warehouse, settings: Settings) -> None:
    result = value.score(warehouse, settings, DAY)
    assert (result.customers, result.renewals, result.changed) == (0, 0, 0)


def test_one_new_customer_without_score_or_history_gets_a_wide_finite_answer(
    warehouse: Warehouse, settings: Settings
) -> None:
    put(warehouse, "ftr_account_contract", ("only", DAY, 1, 10, 12, 0, 3, 10, None))
    put(warehouse, "ftr_account_renewal", ("only", DAY, dt.date(2027, 6, 30), 12, 10, 10, 12))
    value.score(warehouse, settings, DAY)
    worth = rows_of(warehouse, "account_value")["only"]
    assert 0 < worth["months_low"] < 20 < worth["expected_months"] < 59 < worth["months_high"] <= 60
    assert worth["churn_basis"] is None
    renewal = rows_of(warehouse, "renewal_forecast")["only"]
    assert renewal["probability_low"] < 0.3 < 0.7 < renewal["renewal_probability"] < 0.8


def test_a_warehouse_built_as_of_another_date_is_refused(
    warehouse: Warehouse, settings: Settings
) -> None:
    company(warehouse)
    with pytest.raises(CopilotError, match=r"built as of 2026-06-30, not 2026-06-29"):
        value.score(warehouse, settings, DAY - dt.timedelta(days=1))


def test_a_table_that_is_not_built_is_named(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        name = sql.Identifier(warehouse.schema("features"), "ftr_account_renewal")
        connection.execute(sql.SQL("drop table {}").format(name))
    with pytest.raises(CopilotError, match=r"features\.ftr_account_renewal does not exist"):
        value.score(warehouse, settings, DAY)


@pytest.mark.parametrize("table", ["renewal_forecast", "account_value"])
def test_who_reads_forecasts_may_not_change_them(warehouse: Warehouse, table: str) -> None:
    name = sql.Identifier(warehouse.schema("ml"), table)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(sql.SQL("select * from {}").format(name))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(sql.SQL("delete from {}").format(name))
        connection.rollback()
