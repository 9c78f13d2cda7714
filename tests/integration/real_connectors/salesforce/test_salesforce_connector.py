"""Airbyte's own Salesforce connector, through the runner, from the stand-in into Postgres."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.runner import SyncResult
from connectors.sandbox.salesforce.ids import make_id
from connectors.sources.salesforce import SOURCE
from tests.integration.real_connectors.reading import keyed, nul_removed
from tests.integration.real_connectors.salesforce.conftest import (
    ACCOUNTS,
    DEALS,
    LONG_DIGITS,
    ROUNDED,
    TASKS,
    UNICODE,
    OpenConnector,
    fill,
)
from tests.integration.salesforce.conftest import Sandbox, serving_org
from warehouse.database import Warehouse

COLUMNS = {
    "Account": (
        '"Id", "Name", "BillingPostalCode", "Phone", "Description", "AnnualRevenue",'
        ' "NumberOfEmployees", "Website", "CreatedDate"::text,'
        " \"BillingAddress\" ->> 'postalCode', _airbyte_meta -> 'changes'"
    ),
    "Opportunity": (
        '"Id", "Name", "NextStep", "Description", "Amount", "CloseDate"::text, "IsWon",'
        " _airbyte_meta -> 'changes'"
    ),
}


@dataclass
class Read:
    """What two syncs did, and what the tables held after each."""

    warehouse: Warehouse
    first: SyncResult
    second: SyncResult
    before: dict[str, dict[str, tuple[Any, ...]]]
    deleted_before: list[str]
    calls: dict[str, int]

    def rows(self, name: str, columns: str) -> dict[str, tuple[Any, ...]]:
        return keyed(self.warehouse, "salesforce", name, columns)


def _disturb(org: Sandbox) -> None:
    org.fault(path="queryAll", status=429, retry_after=1)
    org.fault(path="/query/0r8", status=500)
    org.fault(path="/results", kind="drop_before", skip=1)
    org.fault(path="/jobs/query$", status=503)


def _change(org: Sandbox) -> None:
    objects = "sobjects/{}/{}"
    for name, record_id, values in (
        ("Account", make_id("001", 2), {"Name": "Renamed", "BillingPostalCode": "00077"}),
        ("Account", make_id("001", 1), {"Phone": None}),
        ("Opportunity", make_id("006", 5), {"StageName": "Closed Won", "Amount": 99.99}),
    ):
        answer = org.http.patch(org.url(objects.format(name, record_id)), json=values)
        assert answer.status_code == 204, answer.text
    for name, record_id in (("Account", make_id("001", 8)), ("Opportunity", make_id("006", 6))):
        assert org.http.delete(org.url(objects.format(name, record_id))).status_code == 204
    made = org.http.post(org.url("sobjects/Account"), json={"Name": "New"})
    assert made.status_code == 201


def _deleted(warehouse: Warehouse) -> list[str]:
    return [
        record_id
        for name in COLUMNS
        for record_id, (is_deleted,) in keyed(
            warehouse, "salesforce", name, '"Id", "IsDeleted"'
        ).items()
        if is_deleted
    ]


@pytest.fixture(scope="module")
def read(
    warehouse: Warehouse,
    open_connector: OpenConnector,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Read]:
    """Read an org that fails now and then, change it, and read it again."""
    folder: Path = tmp_path_factory.mktemp("org")
    with serving_org(folder) as org:
        fill(org)
        _disturb(org)
        real = open_connector(org)
        first = real.sync(warehouse, SOURCE.streams)
        assert org.http.get(f"{org.info.url}/__sandbox__/faults").json() == []
        before = {
            name: keyed(warehouse, "salesforce", name, columns) for name, columns in COLUMNS.items()
        }
        deleted = _deleted(warehouse)
        calls = org.http.get(f"{org.info.url}/__sandbox__/requests").json()
        _change(org)
        second = real.sync(warehouse, SOURCE.streams)
        yield Read(warehouse, first, second, before, deleted, calls)


def test_every_record_comes_once_in_spite_of_429_500_503_and_a_cut_connection(read: Read) -> None:
    kept = {name: count.kept for name, count in read.first.streams.items() if count.kept}
    assert kept == {"Account": ACCOUNTS, "Opportunity": DEALS, "Task": TASKS, "User": 1}
    assert list(read.before["Account"]) == [make_id("001", n) for n in range(1, ACCOUNTS + 1)]
    assert all(count.rejected == 0 for count in read.first.streams.values())


def test_both_ways_in_are_paged(read: Read) -> None:
    pages = [path for path in read.calls if "/query/0r8" in path]
    results = [count for path, count in read.calls.items() if path.endswith("/results")]
    assert len(pages) >= 2
    assert max(results) >= 3


def test_values_that_came_through_rest_are_exact(read: Read) -> None:
    *values, changes = read.before["Account"][make_id("001", 1)]
    assert values == [
        UNICODE,
        "00123",
        LONG_DIGITS,
        'line 1\nline "2"\t\\ nul[]',
        Decimal("12345678.25"),
        0,
        None,  # Salesforce knows no empty text: it is null
        "2025-03-05 06:07:08+00",
        "00123",
    ]
    assert changes == nul_removed("Description")


def test_values_that_came_through_bulk_are_exact(read: Read) -> None:
    *values, changes = read.before["Opportunity"][make_id("006", 1)]
    assert values == [UNICODE, "00123", "NA", Decimal("12345678.25"), "2025-12-31", False]
    assert changes == []
    _, *values, _, _, changes = read.before["Opportunity"][make_id("006", 2)]
    assert values == ["ab", '"x", y\nz', Decimal("0.1")]
    assert changes == []  # the connector itself takes a NUL out of the CSV, and tells its log only


def test_a_number_of_more_digits_than_a_double_is_rounded_by_salesforce_a_text_is_not(
    read: Read,
) -> None:
    account, deal = read.before["Account"], read.before["Opportunity"][make_id("006", 4)]
    assert account[make_id("001", 2)][4] == ROUNDED
    assert (deal[1], deal[3]) == (LONG_DIGITS, ROUNDED)


def test_the_second_sync_reads_only_what_changed(read: Read) -> None:
    counts = {name: count.read for name, count in read.second.streams.items() if count.read}
    assert counts == {"Account": 4, "Opportunity": 2}


def test_updates_replace_the_row(read: Read) -> None:
    accounts = read.rows("Account", '"Id", "Name", "BillingPostalCode", "Phone"')
    assert len(accounts) == ACCOUNTS + 1
    assert accounts[make_id("001", 2)] == ("Renamed", "00077", None)
    assert accounts[make_id("001", 1)] == (UNICODE, "00123", None)  # the phone was taken away
    deals = read.rows("Opportunity", '"Id", "StageName", "Amount"')
    assert len(deals) == DEALS
    assert deals[make_id("006", 5)] == ("Closed Won", Decimal("99.99"))


def test_deleted_records_stay_and_say_so(read: Read) -> None:
    assert read.deleted_before == [make_id("006", 3)]
    assert _deleted(read.warehouse) == [
        make_id("001", 8),
        make_id("006", 3),
        make_id("006", 6),
    ]
