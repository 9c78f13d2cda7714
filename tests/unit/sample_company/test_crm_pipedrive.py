"""The synthetic company's Pipedrive records live in the stand-in, with what others wrote there."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.common.serving import serving
from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company
from connectors.sources.sample_company.catalog import Wanted
from connectors.sources.sample_company.config import parse_config
from connectors.sources.sample_company.crm_live import LiveCrm, live_crm
from connectors.sources.sample_company.crm_pipedrive import PipedriveClient
from connectors.sources.sample_company.protocol import Output
from connectors.sources.sample_company.translations import ensure_vendor
from tests.unit.sample_company.conftest import Told, read, told
from warehouse.errors import CopilotError


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Company, str]]:
    pipedrive = Company()
    pipedrive.settings["requests_per_two_seconds"] = 1000
    with serving(build(pipedrive)) as url:
        yield pipedrive, url


@pytest.fixture(scope="module")
def live(served: tuple[Company, str], company: Path) -> LiveCrm:
    pipedrive, url = served
    config = {"emulate": "pipedrive", "crm": "pipedrive", "cache_dir": "unused", "crm_url": url}
    made = live_crm(parse_config({**config, **pipedrive.credentials}))
    assert made is not None
    folder = ensure_vendor(company, "pipedrive", lambda _: None)
    assert made.fill(folder, lambda _: None)
    assert not made.fill(folder, lambda _: None)
    return made


def _read(live: LiveCrm, name: str, state: dict[str, Any] | None = None) -> Told:
    buffer = io.BytesIO()
    is_incremental = name == "activities"
    live.read(Output(buffer), Wanted(name, is_incremental, frozenset()), state or {})
    return told(buffer.getvalue())


@pytest.mark.parametrize("stream", ["organizations", "activities"])
def test_what_is_read_is_what_was_simulated(live: LiveCrm, company: Path, stream: str) -> None:
    on_disk = read(company, "pipedrive", stream, crm="pipedrive").records[stream]
    found = {record["id"]: record for record in _read(live, stream).records[stream]}
    assert len(found) == len({record["id"] for record in on_disk}) > 10
    for record in on_disk:
        other = found[record["id"]]
        owner = other.get("owner_id")
        if isinstance(owner, dict):
            other = {**other, "owner_id": {key: owner[key] for key in record["owner_id"]}}
        assert {key: other[key] for key in record} == record


def test_what_was_written_comes_back_with_the_next_sync(
    served: tuple[Company, str], live: LiveCrm
) -> None:
    pipedrive, url = served
    before = _read(live, "activities")
    client = PipedriveClient(url, pipedrive.credentials["api_token"])
    organization = next(pipedrive.each("organizations"))["id"]
    body = {"subject": "Call", "type": "task", "org_id": organization, "note": "x"}
    answer = client._send("POST", "/api/v2/activities", json=body)
    fresh = _read(live, "activities", before.states()[-1]).records["activities"]
    (made,) = [row for row in fresh if row["id"] == answer.json()["data"]["id"]]
    assert (made["org_id"], made["type"], made["note"]) == (organization, "task", "x")
    assert made["done"] is False
    assert len(fresh) < len(before.records["activities"])


def test_a_field_of_the_company_comes_with_its_key(
    served: tuple[Company, str], live: LiveCrm
) -> None:
    pipedrive, url = served
    client = PipedriveClient(url, pipedrive.credentials["api_token"])
    field = {"field_name": "Verdict", "field_type": "enum", "options": [{"label": "right"}]}
    made = client._send("POST", "/api/v2/organizationFields", json=field).json()["data"]
    organization = next(pipedrive.each("organizations"))["id"]
    option = made["options"][0]["id"]
    body = {"custom_fields": {made["field_code"]: option}}
    client._send("PATCH", f"/api/v2/organizations/{organization}", json=body)
    rows = {row["id"]: row for row in _read(live, "organizations").records["organizations"]}
    assert rows[organization][made["field_code"]] == str(option)
    fields = _read(live, "organization_fields").records["organization_fields"]
    (own,) = [row for row in fields if row["edit_flag"]]
    assert (own["key"], own["name"], own["options"]) == (
        made["field_code"],
        "Verdict",
        [{"id": option, "label": "right"}],
    )


def test_a_wrong_token_is_told(served: tuple[Company, str]) -> None:
    with pytest.raises(CopilotError, match="unauthorized access"):
        PipedriveClient(served[1], "another").count("organizations")
