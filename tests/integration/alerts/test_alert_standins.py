"""A sample company's alerts go to stand-ins of Slack and Teams, which start by themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.sandbox.process import ensure_running, stop
from orchestration.resources.alert_standins import alert_standins
from orchestration.resources.alerts import openers, send_alerts
from tests.integration.alerts.conftest import OWNER, TEAM, TEAMS, Office
from warehouse.alert_settings import AlertSettings
from warehouse.settings import Settings

SALES = {"name": "sales", "channel": "teams", "to": "sales"}
BY_ID = {"name": "duty", "channel": "slack", "to": "C0123456789"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a home of its own, without credentials in the environment."""
    monkeypatch.setenv("COPILOT_HOME", str(tmp_path))
    for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL", "TEAMS_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    stop(tmp_path)


def company(*routes: dict[str, Any], **settings: Any) -> Settings:
    """Return the settings of a sample company with these routes."""
    given: dict[str, Any] = {"sample_company": True, "sources": ["salesforce"], **settings}
    alerts = AlertSettings.model_validate({"routes": routes, "missed_run_hours": 0})
    return Settings(company_name="Sample (synthetic)", alerts=alerts, **given)


def pages(home: Path, name: str) -> str:
    return requests.get(ensure_running(home, name).url, timeout=10).text


def test_alerts_of_a_sample_company_arrive_and_are_kept(home: Path, office: Office) -> None:
    settings = company(TEAM, OWNER, TEAMS, SALES, BY_ID)
    office.alerts({"alert_id": "old", "account_id": "a0", "state": "closed"})
    send_alerts(office.warehouse, settings)
    office.alerts({})
    result = send_alerts(office.warehouse, settings)
    assert (result.problems, office.states()) == ([], ["sent"] * 5)
    slack = pages(home, "slack")
    assert [name in slack for name in ("#customers", "to ann", "#c0123456789")] == [True] * 3
    assert slack.count("<article>") == 3
    assert pages(home, "teams").count("<article>") == 2
    stop(home)
    assert pages(home, "slack").count("<article>") == 3
    assert pages(home, "teams").count("<article>") == 2


def test_what_is_named_as_real_has_no_stand_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert alert_standins(company(sample_company=False)) == {}
    assert alert_standins(company()) == {}
    assert alert_standins(company(TEAM, sample_company=False)) == {}
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-real")
    monkeypatch.setenv("TEAMS_WEBHOOK_URL_SALES", "https://example.com")
    assert alert_standins(company(TEAM, SALES)) == {}
    monkeypatch.delenv("TEAMS_WEBHOOK_URL_SALES")
    assert list(alert_standins(company(TEAM, SALES))) == ["teams"]
    assert "TEAMS_WEBHOOK_URL_SALES" in openers(company(SALES))["teams"]().check()
