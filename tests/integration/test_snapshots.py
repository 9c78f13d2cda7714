"""Snapshots: what is kept of attributes that change, and which runs may write it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.app import load_directory
from tests.dbt import failures, try_dbt
from warehouse.database import Warehouse
from warehouse.settings import Settings

FIRST, SECOND, THIRD = (dt.date(2026, 3, day) for day in (1, 2, 3))
Build = Callable[..., str]
Version = tuple[Any, ...]


@pytest.fixture(scope="module")
def build(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build the snapshots and what rests on them from own tables; return what failed."""
    target = tmp_path_factory.mktemp("target")

    def run(as_of: dt.date, *options: str, today: dt.date) -> str:
        settings = Settings(
            company_name="Snapshots (synthetic)",
            sources=["app"],
            as_of_date=today,
            schema_prefix=warehouse.schema_prefix,
        )
        results = try_dbt(
            warehouse, settings, target, "build", "--exclude-resource-type", "unit_test", "test",
            "--select", "+snapshot_ticket", "+dim_account", "+int_support__ticket_state",
            "--exclude", "snapshot_contact", "snapshot_product", "snapshot_rating", *options,
            as_of=as_of,
        )  # fmt: skip
        return "\n".join(failures(results))

    return run


@pytest.fixture
def load(warehouse: Warehouse, tmp_path: Path) -> Callable[..., None]:
    """Load accounts (id and segment) and the one ticket's status, in place of what was there."""

    def write(accounts: dict[str, str], status: str) -> None:
        rows = "".join(f"{key},{key} Inc,{value}\n" for key, value in accounts.items())
        (tmp_path / "account.csv").write_text(f"account_id,name,segment\n{rows}")
        (tmp_path / "subscription.csv").write_text(
            "subscription_id,account_id,mrr,started_on\nS1,A1,100,2026-01-01\n"
        )
        (tmp_path / "ticket.csv").write_text(
            "ticket_id,account_id,priority,status,created_at\n"
            f"T1,A1,low,{status},2026-02-01T00:00:00Z\n"
        )
        load_directory(tmp_path, warehouse)

    return write


def rows(warehouse: Warehouse, query: str) -> list[Version]:
    prefix = warehouse.schema_prefix
    with warehouse.connect() as connection:
        connection.execute("set timezone to 'UTC'")
        return connection.execute(query.replace("@", prefix).encode()).fetchall()


def ticket(warehouse: Warehouse) -> list[Version]:
    """Return the ticket's versions: status, and the dates of its first and last second."""
    return rows(
        warehouse,
        "select status, dbt_valid_from::date, dbt_valid_to::date from @snapshots.snapshot_ticket"
        " order by dbt_valid_from, dbt_valid_to nulls last",
    )


def accounts(warehouse: Warehouse) -> list[Version]:
    return rows(
        warehouse,
        "select source_id, segment, dbt_valid_from::date, dbt_valid_to::date"
        " from @snapshots.snapshot_account order by 1, 3, 4 nulls last",
    )


def test_what_changes_is_kept_from_the_day_snapshots_began(
    warehouse: Warehouse, build: Build, load: Callable[..., None]
) -> None:
    load({"A1": "Small", "A2": "Large"}, "open")
    assert not build(FIRST, today=SECOND)
    assert ticket(warehouse) == accounts(warehouse) == []  # a run for the past writes none

    assert not build(FIRST, today=FIRST)
    assert ticket(warehouse) == [("open", FIRST, None)]

    load({"A1": "Medium"}, "pending")
    assert not build(SECOND, today=SECOND)
    load({"A1": "Medium"}, "solved")
    assert not build(SECOND, "--full-refresh", today=SECOND)
    versions = [("open", FIRST, SECOND), ("pending", SECOND, SECOND), ("solved", SECOND, None)]
    assert ticket(warehouse) == versions
    assert accounts(warehouse) == [
        ("A1", "Small", FIRST, SECOND),
        ("A1", "Medium", SECOND, None),
        ("A2", "Large", FIRST, SECOND),
    ]
    assert rows(
        warehouse,
        "select status, is_open, valid_from::date from @intermediate.int_support__ticket_state"
        " order by valid_from",
    ) == [("open", True, FIRST), ("solved", False, SECOND)]


def test_a_record_that_a_full_refresh_no_longer_has_is_a_deleted_account(
    warehouse: Warehouse,
) -> None:
    found = rows(
        warehouse,
        "select anchor_source_id, account_name, segment, is_deleted, is_active"
        " from @marts.dim_account order by 1",
    )
    assert found == [
        ("A1", "A1 Inc", "Medium", False, True),
        ("A2", "A2 Inc", "Large", True, False),
    ]


@pytest.mark.parametrize("today", [SECOND, FIRST], ids=["a past date", "before the last one"])
def test_a_run_for_a_past_date_writes_none_and_knows_what_was_kept(
    warehouse: Warehouse, build: Build, load: Callable[..., None], today: dt.date
) -> None:
    before = ticket(warehouse), accounts(warehouse)
    load({"A1": "Huge", "A3": "New"}, "closed")
    assert not build(FIRST, today=today)
    assert (ticket(warehouse), accounts(warehouse)) == before
    if today == SECOND:
        segments = "select anchor_source_id, segment, is_deleted from @marts.dim_account order by 1"
        assert rows(warehouse, segments) == [
            ("A1", "Small", False),
            ("A2", "Large", False),
            ("A3", "New", False),
        ]


def test_a_snapshot_that_is_broken_off_half_way_leaves_the_old_version_whole(
    warehouse: Warehouse, build: Build, load: Callable[..., None]
) -> None:
    before = ticket(warehouse)
    schema = f'"{warehouse.schema("snapshots")}"'
    load({"A1": "Medium"}, "open")
    with warehouse.connect() as connection:  # the old version is closed first, then this breaks
        connection.execute(
            f"create function {schema}.stop() returns trigger language plpgsql as"
            " $$ begin raise exception 'broken off'; end $$; create trigger stop before insert"
            f" on {schema}.snapshot_ticket execute function {schema}.stop()".encode()
        )
    assert "broken off" in build(THIRD, today=THIRD)
    assert ticket(warehouse) == before

    with warehouse.connect() as connection:
        connection.execute(f"drop function {schema}.stop cascade".encode())
    assert not build(THIRD, today=THIRD)
    assert ticket(warehouse) == [*before[:-1], ("solved", SECOND, THIRD), ("open", THIRD, None)]
