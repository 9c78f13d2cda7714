"""Airbyte's own HubSpot connector, through the runner, from the stand-in into Postgres."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from connectors.runner import ConfiguredStream, SyncResult
from connectors.sources.hubspot import SOURCE
from tests.integration.hubspot.conftest import Account, serving_account
from tests.integration.real_connectors.hubspot.conftest import (
    COMPANIES,
    LONG_DIGITS,
    UNICODE,
    OpenConnector,
    fill,
)
from tests.integration.real_connectors.reading import Connector
from tests.integration.runner_help import table
from warehouse.database import Warehouse

RENAMED = 205  # more than a search's page


@dataclass
class Read:
    """What two syncs did, and the calls that each took."""

    account: Account
    real: Connector
    warehouse: Warehouse
    first: SyncResult
    second: SyncResult
    calls: tuple[dict[str, int], dict[str, int]]

    def rows(self, name: str, columns: str) -> list[tuple[Any, ...]]:
        return table(self.warehouse, "hubspot", name, columns)


def _disturb(account: Account) -> None:
    account.fault(path="/crm/v3/objects/company$", status=429, retry_after=1)
    account.fault(path="/crm/v3/objects/company$", status=503, skip=1, retry_after=1)
    account.fault(path="/crm/v3/objects/contact$", kind="drop_before")
    account.fault(path="/crm/v3/owners$", status=500)


def _change(account: Account) -> None:
    ids = [str(1001 + number) for number in range(1, RENAMED + 1)]
    for start in range(0, RENAMED, 100):
        inputs = [
            {"id": item, "properties": {"name": f"Renamed {item}", "type": "00077"}}
            for item in ids[start : start + 100]
        ]
        answer = account.call("POST", "/crm/v3/objects/companies/batch/update", {"inputs": inputs})
        assert answer.status_code == 200, answer.text
    for path, values in (
        ("companies/1001", {"phone": ""}),
        ("deals/7002", {"dealstage": "closedwon", "amount": "99.99"}),
    ):
        answer = account.call("PATCH", f"/crm/v3/objects/{path}", {"properties": values})
        assert answer.status_code == 200, answer.text
    new = {"properties": {"name": "New"}}
    assert account.call("POST", "/crm/v3/objects/companies", new).status_code == 201
    for path in ("deals/7001", f"companies/{1000 + COMPANIES}"):
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
        account.forget()
        _change(account)
        account.fault(path="/company/search", status=429, retry_after=1)
        second = real.sync(warehouse, SOURCE.streams)
        yield Read(account, real, warehouse, first, second, (first_calls, account.seen()))


def test_every_record_comes_once_in_spite_of_429_503_500_and_a_cut_connection(read: Read) -> None:
    counts = {name: count.kept for name, count in read.first.streams.items()}
    history = {name: counts.pop(name) for name in list(counts) if name.endswith("_history")}
    assert counts == {
        "companies": COMPANIES,
        "contacts": 3,
        "deals": 2,
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
    assert read.calls[0]["GET /crm/v3/objects/company"] >= 3
    assert read.calls[0]["GET /crm/v3/objects/companies"] == 5


def test_values_are_exact(read: Read) -> None:
    columns = (
        "properties_name, properties_domain, properties_city, properties_description,"
        " properties_country, properties_annualrevenue, properties_numberofemployees,"
        ' properties_type, contacts::text, "createdAt"::text'
    )
    found = [row for row in read.rows("companies", columns) if row[0] == UNICODE]
    assert found == [
        (
            UNICODE,
            "ab",  # Postgres holds no NUL
            "",  # cleared, which HubSpot tells apart ...
            'line 1\nline "2"\t\\',
            None,  # ... from never set
            Decimal("12345678.25"),
            Decimal(0),
            "00123",
            '["9001"]',
            "2024-01-01 00:00:00+00",
        )
    ]
    history = read.rows("companies_property_history", '"companyId", property, value')
    assert ("1001", "phone", LONG_DIGITS) in history
    deals = read.rows("deals", "id, properties_amount, properties_closedate::text")
    assert deals[0] == ("7001", Decimal("0.1"), "2025-12-30 22:00:00+00")
    assert read.rows("engagements_calls", "properties_hs_call_title") == [(UNICODE,)]


def test_a_lost_nul_is_told(read: Read) -> None:
    changes = read.rows("companies", "id, (_airbyte_meta -> 'changes')::text")
    assert [row[0] for row in changes if "properties_domain" in row[1]] == ["1001"]


def test_the_second_sync_searches_for_what_changed_in_pages(read: Read) -> None:
    changed = RENAMED + 2  # and the one with its phone cleared, and the new one
    read_again = read.second.streams["companies"].read
    assert read_again >= changed
    assert read_again < COMPANIES  # those changed at the very moment of the state come again
    assert read.calls[1]["POST /crm/v3/objects/company/search"] >= 3
    assert read.second.streams["contacts"].read <= 3
    names = dict(read.rows("companies", "id, properties_name"))
    assert len(names) == COMPANIES + 1
    assert names["1002"] == "Renamed 1002"
    assert sorted(names.values())[-1] == UNICODE
    assert "New" in names.values()
    phones = dict(read.rows("companies", "id, properties_phone"))
    assert phones["1001"] == ""
    contacts = dict(read.rows("companies", "id, contacts::text"))
    assert contacts["1001"] == '["9001"]'


def test_changes_leave_their_history(read: Read) -> None:
    stages = read.rows("deals_property_history", '"dealId", property, timestamp, value')
    assert [row[3] for row in stages if row[:2] == ("7002", "dealstage")] == [
        "00123",
        "qualifiedtobuy",
        "closedwon",
    ]
    assert dict(read.rows("deals", "id, properties_dealstage"))["7002"] == "closedwon"


def test_an_archived_deal_is_told_by_its_own_stream(read: Read) -> None:
    archived = read.rows("deals_archived", 'id, archived, "archivedAt" is not null')
    assert archived == [("7001", True, True), ("7003", True, True)]


def test_an_archived_company_goes_with_the_next_full_refresh(read: Read) -> None:
    gone = str(1000 + COMPANIES)
    assert gone in dict(read.rows("companies", "id, archived"))
    read.real.sync(read.warehouse, [ConfiguredStream("companies")], refresh=True)
    left = dict(read.rows("companies", "id, archived"))
    assert gone not in left
    assert len(left) == COMPANIES
