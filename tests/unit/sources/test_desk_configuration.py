"""What settings and environment make of the configuration of Intercom and Freshdesk.

`specs/` holds the connection specifications of the pinned connectors, without their texts.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from connectors.sources.registry import VENDORS
from connectors.sources.source import BEGINNING
from warehouse.errors import CopilotError
from warehouse.settings import FreshdeskSettings, Settings, SyncSettings

SPECS = Path(__file__).parent / "specs"
SECRETS = {"INTERCOM_ACCESS_TOKEN": "token-of-intercom", "FRESHDESK_API_KEY": "key-of-freshdesk"}
SETTINGS = Settings(
    sources=["intercom", "freshdesk"],
    sync=SyncSettings(start_date=dt.date(2024, 2, 29)),
    freshdesk=FreshdeskSettings(domain="example.freshdesk.com"),
)


@pytest.mark.parametrize(
    ("vendor", "rest"),
    [
        ("intercom", {"access_token": "token-of-intercom", "lookback_window": 36_500}),
        ("freshdesk", {"api_key": "key-of-freshdesk", "domain": "example.freshdesk.com"}),
    ],
)
def test_a_configuration_fits_the_connectors_specification(
    vendor: str, rest: dict[str, Any]
) -> None:
    made = VENDORS[vendor].configure(SETTINGS, SECRETS)
    schema = json.loads((SPECS / f"{vendor}.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(made)] == []
    assert made == {**rest, "start_date": BEGINNING}
    assert made.keys() <= schema["properties"].keys()
    del made[next(iter(rest))]
    assert not validator.is_valid(made)


@pytest.mark.parametrize("vendor", ["intercom", "freshdesk"])
def test_the_credentials_named_are_those_that_are_used(vendor: str) -> None:
    used: set[str] = set()

    class Noted(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.add(key)
            return super().__getitem__(key)

    VENDORS[vendor].configure(SETTINGS, Noted(SECRETS))
    assert used == {name for names in VENDORS[vendor].credentials for name in names}


def test_a_desk_without_an_address_is_told_which_key_is_missing() -> None:
    with pytest.raises(CopilotError, match=r"freshdesk\.domain is missing"):
        VENDORS["freshdesk"].configure(Settings(sources=["freshdesk"]), SECRETS)


@pytest.mark.parametrize("domain", ["example", "https://example.freshdesk.com", "example.com"])
def test_an_address_that_is_no_desk_is_refused(domain: str) -> None:
    with pytest.raises(ValidationError, match="freshdesk"):
        FreshdeskSettings(domain=domain)
