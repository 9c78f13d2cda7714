"""A source that lacks everything it may lack: it is told, and staging is built all the same."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.sources.registry import VENDORS
from data_contracts.check import check_contract
from data_contracts.contract import Column, Table, load_contract
from orchestration.defs.quality.checks import build_contract_check
from tests.dbt import dbt
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

TEXTS = {"date": "20260101", **dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")}
VALUES = {
    "bigint": 946684800,
    "numeric": 1,
    "boolean": False,
    "jsonb": Jsonb({}),
    "timestamptz": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "date": dt.date(2026, 1, 1),
}


@dataclass
class Run:
    """What a check needs of a run."""

    warehouse: Warehouse
    as_of_date: dt.date = SAMPLE_END_DATE
    said: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture(scope="module")
def bare(warehouse: Warehouse) -> Warehouse:
    """Fill every table of every vendor with one row of what it must have, and nothing else."""
    with warehouse.connect(Role.LOADER) as connection:
        for source in VENDORS:
            for table in load_contract(f"raw_{source}").tables:
                name = sql.Identifier(warehouse.schema(f"raw_{source}"), table.name)
                columns = [column for column in table.columns if not column.is_optional]
                definition = sql.SQL(", ").join(
                    sql.SQL("{} {}").format(sql.Identifier(one.name), sql.SQL(one.physical_type))
                    for one in columns
                )
                connection.execute(sql.SQL("create table {} ({})").format(name, definition))
                marks = sql.SQL(", ").join([sql.Placeholder()] * len(columns))
                connection.execute(
                    sql.SQL("insert into {} values ({})").format(name, marks),
                    [_value(column) for column in columns],
                )
    return warehouse


def _value(column: Column) -> Any:
    if not column.required and not column.quality:
        return None
    if column.enum:
        return column.enum[0].value
    known = [value for rule in column.quality for value in rule.arguments.get("validValues", [])]
    if known:
        return known[0]
    if column.physical_type == "varchar":
        return TEXTS.get(column.name, "001000000000001AAA")
    return VALUES[column.physical_type]


def _optional(tables: list[Table]) -> list[str]:
    return [f"{t.name}.{c.name}" for t in tables for c in t.columns if c.is_optional]


@pytest.mark.parametrize("source", VENDORS)
def test_a_source_without_what_it_may_lack_keeps_its_contract(bare: Warehouse, source: str) -> None:
    result = check_contract(bare, f"raw_{source}")
    assert result.lines == []
    assert list(result.absent) == _optional(load_contract(f"raw_{source}").tables)


def test_staging_is_built_and_tested_without_what_may_be_absent(
    bare: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    everything = settings.model_copy(update={"schema_prefix": bare.schema_prefix})
    chosen = ("--select", "path:models/staging", "--exclude-resource-type", "unit_test")
    results = dbt(bare, everything, tmp_path, "build", *chosen)
    built = {one.node.name for one in results if one.node.resource_type == "model"}
    assert {f"stg_{source}" for source in VENDORS} <= {name.split("__")[0] for name in built}


def test_a_run_says_what_is_absent_and_goes_on(bare: Warehouse) -> None:
    check = build_contract_check("raw_stripe", dg.AssetKey(["raw_stripe", "customers"]))
    run = Run(bare)
    result = check(run)
    assert isinstance(result, dg.AssetCheckResult)
    assert result.passed
    assert run.said == [
        "contract raw_stripe: kept",
        "  warning: absent, and read as empty: customers.email, customers.is_deleted,"
        " products.active, prices.nickname, subscriptions.trial_start, subscriptions.cancel_at,"
        " invoices.subscription, invoices.is_deleted, invoices.discounts",
    ]
