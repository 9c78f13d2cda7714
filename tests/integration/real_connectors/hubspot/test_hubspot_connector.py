"""Airbyte's own HubSpot connector, through the runner, from the stand-in into Postgres."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from connectors.runner import SyncResult
from connectors.sources.hubspot import SOURCE
from tests.integration.hubspot.conftest import Account, serving_account
from tests.integration.real_connectors.hubspot.conftest import (
    COMPANIES,
    DEALS,
    EXACT,
    LONG_DIGITS,
    UNICODE,
    OpenConnector,
    fill,
)
from tests.integration.real_connectors.reading import keyed, nul_removed
from tests.integration.runner_help import table
from warehouse.database import Warehouse

OFFSET = "2025-12-31T00:00:00+02:00"
RENAMED = 205  # more than a search's page
COLUMNS = {
    "companies": (
        "id, properties_name, properties_phone, properties_domain, properties_city,"
        " properties_description, properties_country, properties_annualrevenue,"
        " properties_numberofemployees, properties_type, contacts::text,"
        " \"createdAt\"::text, _airbyte_meta -> 'changes'"
    ),
    "deals": "id, properties_amount, properties_closedate::text",
}


@dataclass
class Read:
    """What two syncs did, the calls that each took, and some rows after the first."""

    warehouse: Warehouse
    first: SyncResult
    second: SyncResult
    calls: tuple[dict[str, int], dict[str, int]]
    before: dict[str, dict[str, tuple[Any, ...]]]

    def keyed(self, name: str, columns: str) -> dict[str, tuple[Any, ...]]:
        return keyed(self.warehouse, "hubspot", name, columns)

    def rows(self, name: str, columns: str) -> list[tuple[Any, ...]]:
        return table(self.warehouse, "hubspot", name, columns)


def _disturb(account: Account) -> None:
    account.fault(path="/crm/v3/objects/company$", status=429, retry_after=1)
    account.fault(path="/crm/v3/objects/company$", status=503, skip=1, retry_after=1)
    account.fault(path="/crm/v3/objects/contact$", kind="drop_before")
    account.fault(path="/crm/v3/owners$", status=500)


def _change(account: Account) -> None:
    ids = [str(7003 + number) for number in range(1, RENAMED + 1)]
    for start in range(0, RENAMED, 100):
        inputs = [
            {"id": item, "properties": {"dealname": f"Renamed {item}", "amount": "00.50"}}
            for item in ids[start : start + 100]
        ]
        answer = account.call("POST", "/crm/v3/objects/deals/batch/update", {"inputs": inputs})
        assert answer.status_code == 200, answer.text
    for path, values in (
        ("companies/1001", {"phone": ""}),
        ("companies/1002", {"name": "Renamed", "type": "00077"}),
        ("deals/7002", {"dealstage": "closedwon", "amount": "99.99", "closedate": OFFSET}),
    ):
        answer = account.call("PATCH", f"/crm/v3/objects/{path}", {"properties": values})
        assert answer.status_code == 200, answer.text
    new = {"properties": {"name": "New"}}
    assert account.call("POST", "/crm/v3/objects/companies", new).status_code == 201
    for path in ("deals/7001", "companies/1003"):
        assert account.call("DELETE", f"/crm/v3/objects/{path}").status_code == 204


@pytest.fixture(scope="module")
def read(warehouse: Warehouse, open_connector: OpenConnector) -> Iterator[Read]:
    """Read an account that fails now and then, change it, and read it again."""
    with serving_account() as account:
        fill(account)
        account.settings(searches_per_second=1000)  # its 429 without Retry-After waits for long
        real = open_connector(account)
        _disturb(account)
        first = real.sync(warehouse, SOURCE.streams)
        assert account.call("GET", "/__sandbox__/faults").json() == []
        first_calls = account.seen()
        before = {
            name: keyed(warehouse, "hubspot", name, columns) for name, columns in COLUMNS.items()
        }
        account.forget()
        _change(account)
        account.fault(path="/deal/search", status=429, retry_after=1)
        second = real.sync(warehouse, SOURCE.streams)
        yield Read(warehouse, first, second, (first_calls, account.seen()), before)


def test_every_record_comes_once_in_spite_of_429_503_500_and_a_cut_connection(read: Read) -> None:
    counts = {name: count.kept for name, count in read.first.streams.items()}
    history = {name: counts.pop(name) for name in list(counts) if name.endswith("_history")}
    assert counts == {
        "companies": COMPANIES,
        "contacts": 3,
        "deals": DEALS - 1,
        "deals_archived": 1,
        "deal_pipelines": 1,
        "owners": 1,
        "owners_archived": 1,
        "engagements_calls": 1,
        "engagements_emails": 1,
        "engagements_meetings": 1,
        "engagements_tasks": 1,
    }
    assert history["companies_property_history"] > COMPANIES
    assert all(count.rejected == 0 for count in read.first.streams.values())
    assert read.calls[0]["GET /crm/v3/objects/deal"] == 3
    assert read.calls[0]["GET /crm/v3/objects/companies"] == 3


def test_values_are_exact(read: Read) -> None:
    *values, changes = read.before["companies"]["1001"]
    assert values == [
        UNICODE,
        LONG_DIGITS,
        "ab",  # Postgres holds no NUL
        "",  # cleared, which HubSpot tells apart ...
        'line 1\nline "2"\t\\',
        None,  # ... from never set
        Decimal("12345678.25"),
        Decimal(0),
        "00123",
        '["9001"]',
        "2014-01-01 00:00:00+00",
    ]
    assert changes == nul_removed("properties", "properties_domain")
    history = read.rows("companies_property_history", '"companyId", property, value')
    assert ("1001", "phone", LONG_DIGITS) in history
    assert read.before["deals"]["7001"] == (Decimal("0.1"), "2025-12-30 22:00:00+00")
    assert read.rows("engagements_calls", "properties_hs_call_title") == [(UNICODE,)]


def test_a_whole_number_keeps_its_digits_and_one_with_a_fraction_is_read_as_a_double(
    read: Read,
) -> None:
    assert read.before["companies"]["1002"][6] == EXACT
    assert read.before["deals"]["7004"][0] == 2**53 + 2


def test_the_second_sync_searches_for_what_changed_in_pages(read: Read) -> None:
    read_again = read.second.streams["deals"].read
    assert RENAMED + 1 <= read_again < DEALS  # those of the state's very moment come again
    assert read.calls[1]["POST /crm/v3/objects/deal/search"] >= 3
    columns = (
        "id, properties_dealname, properties_amount, properties_dealstage,"
        " properties_closedate::text"
    )
    deals = read.keyed("deals", columns)
    assert len(deals) == DEALS - 1
    assert deals["7004"] == ("Renamed 7004", Decimal("0.50"), "qualifiedtobuy", None)
    assert deals["7002"] == ("Deal 2", Decimal("99.99"), "closedwon", "2025-12-30 22:00:00+00")
    assert deals["7230"][0] == "Deal 230"


def test_companies_come_whole_so_that_an_archived_one_is_missed(read: Read) -> None:
    columns = "id, properties_name, properties_type, properties_phone, contacts"
    companies = read.keyed("companies", columns)
    assert len(companies) == COMPANIES
    assert "1003" not in companies
    assert companies["1002"][:2] == ("Renamed", "00077")
    assert companies["1001"] == (UNICODE, "00123", "", ["9001"])
    assert "New" in {row[0] for row in companies.values()}


def test_changes_leave_their_history(read: Read) -> None:
    stages = read.rows("deals_property_history", '"dealId", property, timestamp, value')
    assert [row[3] for row in stages if row[:2] == ("7002", "dealstage")] == [
        "00123",
        "qualifiedtobuy",
        "closedwon",
    ]
    names = read.rows("companies_property_history", '"companyId", property, timestamp, value')
    assert [row[3] for row in names if row[:2] == ("1002", "name")] == ["Company 2", "Renamed"]


def test_an_archived_deal_is_told_by_its_own_stream(read: Read) -> None:
    archived = read.rows("deals_archived", 'id, archived, "archivedAt" is not null')
    assert archived == [("7001", True, True), ("7003", True, True)]
