"""`copilot doctor` says whether the Airbyte server can be used."""

import uuid

import pytest

from orchestration.cli import doctor
from tests.integration.airbyte.conftest import StandIn
from warehouse.errors import CopilotError


@pytest.fixture(autouse=True)
def named_in_settings(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "load_settings", lambda: stand_in.settings)
    for name, value in stand_in.credentials.items():
        monkeypatch.setenv(name, value)


def test_a_server_that_answers_is_well(stand_in: StandIn) -> None:
    assert [*doctor._airbyte()] == [
        f"{stand_in.settings.airbyte.url} answers;"
        " its workspace is called Stand-in workspace (synthetic)"
    ]


def test_a_workspace_that_is_not_there_is_named(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"workspace_id": str(uuid.UUID(int=7))}
    airbyte = stand_in.settings.airbyte.model_copy(update=nowhere)
    settings = stand_in.settings.model_copy(update={"airbyte": airbyte})
    monkeypatch.setattr(doctor, "load_settings", lambda: settings)
    with pytest.raises(CopilotError, match=r"airbyte\.workspace_id"):
        list(doctor._airbyte())


def test_wrong_credentials_are_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRBYTE_CLIENT_SECRET", "not-the-secret")
    with pytest.raises(CopilotError, match="AIRBYTE_CLIENT_SECRET") as failure:
        list(doctor._airbyte())
    assert "not-the-secret" not in str(failure.value)


def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRBYTE_CLIENT_ID")
    with pytest.raises(CopilotError, match="AIRBYTE_CLIENT_ID"):
        list(doctor._airbyte())
