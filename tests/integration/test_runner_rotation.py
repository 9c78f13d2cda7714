"""A source that changes its own configuration: its newest token is the one that is used."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from connectors.runner import ConfiguredStream, run_sync
from connectors.runner.rotation import KeptConfig
from tests.integration.runner_help import OVERWRITE, SCRIPTED, stream
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

GIVEN = {"account": "acme", "credentials": {"token": "first-token", "kind": "refresh"}}


def _changed(token: str) -> dict[str, Any]:
    return {**GIVEN, "credentials": {"token": token, "kind": "refresh", "expires": "2030-01-01"}}


def test_a_replaced_token_is_used_until_a_new_one_is_given(tmp_path: Path) -> None:
    KeptConfig("crm", GIVEN, tmp_path).keep(_changed("second-token"))
    again = KeptConfig("crm", GIVEN, tmp_path)
    assert again.current() == _changed("second-token")
    again.keep(_changed("third-token"))
    assert KeptConfig("crm", GIVEN, tmp_path).current()["credentials"]["token"] == "third-token"
    renewed = {**GIVEN, "credentials": {"token": "new-in-the-environment", "kind": "refresh"}}
    found = KeptConfig("crm", renewed, tmp_path).current()
    assert found["credentials"]["token"] == "new-in-the-environment"
    assert KeptConfig("desk", GIVEN, tmp_path).current() == GIVEN


def test_only_its_owner_may_read_the_file_and_it_holds_no_given_token(tmp_path: Path) -> None:
    KeptConfig("crm", GIVEN, tmp_path / "connectors").keep(_changed("second-token"))
    (file,) = (tmp_path / "connectors").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "first-token" not in file.read_text()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "crm.kept.json").write_text('{"half')
    with pytest.raises(CopilotError, match=r"crm\.kept\.json is damaged"):
        KeptConfig("crm", GIVEN, tmp_path)


def test_the_next_sync_gets_what_the_last_one_was_given_in_exchange(
    warehouse: Warehouse, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script, seen = tmp_path / "script.json", tmp_path / "config.json"
    given = {"script": str(script), "config_copy": str(seen), "token": "first-token"}
    config = {**given, "token": "second-token"}
    control = {"type": "CONNECTOR_CONFIG", "connectorConfig": {"config": config}}
    steps = [
        {"message": {"type": "CONTROL", "control": control}},
        {"message": {"type": "LOG", "log": {"level": "ERROR", "message": "not second-token!"}}},
    ]
    script.write_text(json.dumps({"streams": [stream("item", id="string")], "steps": steps}))
    for _ in range(2):
        wanted = [ConfiguredStream("item", OVERWRITE)]
        run_sync(SCRIPTED, given, wanted, warehouse, "rotating", home=tmp_path)
    assert json.loads(seen.read_text())["token"] == "second-token"
    assert "not ****!" in caplog.text
    assert "second-token" not in caplog.text
