"""Contracts against real tables: what keeps them, and how each kind of breach is told."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from data_contracts.check import ContractResult, check_contract, check_tables
from data_contracts.contract import Contract, load_contract
from data_contracts.engine import datasource
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

AS_OF = dt.date(2026, 6, 30)
TABLE = 'Ac"count: {x}'
CONTRACT: dict[str, Any] = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "made-up",
    "name": "made_up",
    "version": "1.0.0",
    "status": "active",
    "description": {"purpose": "A table with everything that a contract can ask."},
    "servers": [
        {
            "server": "warehouse",
            "type": "postgres",
            "host": "h",
            "port": "p",
            "database": "d",
            "schema": "raw_salesforce",
            "roles": [{"role": "transformer"}],
        }
    ],
    "schema": [
        {
            "name": TABLE,
            "description": "Companies.",
            "dataGranularityDescription": "One row for each account and part.",
            "quality": [
                {"metric": "rowCount", "mustBeGreaterThan": 0},
                {
                    "type": "custom",
                    "description": "it must not end before it starts",
                    "engine": "great-expectations",
                    "implementation": {
                        "unexpected_rows_query": 'select "Id", "Email" from {batch}'
                        ' where "ended" < "started"'
                    },
                },
            ],
            "properties": [
                {"name": "Id", "logicalType": "string", "physicalType": "varchar"}
                | {"primaryKey": True, "primaryKeyPosition": 1},
                {"name": 'part"no: {1}', "logicalType": "integer", "physicalType": "bigint"}
                | {"primaryKey": True, "primaryKeyPosition": 2},
                {"name": "Email", "logicalType": "string", "physicalType": "varchar"}
                | {"required": True, "unique": True, "classification": "personal"}
                | {"logicalTypeOptions": {"pattern": "@"}},
                {"name": "Score", "logicalType": "number", "physicalType": "numeric"}
                | {"logicalTypeOptions": {"minimum": 0, "maximum": 100}},
                {"name": "Band", "logicalType": "string", "physicalType": "text"}
                | {"enum": [{"value": "good"}, {"value": "bad"}]}
                | {"logicalTypeOptions": {"maxLength": 4}},
                {"name": "started", "logicalType": "timestamp", "physicalType": "timestamptz"},
                {"name": "ended", "logicalType": "timestamp", "physicalType": "timestamptz"},
                {"name": "Note__c", "logicalType": "string", "physicalType": "varchar"}
                | {"customProperties": [{"property": "presence", "value": "optional"}]}
                | {
                    "quality": [
                        {"metric": "nullValues", "mustBeLessOrEqualTo": 50, "unit": "percent"}
                    ]
                },
            ],
        }
    ],
}
for _column in CONTRACT["schema"][0]["properties"]:
    _column["description"] = "A column."


@pytest.fixture
def contract() -> Contract:
    return Contract.model_validate(CONTRACT)


def run(warehouse: Warehouse, statement: str, role: Role = Role.LOADER) -> None:
    """Run SQL in which {t} stands for the made-up table."""
    table = sql.Identifier(warehouse.schema("raw_salesforce"), TABLE)
    with warehouse.connect(role) as connection:
        for part in statement.split(";"):
            connection.execute(sql.SQL(part.replace('part"no', 'part""no')).format(t=table))


@pytest.fixture
def table(warehouse: Warehouse) -> Iterator[Warehouse]:
    """Yield the warehouse with a made-up table of two rows that keeps its contract."""
    run(
        warehouse,
        'create table {t} ("Id" varchar, "part"no: {{1}}" bigint, "Email" varchar,'
        ' "Score" numeric, "Band" text, "started" timestamptz, "ended" timestamptz,'
        ' "Note__c" varchar, "Unknown" jsonb);'
        "insert into {t} values"
        " ('A', 1, 'ann@example.com', 0, 'good', '2026-01-01', '2026-02-01', 'x', '{{}}'),"
        " ('A', 2, 'bob@example.com', 100, null, '2026-01-01', null, null, null)",
    )
    yield warehouse
    run(warehouse, "drop table if exists {t}")


def name_of(warehouse: Warehouse) -> str:
    return f"{warehouse.schema('raw_salesforce')}.{TABLE}"


def only_line(result: ContractResult) -> str:
    assert not result.success
    (line,) = result.lines
    return line


def test_a_good_table_passes_and_unknown_columns_are_welcome(
    table: Warehouse, contract: Contract
) -> None:
    result = check_tables(table, contract)
    assert (result.success, result.lines) == (True, [])
    assert result.rules > 15


BREACHES = {
    "missing column": (
        'alter table {t} drop column "Score"',
        ".Score: column is missing, expected numeric",
    ),
    "wrong type": (
        'alter table {t} alter column "Score" type text',
        ".Score: type must be numeric, found text",
    ),
    "time without its zone": (
        'alter table {t} alter column "ended" type timestamp',
        ".ended: type must be timestamptz, found timestamp without time zone",
    ),
    "column of another case": (
        'alter table {t} rename column "Score" to "score"',
        ".Score: column is missing, expected numeric",
    ),
    "null in a key": (
        'update {t} set "Id" = null where "Score" = 0',
        ".Id: must not be null (1 unexpected)",
    ),
    "doubled key": (
        'update {t} set "part"no: {{1}}" = 1',
        '.Id, part"no: {1}: must be unique (1 unexpected), for example Id A,'
        ' part"no: {1} 1, rows 2',
    ),
    "value out of range": (
        'update {t} set "Score" = 100.5 where "Score" = 100',
        ".Score: must be between 0 and 100 (1 unexpected), for example 100.5",
    ),
    "value not in the set": (
        "update {t} set \"Band\" = 'ugly'",
        ".Band: must be one of good, bad (2 unexpected), for example ugly",
    ),
    "text too long": (
        'alter table {t} drop column "Note__c"; update {t} set "Band" = \'goods\'',
        ".Band: its length must be at most 4 (2 unexpected), for example goods",
    ),
    "rule over several columns": (
        'update {t} set "ended" = \'2025-01-01\' where "Score" = 0',
        ": it must not end before it starts (1 unexpected), for example Id A",
    ),
    "too many nulls": (
        'update {t} set "Note__c" = null',
        ".Note__c: must not be null in at least 50.0% of the rows (2 unexpected)",
    ),
    "no rows": ("delete from {t}", ": number of rows must be at least 1, found 0"),
    "no table": ("drop table {t}", ": table is missing"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_each_breach_names_table_column_and_rule(
    table: Warehouse, contract: Contract, breach: str
) -> None:
    statement, expected = BREACHES[breach]
    run(table, statement)
    lines = check_tables(table, contract).lines
    if breach == "text too long":
        lines = [line for line in lines if "one of" not in line]
    assert lines == [name_of(table) + expected]


def test_columns_that_differ_in_case_only_are_told_apart(
    table: Warehouse, contract: Contract
) -> None:
    run(
        table,
        'alter table {t} add column "email" jsonb, add column "SCORE" text, add column "name" text;'
        "update {t} set \"SCORE\" = 'high'",
    )
    assert check_tables(table, contract).lines == []
    run(table, 'update {t} set "SCORE" = \'1\', "Score" = 101')
    assert "Score: must be between 0 and 100 (2 unexpected)" in only_line(
        check_tables(table, contract)
    )


def test_a_column_named_as_great_expectations_names_its_own_is_read(warehouse: Warehouse) -> None:
    account = {column.name: column for column in load_contract("raw_salesforce").tables[0].columns}
    name = sql.Identifier(warehouse.schema("raw_salesforce"), "Account")
    definition = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(item.name), sql.SQL(item.physical_type))
        for item in account.values()
    )
    with warehouse.connect(Role.LOADER) as connection:
        connection.execute(sql.SQL("create table {} ({})").format(name, definition))
        connection.execute(
            sql.SQL(
                'insert into {} ("Id", "IsDeleted", "Name", "CreatedDate", "SystemModstamp")'
                " values ('001000000000001AAA', false, 'A', %(at)s, %(at)s)"
            ).format(name),
            {"at": AS_OF},
        )
    assert check_contract(warehouse, "raw_salesforce", tables=["Account"]).lines == []


def test_a_column_that_may_be_absent_is_tolerated(table: Warehouse, contract: Contract) -> None:
    run(table, 'alter table {t} drop column "Note__c"')
    assert check_tables(table, contract).success


@pytest.mark.parametrize("kind", ["varchar(80)", "text"])
def test_texts_of_another_length_are_the_same_type(
    table: Warehouse, contract: Contract, kind: str
) -> None:
    run(table, f'alter table {{t}} alter column "Email" type {kind}')
    assert check_tables(table, contract).lines == []


@pytest.mark.parametrize("kind", ["numeric(38,9)", "bigint"])
def test_numbers_that_lose_nothing_are_the_same_type(
    table: Warehouse, contract: Contract, kind: str
) -> None:
    run(table, f'alter table {{t}} alter column "Score" type {kind}')
    assert check_tables(table, contract).lines == []


@pytest.mark.parametrize(
    "statement",
    [
        "update {t} set \"Email\" = 'ann@example.com'",
        'update {t} set "Email" = \'ann (at) example.com\' where "Score" = 0',
        "update {t} set \"Email\" = 'ann@example.com', \"ended\" = '2025-01-01'",
    ],
)
def test_no_personal_value_reaches_a_message(
    table: Warehouse, contract: Contract, statement: str
) -> None:
    run(table, statement)
    lines = check_tables(table, contract).lines
    assert lines
    assert not any("ann" in line or "example.com" in line for line in lines)


def test_values_of_a_personal_column_of_another_type_stay_unsaid(
    table: Warehouse, contract: Contract, caplog: pytest.LogCaptureFixture
) -> None:
    run(table, 'alter table {t} alter column "Email" type jsonb using to_jsonb("Email")')
    line = only_line(check_tables(table, contract))
    assert line == f"{name_of(table)}.Email: type must be varchar, found jsonb"
    assert "example.com" not in caplog.text


def test_all_breaches_are_told_at_once(table: Warehouse, contract: Contract) -> None:
    run(table, 'update {t} set "Score" = -1, "Id" = null')
    assert [line.removeprefix(name_of(table)) for line in check_tables(table, contract).lines] == [
        ".Id: must not be null (2 unexpected)",
        ".Score: must be between 0 and 100 (2 unexpected), for example -1",
    ]


def test_at_most_five_examples_are_shown(table: Warehouse, contract: Contract) -> None:
    run(
        table,
        "insert into {t} select 'B', g, g || '@x', 1000 + g from generate_series(1, 9) as g;"
        "update {t} set \"Note__c\" = 'x'",
    )
    line = only_line(check_tables(table, contract))
    assert "(9 unexpected)" in line
    assert line.count("; ") == 4


def test_great_expectations_reads_as_the_role_of_the_contract(warehouse: Warehouse) -> None:
    with datasource(warehouse, Role.TRANSFORMER) as source, source.get_engine().connect() as open_:
        current = open_.exec_driver_sql("select current_user, current_setting('timezone')").one()
    assert tuple(current) == (warehouse.role_name(Role.TRANSFORMER), "UTC")


def test_tables_that_the_role_may_not_read_are_named(
    warehouse: Warehouse, table: Warehouse, contract: Contract
) -> None:
    statement = sql.SQL("revoke select on {} from {}").format(
        sql.Identifier(warehouse.schema("raw_salesforce"), TABLE),
        sql.Identifier(warehouse.role_name(Role.TRANSFORMER)),
    )
    with warehouse.connect(Role.LOADER) as connection:
        connection.execute(statement)
    with pytest.raises(CopilotError, match="may not be read by the role"):
        check_tables(warehouse, contract)


def test_a_table_that_the_contract_does_not_know_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(CopilotError, match="knows no table account"):
        check_contract(warehouse, "raw_salesforce", tables=["account"])


def test_tables_of_a_source_that_never_synced_are_missing(warehouse: Warehouse) -> None:
    result = check_contract(warehouse, "raw_zendesk")
    schema = warehouse.schema("raw_zendesk")
    assert result.lines == [
        f"{schema}.{name}: table is missing"
        for name in ("organizations", "users", "tickets", "ticket_metrics")
    ]


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
    contract = load_contract("publish")
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
    assert check_contract(warehouse, "publish", as_of=AS_OF).lines == []
    (line,) = check_contract(warehouse, "publish", as_of=dt.date(2026, 7, 1)).lines
    assert "as_of_date: must be the date of the run (1 unexpected)" in line
