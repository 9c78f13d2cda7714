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
    assert check_tables(table, contract).warnings == []
    run(table, 'alter table {t} drop column "Note__c"')
    result = check_tables(table, contract)
    assert result.success
    assert result.warnings == [f"warning: absent, and read as empty: {TABLE}.Note__c"]


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
