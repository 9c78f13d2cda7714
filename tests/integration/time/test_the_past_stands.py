"""Nothing that happened after a day changes a feature of that day or before: to the byte."""

import datetime as dt
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from connectors.sources.app.load import load_directory
from tests.company import Company
from tests.dbt import dbt
from tests.integration.combinations.company import sync
from tests.integration.time.later_changes import CHANGES, WAITING, change_after
from tests.integration.time.random_rows import row_after
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import Warehouse
from warehouse.migrations import migrate
from warehouse.settings import load_settings

DAY = SAMPLE_END_DATE - dt.timedelta(days=71)  # a Monday: the grid's own, so a day too far shows
TABLES = (
    "features.ftr_account_snapshot",
    # Without the labels of these two: they look a horizon ahead, beyond the day.
    "(select account_id, as_of_date, product, owns_product, peers_share"
    " from features.ftr_account_product_snapshot)",
    "(select account_id, as_of_date, product, used, allowed, step_mrr, fullness"
    " from features.ftr_account_upsell_snapshot)",
    "marts.fct_account_health",
)
COMPANY = """\
company_name: Time Travel Company (synthetic)
sources: [salesforce, zendesk, mixpanel, stripe, app]
crm: salesforce
sample_company: true
sample: {accounts: 100, months: 12, seed: 5}
"""
OWN_TABLES = {
    "account": "account_id,name,domain,created_at\nA1,Own One,own-one.example,2025-01-01\n",
    "subscription": (
        "subscription_id,account_id,product,plan,seats,mrr,currency,started_on,ended_on\n"
        "S1,A1,Core,Pro,10,100,USD,2025-07-01,2026-01-01\nS2,A1,Core,Pro,12,120,USD,2026-01-01,\n"
    ),
    "event": "event_id,account_id,user_id,name,occurred_at\nE1,A1,U1,open,2026-01-05T10:00:00Z\n",
    "ticket": (
        "ticket_id,account_id,priority,status,created_at,first_response_at,solved_at\n"
        "T1,A1,high,solved,2026-01-05T10:00:00Z,2026-01-05T12:00:00Z,2026-01-06T12:00:00Z\n"
    ),
    "invoice": (
        "invoice_id,account_id,amount,currency,issued_on,due_on,paid_on\n"
        "I1,A1,100,USD,2026-01-01,2026-01-15,2026-01-20\n"
    ),
}
FEW = 10  # rows of a table that all change every time, such as products that are renamed again
_keys = itertools.count()


@pytest.fixture(scope="module")
def company(copilot_environment: Path) -> Iterator[Company]:
    made = Company(copilot_environment / "time", COMPANY)
    settings = load_settings(made.settings_file)
    own = made.home / "own"
    own.mkdir()
    for name, content in OWN_TABLES.items():
        (own / f"{name}.csv").write_text(content)
    warehouse = made.warehouse()
    try:
        migrate(warehouse, settings)
        load_directory(own, warehouse)
        sync(warehouse, settings)
        yield made
    finally:
        warehouse.dispose()
        made.stop()


@pytest.fixture(scope="module")
def opened(company: Company) -> Iterator[Warehouse]:
    warehouse = company.warehouse()
    yield warehouse
    warehouse.dispose()


def build(company: Company, warehouse: Warehouse) -> None:
    """Build everything up to features and health with dbt."""
    dbt(
        warehouse, load_settings(company.settings_file), company.home / "t",
        "build", "--exclude-resource-type", "test", "unit_test",
        "--select", "+fct_account_health", "+ftr_account_product_snapshot",
        "+ftr_account_upsell_snapshot", "+ftr_account_snapshot",
    )  # fmt: skip


def past(warehouse: Warehouse) -> dict[str, list[str]]:
    """Return every row up to the day, as text, in order."""
    found = {}
    with warehouse.connect() as connection:
        for table in TABLES:
            rows = connection.execute(
                f"select t::text from {table} as t where as_of_date <= %s order by 1".encode(),
                (DAY,),
            ).fetchall()
            found[table] = [row[0] for row in rows]
    return found


def raw_tables(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema like 'raw\\_%' order by 1, 2"
    ).fetchall()


def column_types(connection: psycopg.Connection[Any], schema: str, table: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = %s and table_name = %s order by ordinal_position",
            (schema, table),
        ).fetchall()
    )


def insert(
    connection: psycopg.Connection[Any], schema: str, table: str, row: dict[str, Any]
) -> None:
    values = [Jsonb(value) if isinstance(value, dict | list) else value for value in row.values()]
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(schema, table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        values,
    )


def some_rows(connection: psycopg.Connection[Any], schema: str, table: str) -> list[dict[str, Any]]:
    """Return up to 400 rows; the order is the same in every run and says nothing about time."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            sql.SQL("select * from {} as t order by md5(t::text) limit 400").format(
                sql.Identifier(schema, table)
            )
        ).fetchall()


def update(
    connection: psycopg.Connection[Any], schema: str, table: str, key: str, changed: dict[str, Any]
) -> None:
    for column, value in changed.items():
        connection.execute(
            sql.SQL("update {} set {} = %s where _airbyte_raw_id = %s").format(
                sql.Identifier(schema, table), sql.Identifier(column)
            ),
            (Jsonb(value) if isinstance(value, dict | list) else value, key),
        )


def test_a_change_is_drawn_for_every_table_whose_records_change(opened: Warehouse) -> None:
    events = {
        "export",
        "event",
        "ticket_audits",
        "AccountHistory",
        "OpportunityHistory",
    }  # what happened stays what it was
    no_history = {"engage", "user", "prices", "churn_event"}  # no feature reads what changes
    with opened.connect() as connection:
        tables = raw_tables(connection)
    assert {(s, t) for s, t in tables if t not in events | no_history} == set(CHANGES)


@pytest.fixture(scope="module")
def before(company: Company, opened: Warehouse) -> dict[str, list[str]]:
    """Every row up to the day, before anything is added."""
    assert DAY.weekday() == 0
    with opened.connect() as connection:
        for statement in WAITING:
            assert connection.execute(statement.encode()).rowcount > 20, statement
    build(company, opened)
    return past(opened)


@settings(
    max_examples=int(os.environ.get("TIME_EXAMPLES", "1")),
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a smaller seed is no simpler company
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_rows_after_a_day_change_no_feature_up_to_it(
    company: Company, opened: Warehouse, before: dict[str, list[str]], seed: int
) -> None:
    chance = random.Random(seed)
    with opened.connect() as connection:
        for schema, table in raw_tables(connection):
            types = column_types(connection, schema, table)
            rows = some_rows(connection, schema, table)
            for _ in range(8 if rows else 0):
                key = f"late{next(_keys)}x"
                row = row_after(chance, table, chance.choice(rows), types, DAY, key)
                insert(connection, schema, table, row)
            for row in rows:
                if len(rows) < FEW or chance.random() < 0.2:
                    changed = change_after(chance, schema, table, row, types, DAY)
                    update(connection, schema, table, row["_airbyte_raw_id"], changed)
    build(company, opened)
    after = past(opened)
    for table in TABLES:
        assert len(before[table]) > 100
        changed = set(before[table]) ^ set(after[table])
        assert not changed, (table, sorted(changed)[:4])
