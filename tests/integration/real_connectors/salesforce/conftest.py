"""An org with a few records, and the vendor's connector pointed at it."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.salesforce.ids import make_id
from connectors.sources.salesforce import SOURCE
from connectors.sources.source import VendorSource
from tests.integration.real_connectors.reading import Connector
from tests.integration.salesforce.conftest import Sandbox
from warehouse.settings import Settings

ACCOUNTS, DEALS, TASKS = 8, 7, 4
UNICODE = "Zoë 😀 — 日本\u200d\U0001f469"
EXACT = 2**53 + 1
LONG_DIGITS = str(EXACT)
ROUNDED = 2**53  # Salesforce's own types of numbers are doubles
SECOND = "2025-03-05T06:07:08.000+0000"

OpenConnector = Callable[..., Connector]


def _changed(number: int) -> str:
    return f"2025-{number:02d}-10T00:00:00+02:00"


def account(number: int, **values: Any) -> tuple[str, dict[str, Any]]:
    """Return an account to seed, last changed in the month of its number."""
    stamps = {"CreatedDate": SECOND, "SystemModstamp": _changed(number)}
    return "Account", {"Id": make_id("001", number), "Name": f"Acme {number}", **stamps, **values}


def deal(number: int, **values: Any) -> tuple[str, dict[str, Any]]:
    """Return an opportunity to seed, last changed in the month of its number."""
    own = {
        "StageName": "Prospecting",
        "CloseDate": "2025-12-31",
        "SystemModstamp": _changed(number),
    }
    return "Opportunity", {
        "Id": make_id("006", number),
        "Name": f"Deal {number}",
        "AccountId": make_id("001", 1),
        **own,
        **values,
    }


def fill(org: Sandbox) -> None:
    """Seed accounts (read through REST), deals and tasks (read through Bulk API)."""
    awkward = {
        "Name": UNICODE,
        "BillingPostalCode": "00123",
        "Phone": LONG_DIGITS,
        "Description": 'line 1\nline "2"\t\\ nul[\x00]',
        "AnnualRevenue": 12345678.25,
        "NumberOfEmployees": 0,
        "Website": "",
        "CreatedDate": "2025-03-05T08:07:08+02:00",
    }
    org.seed(account(1, **awkward), account(2, AnnualRevenue=EXACT))
    org.seed(*(account(n) for n in range(3, ACCOUNTS + 1)))
    org.seed(
        deal(1, Name=UNICODE, NextStep="00123", Description="NA", Amount=12345678.25),
        deal(2, NextStep="a\x00b", Amount=0.1, Description='"x", y\nz'),
        deal(3, IsDeleted=True),
        *(deal(n, NextStep=LONG_DIGITS, Amount=EXACT) for n in range(4, DEALS + 1)),
    )
    org.seed(
        *(
            ("Task", {"Id": make_id("00T", n), "Subject": "Call", "SystemModstamp": SECOND})
            for n in range(1, TASKS + 1)
        )
    )
    org.set_limits(query_page_size=3, bulk_page_size=3)


@pytest.fixture(scope="session")
def open_connector(
    connector: Callable[[VendorSource], list[str]], settings: Settings
) -> OpenConnector:
    """Return a way to point the installed connector at an org."""
    command = connector(SOURCE)

    def point(org: Sandbox, **changes: Any) -> Connector:
        secrets = {
            "SALESFORCE_CLIENT_ID": org.info.credentials["client_id"],
            "SALESFORCE_CLIENT_SECRET": org.info.credentials["client_secret"],
            "SALESFORCE_REFRESH_TOKEN": org.info.credentials["refresh_token"],
        }
        config = {**SOURCE.configure(settings, secrets), **changes}
        hosts = {r"[a-z0-9.-]+\.salesforce\.com": org.info.url}
        return Connector("salesforce", command, config, hosts)

    return point
