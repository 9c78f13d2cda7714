"""A HubSpot account with some records, and the vendor's connector pointed at it."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.sources.hubspot import SOURCE
from connectors.sources.source import VendorSource
from tests.integration.hubspot.conftest import Account
from tests.integration.real_connectors.reading import Connector
from warehouse.settings import Settings

COMPANIES = 105  # two pages of a list, three of one with history
DEALS = 230
UNICODE = "Zoë 😀 — 日本\u200d\U0001f469"
EXACT = 2**53 + 1
LONG_DIGITS = str(EXACT)
CREATED = "2025-03-05T06:07:08.009Z"

OpenConnector = Callable[[Account], Connector]


def company(number: int, **properties: Any) -> tuple[str, dict[str, Any]]:
    """Return a company to seed, one that nobody has touched for long."""
    values = {"name": f"Company {number}", **properties}
    record = {"id": str(1000 + number), "createdAt": "2014-01-01T00:00:00Z"}
    return "companies", {**record, "properties": values}


def deal(number: int, **record: Any) -> tuple[str, dict[str, Any]]:
    """Return a deal to seed; some of the last ones were changed before the first ones."""
    values = {"dealname": f"Deal {number}", "dealstage": "qualifiedtobuy", "pipeline": "default"}
    values |= record.pop("properties", {})
    stamps = {"createdAt": CREATED, "updatedAt": f"2025-04-{28 - number % 28:02d}T10:00:00.120Z"}
    return "deals", {"id": str(7000 + number), **stamps, **record, "properties": values}


def fill(account: Account) -> None:
    """Seed companies, contacts, deals, activities and owners."""
    awkward = {
        "name": UNICODE,
        "phone": LONG_DIGITS,
        "domain": "a\x00b",
        "city": "",
        "description": 'line 1\nline "2"\t\\',
        "annualrevenue": "12345678.25",
        "numberofemployees": "0",
        "type": "00123",
    }
    account.seed(company(1, **awkward), company(2, annualrevenue=LONG_DIGITS))
    account.seed(*(company(n) for n in range(3, COMPANIES + 1)))
    account.seed(
        *(
            ("contacts", {"id": str(9000 + n), "createdAt": CREATED,
                          "properties": {"email": f"p{n}@example.com"}})
            for n in range(1, 4)
        ),
        ("associations", {"from": ["contacts", "9001"], "to": ["companies", "1001"], "types": [1]}),
        ("associations", {"from": ["companies", "1001"], "to": ["contacts", "9001"], "types": [2]}),
    )  # fmt: skip
    past = [
        {"value": "qualifiedtobuy", "timestamp": CREATED, "sourceType": "CRM_UI"},
        {"value": "00123", "timestamp": "2025-03-01T00:00:00Z", "sourceType": "IMPORT"},
    ]
    account.seed(
        deal(1, properties={"amount": "0.1", "closedate": "2025-12-30T22:00:00Z"}),
        deal(2, propertiesWithHistory={"dealstage": past}),
        deal(3, archived=True, archivedAt="2025-06-01T00:00:00Z"),
        deal(4, properties={"amount": f"{LONG_DIGITS}.5"}),
        *(deal(n) for n in range(5, DEALS + 1)),
    )
    account.seed(
        ("owners", {"id": "5", "email": "csm@example.com", "firstName": "Ada"}),
        ("owners", {"id": "6", "email": "left@example.com", "archived": True}),
    )
    for number, (kind, name) in enumerate(
        (("calls", "hs_call_title"), ("emails", "hs_email_subject"),
         ("meetings", "hs_meeting_title"), ("tasks", "hs_task_subject"))
    ):  # fmt: skip
        values = {"hs_timestamp": CREATED, name: UNICODE}
        account.seed((kind, {"id": str(8000 + number), "createdAt": CREATED, "properties": values}))


@pytest.fixture(scope="session")
def open_connector(
    connector: Callable[[VendorSource], list[str]], settings: Settings
) -> OpenConnector:
    """Return a way to point the installed connector at an account."""
    command = connector(SOURCE)

    def point(account: Account) -> Connector:
        config = SOURCE.configure(settings, {"HUBSPOT_ACCESS_TOKEN": account.token})
        return Connector("hubspot", command, config, {r"api\.hubapi\.com": account.url})

    return point
