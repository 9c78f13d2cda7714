"""A HubSpot account with some records, and the vendor's connector pointed at it."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.sources.hubspot import SOURCE
from connectors.sources.source import VendorSource
from tests.integration.hubspot.conftest import Account
from tests.integration.real_connectors.reading import Connector

COMPANIES = 230  # three pages of a list, five of a list with history, two of a search
START = "2015-01-01T00:00:00Z"
UNICODE = "Zoë 😀 — 日本\u200d\U0001f469"
LONG_DIGITS = "9007199254740993"  # 2^53 + 1
CREATED = "2025-03-05T06:07:08.009Z"

OpenConnector = Callable[[Account], Connector]


def company(number: int, **properties: Any) -> tuple[str, dict[str, Any]]:
    """Return a company to seed; the higher its id, the longer ago it was changed."""
    stamps = {"createdAt": "2024-01-01T00:00:00Z", "updatedAt": f"2024-12-{28 - number % 28:02d}"}
    stamps["updatedAt"] += "T10:00:00.120Z"
    values = {"name": f"Company {number}", **properties}
    return "companies", {"id": str(1000 + number), **stamps, "properties": values}


def deal(number: int, **record: Any) -> tuple[str, dict[str, Any]]:
    """Return a deal to seed."""
    values = {"dealname": f"Deal {number}", "dealstage": "qualifiedtobuy", "pipeline": "default"}
    values |= record.pop("properties", {})
    return "deals", {"id": str(7000 + number), "createdAt": CREATED, **record, "properties": values}


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
    account.seed(company(1, **awkward), *(company(n) for n in range(2, COMPANIES + 1)))
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
def open_connector(connector: Callable[[VendorSource], list[str]]) -> OpenConnector:
    """Return a way to point the installed connector at an account."""
    command = connector(SOURCE)

    def point(account: Account) -> Connector:
        config = {
            "credentials": {
                "credentials_title": "Private App Credentials",
                "access_token": account.token,
            },
            "start_date": START,
        }
        return Connector("hubspot", command, config, {r"api\.hubapi\.com": account.url})

    return point
