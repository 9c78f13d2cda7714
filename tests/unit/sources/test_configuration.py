"""Connectors' configurations: from settings and environment, as the connectors' own specs want."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from connectors.sources.registry import VENDORS
from warehouse.errors import CopilotError
from warehouse.settings import Settings

SPECS = Path(__file__).parent / "specs"  # what each pinned connector answers to `spec`
NEEDED: dict[str, dict[str, Any]] = {
    "salesforce": {},
    "zendesk": {"zendesk": {"subdomain": "acme"}},
    "mixpanel": {"mixpanel": {"project_id": 77}},
    "hubspot": {},
    "pipedrive": {},
    "amplitude": {},
    "google_analytics": {"google_analytics": {"property_id": "123"}},
    "stripe": {"stripe": {"account_id": "acct_1Ab"}},
}
WAYS = [(name, names) for name in NEEDED for names in VENDORS[name].credentials]


def settings(name: str, more: dict[str, Any]) -> Settings:
    return Settings.model_validate({"sources": [name], **more})


def secrets(names: tuple[str, ...]) -> dict[str, str]:
    return {name: f"secret of {name}" for name in names}


def values(config: Any) -> list[Any]:
    if isinstance(config, dict):
        return [value for inner in config.values() for value in values(inner)]
    if isinstance(config, list):
        return [value for inner in config for value in values(inner)]
    return [config]


@pytest.mark.parametrize(("name", "names"), WAYS)
def test_a_configuration_is_what_the_connector_s_spec_wants(
    name: str, names: tuple[str, ...]
) -> None:
    vendor, given = VENDORS[name], secrets(names)
    config = vendor.configuration(settings(name, NEEDED[name]), given)
    jsonschema.Draft7Validator(json.loads((SPECS / f"{name}.json").read_text())).validate(config)
    assert set(given.values()) <= set(values(config))
    others = {n for way in vendor.credentials for n in way} - set(names)
    assert not {f"secret of {n}" for n in others} & set(values(config))


@pytest.mark.parametrize(("name", "names"), WAYS)
def test_a_credential_that_is_missing_is_named(name: str, names: tuple[str, ...]) -> None:
    given = secrets(names) | {names[-1]: ""}
    with pytest.raises(CopilotError, match=f"credentials of {name} are not set: .*{names[-1]}"):
        VENDORS[name].configuration(settings(name, NEEDED[name]), given)


@pytest.mark.parametrize("name", [name for name, needed in NEEDED.items() if needed])
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    section, keys = next(iter(NEEDED[name].items()))
    key = next(iter(keys))
    with pytest.raises(CopilotError, match=f"{section}.{key} is missing in the settings") as caught:
        VENDORS[name].configuration(settings(name, {}), secrets(VENDORS[name].credentials[-1]))
    assert caught.value.hint


def test_of_two_ways_to_log_in_the_one_that_was_begun_is_asked_for() -> None:
    zendesk = VENDORS["zendesk"]
    assert zendesk.missing_credentials({}) == (
        "ZENDESK_ACCESS_TOKEN, or ZENDESK_EMAIL, ZENDESK_API_TOKEN"
    )
    assert zendesk.missing_credentials({"ZENDESK_EMAIL": "a@b.c"}) == "ZENDESK_API_TOKEN"
    assert zendesk.missing_credentials({"ZENDESK_ACCESS_TOKEN": "t"}) is None


def test_records_are_read_from_the_beginning_and_events_from_the_start_date() -> None:
    more = {**NEEDED["mixpanel"], "sync": {"start_date": "2025-02-03"}}
    names = VENDORS["mixpanel"].credentials[0]
    config = VENDORS["mixpanel"].configuration(settings("mixpanel", more), secrets(names))
    assert config["start_date"] == "2025-02-03"
    more = {**NEEDED["stripe"], "sync": {"start_date": "2025-02-03"}}
    config = VENDORS["stripe"].configuration(settings("stripe", more), {"STRIPE_SECRET_KEY": "k"})
    assert config["start_date"] == "2000-01-01T00:00:00Z"


def test_salesforce_describes_only_what_is_read() -> None:
    vendor = VENDORS["salesforce"]
    config = vendor.configuration(settings("salesforce", {}), secrets(vendor.credentials[0]))
    asked = [criterion["value"] for criterion in config["streams_criteria"]]
    assert asked == [stream.name for stream in vendor.streams]
