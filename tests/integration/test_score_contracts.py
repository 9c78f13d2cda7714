"""The contracts of scores and outbound rows against real tables."""

import datetime as dt
from collections.abc import Iterator

import pytest
from psycopg import sql

from data_contracts.check import check_contract
from data_contracts.contract import load_contract
from warehouse.database import Role, Warehouse

AS_OF = dt.date(2026, 6, 30)


@pytest.fixture
def scores(warehouse: Warehouse) -> Iterator[Warehouse]:
    """Yield the warehouse with two customers, one former customer, and their scores."""
    names = {"f": sql.Identifier(warehouse.schema("features"), "ftr_account_snapshot")}
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(
            sql.SQL("create table {f} (account_id text, as_of_date date, is_customer bool)").format(
                **names
            )
        )
        connection.execute(
            sql.SQL(
                "insert into {f} values ('a', %(at)s, true), ('b', %(at)s, true),"
                " ('gone', %(at)s, false), ('old', '2026-06-22', true)"
            ).format(**names),
            {"at": AS_OF},
        )
    for account in ("a", "b"):
        for version, is_published in (("rule", True), ("churn-1", False)):
            insert_score(warehouse, account, version, is_published=is_published)
    yield warehouse
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("drop table {f}").format(**names))
        connection.execute(sql.SQL("delete from {}").format(score_table(warehouse)))


def score_table(warehouse: Warehouse) -> sql.Identifier:
    return sql.Identifier(warehouse.schema("ml"), "churn_score")


def insert_score(warehouse: Warehouse, account: str, version: str, *, is_published: bool) -> None:
    statement = sql.SQL(
        "insert into {} (account_id, as_of_date, model_version, reasons, features, basis,"
        " is_published, churn_probability, probability_low, probability_high, risk_tier)"
        " values (%s, %s, %s, '[{{\"text\": \"Usage fell\"}}]', '{{}}', 'rule', %s,"
        " 0.2, 0.1, 0.3, 'medium')"
    ).format(score_table(warehouse))
    with warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(statement, (account, AS_OF, version, is_published))


def change_scores(warehouse: Warehouse, statement: str) -> None:
    with warehouse.connect() as connection:
        connection.execute(sql.SQL(statement).format(t=score_table(warehouse)))


def check_churn(warehouse: Warehouse, as_of: dt.date | None = AS_OF) -> list[str]:
    lines = check_contract(warehouse, "scores", tables=["churn_score"], as_of=as_of).lines
    return [line.removeprefix(f"{warehouse.schema('ml')}.churn_score") for line in lines]


@pytest.mark.parametrize("as_of", [AS_OF, None])
def test_scores_of_all_customers_keep_their_contract(
    scores: Warehouse, as_of: dt.date | None
) -> None:
    assert check_churn(scores, as_of) == []
    assert check_contract(scores, "scores", as_of=as_of).success


@pytest.mark.parametrize("as_of", [AS_OF, None])
def test_a_customer_without_a_published_score_is_named(
    scores: Warehouse, as_of: dt.date | None
) -> None:
    change_scores(scores, "update {t} set is_published = false where account_id = 'b'")
    assert check_churn(scores, as_of) == [
        ": every customer at the date of the run must have a published score (1 unexpected),"
        " for example account_id b, as_of_date 2026-06-30"
    ]


def test_scores_of_another_date_do_not_count(scores: Warehouse) -> None:
    lines = check_churn(scores, dt.date(2026, 6, 22))
    assert len(lines) == 1
    assert "account_id old" in lines[0]


def test_a_second_published_score_is_named(scores: Warehouse) -> None:
    index = sql.Identifier(scores.schema("ml"), "churn_score_published")
    create = "create unique index churn_score_published on {t} (account_id, as_of_date)"
    with scores.connect() as connection:
        connection.execute(sql.SQL("drop index {}").format(index))
    change_scores(scores, "update {t} set is_published = true where account_id = 'a'")
    try:
        assert check_churn(scores) == [
            ": an account must not have more than one published score at a date (1 unexpected),"
            " for example account_id a, as_of_date 2026-06-30, rows 2"
        ]
    finally:
        change_scores(scores, "delete from {t} where account_id = 'a'")
        change_scores(scores, f"{create} where is_published")


@pytest.mark.parametrize("reasons", ["[]", "{{}}", '"because"', "null"])
def test_a_score_without_reasons_is_told(scores: Warehouse, reasons: str) -> None:
    change_scores(scores, f"update {{t}} set reasons = '{reasons}' where account_id = 'a'")
    (line,) = check_churn(scores)
    assert line.startswith(".reasons: must be a list of at least one reason (2 unexpected)")


def test_a_probability_above_one_is_told(scores: Warehouse) -> None:
    change_scores(scores, "alter table {t} drop constraint churn_score_probability")
    change_scores(scores, "update {t} set churn_probability = 1.5 where account_id = 'a'")
    try:
        assert check_churn(scores) == [
            ".churn_probability: must be between 0 and 1 (2 unexpected), for example 1.5",
            ": the probability must lie within its interval (2 unexpected), for example"
            " account_id a, as_of_date 2026-06-30, churn_probability 1.5",
        ]
    finally:
        change_scores(scores, "delete from {t}")
        change_scores(
            scores,
            "alter table {t} add constraint churn_score_probability"
            " check (churn_probability between 0 and 1)",
        )


def test_an_unknown_tier_is_told(scores: Warehouse) -> None:
    change_scores(scores, "update {t} set risk_tier = 'dire'")
    (line,) = check_churn(scores)
    assert line == (
        ".risk_tier: must be one of low, medium, high, critical, unknown (4 unexpected),"
        " for example dire"
    )


def test_a_rule_that_cannot_be_evaluated_is_a_breach(warehouse: Warehouse) -> None:
    lines = check_churn(warehouse)
    assert ": every customer at the date of the run must have a published score:" in lines[-1]
    assert lines[-1].endswith("could not be evaluated (UndefinedTable)")


def test_scores_that_were_never_written_are_told(warehouse: Warehouse, scores: Warehouse) -> None:
    change_scores(scores, "delete from {t}")
    lines = check_churn(warehouse)
    assert ": number of rows must be at least 1, found 0" in lines


def test_outbound_rows_keep_their_contract_and_stale_ones_do_not(warehouse: Warehouse) -> None:
    contract = load_contract("publish_salesforce")
    columns = contract.tables[0].columns
    name = sql.Identifier(warehouse.schema("publish"), contract.tables[0].name)
    definition = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(item.name), sql.SQL(item.physical_type))
        for item in columns
    )
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(sql.SQL("create table {} ({})").format(name, definition))
        connection.execute(
            sql.SQL(
                "insert into {} (salesforce_id, account_id, as_of_date, report_url)"
                " values ('001000000000001AAA', 'a', %s, 'http://127.0.0.1/a')"
            ).format(name),
            (AS_OF,),
        )
    assert check_contract(warehouse, "publish_salesforce", as_of=AS_OF).lines == []
    (line,) = check_contract(warehouse, "publish_salesforce", as_of=dt.date(2026, 7, 1)).lines
    assert "as_of_date: must be the date of the run (1 unexpected)" in line
