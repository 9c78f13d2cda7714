"""The synthetic company's HubSpot records live in the stand-in, with what others wrote there."""

import io
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.info import SandboxInfo
from connectors.sandbox.process import ensure_running, running, stop
from connectors.sources.sample_company.catalog import Wanted
from connectors.sources.sample_company.crm_hubspot import (
    HubspotClient,
    describe_streams,
    fill_if_empty,
    read_live_stream,
)
from connectors.sources.sample_company.protocol import Output
from connectors.sources.sample_company.translations import ensure_vendor
from tests.unit.sample_company.conftest import Told, read, told
from warehouse.errors import CopilotError


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    yield folder
    stop(folder)


@pytest.fixture(scope="module")
def account(home: Path, company: Path) -> SandboxInfo:
    info = ensure_running(home, "hubspot")
    folder = ensure_vendor(company, "hubspot", lambda _: None)
    assert fill_if_empty(_client(info), folder, lambda _: None)
    assert not fill_if_empty(_client(info), folder, lambda _: None)
    return info


def _client(info: SandboxInfo) -> HubspotClient:
    return HubspotClient(info.url, info.credentials["access_token"])


def _read(client: HubspotClient, name: str, state: dict[str, Any] | None = None) -> Told:
    buffer = io.BytesIO()
    read_live_stream(Output(buffer), client, Wanted(name, True, frozenset()), state or {})
    return told(buffer.getvalue())


def _alike(records: list[dict[str, Any]], names: set[str]) -> dict[str, dict[str, Any]]:
    """Index records by id, with the properties that both ways of reading them give."""
    return {
        record["id"]: {
            **{key: value for key, value in record.items() if not key.startswith("properties")},
            **{name: record["properties"].get(name) for name in names},
        }
        for record in records
    }


@pytest.mark.parametrize("stream", ["companies", "engagements_tasks"])
def test_what_is_read_is_what_was_simulated(
    account: SandboxInfo, company: Path, stream: str
) -> None:
    on_disk = read(company, "hubspot", stream, crm="hubspot").records[stream]
    live = _read(_client(account), stream).records[stream]
    names = set(on_disk[0]["properties"])
    assert len(live) == len({record["id"] for record in on_disk}) > 10
    assert _alike(live, names) == _alike(on_disk, names)
    first = live[0]
    assert first["properties_hs_object_id"] == first["properties"]["hs_object_id"]
    assert str(first["properties"]["hs_object_id"]) == first["id"]


def test_what_was_written_comes_back_with_the_next_sync_though_the_process_was_killed(
    home: Path, account: SandboxInfo
) -> None:
    client = _client(account)
    before = _read(client, "engagements_tasks")
    company_id = _read(client, "companies").records["companies"][0]["id"]
    group = {"name": "grp", "label": "Group"}
    _send(client, "POST", "properties/companies/groups", group)
    score = {"name": "copilot_score", "label": "Score", "type": "number", "fieldType": "number"}
    _send(client, "POST", "properties/companies", {**score, "groupName": "grp"})
    change = {"properties": {"copilot_score": "71.5"}}
    _send(client, "PATCH", f"objects/companies/{company_id}", change)
    link = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}
    task = {
        "properties": {"hs_timestamp": "2026-03-29T12:00:00Z", "hs_task_subject": "Call"},
        "associations": [{"to": {"id": company_id}, "types": [link]}],
    }
    _send(client, "POST", "objects/tasks", task)
    os.kill(account.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while running(home, "hubspot") is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    again = ensure_running(home, "hubspot")
    assert (again.url, again.credentials) == (account.url, account.credentials)
    client = _client(again)
    rows = {row["id"]: row for row in _read(client, "companies").records["companies"]}
    assert rows[company_id]["properties_copilot_score"] == 71.5
    state = before.states()[-1]
    fresh = _read(client, "engagements_tasks", state).records["engagements_tasks"]
    made = [row for row in fresh if row["properties_hs_task_subject"] == "Call"]
    assert [row["companies"] for row in made] == [[company_id]]
    assert len(fresh) < len(before.records["engagements_tasks"])
    described = {one["name"]: one["json_schema"] for one in describe_streams(client)}
    assert described["companies"]["properties"]["properties_copilot_score"] == {
        "type": ["null", "number"]
    }


def _send(client: HubspotClient, method: str, path: str, body: dict[str, Any]) -> None:
    answer = client._send(method, f"/crm/v3/{path}", json=body)
    assert answer.ok, answer.text


def test_a_wrong_token_is_told(account: SandboxInfo) -> None:
    with pytest.raises(CopilotError, match="INVALID_AUTHENTICATION"):
        HubspotClient(account.url, "pat-na1-wrong").count("companies")
