"""`copilot alerts`, the asset of the daily job and the sensor: each does the same passes."""

from pathlib import Path

import click
import dagster as dg
import pytest
import yaml
from click.testing import CliRunner

from orchestration.cli.main import cli
from orchestration.defs.alerts.assets import alert_messages
from orchestration.defs.alerts.sensors import alert_watch
from orchestration.resources.alerts import tell_of_run
from orchestration.resources.run import CopilotRun
from tests.integration.alerts.conftest import MAIL, TEAM, TEAMS, Office
from warehouse.database import Role
from warehouse.errors import CopilotError

OPENED = "[high] New: Acme: An urgent ticket is open"


@pytest.fixture
def installed(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Set the office up as an installation: settings in a file, secrets in the environment."""
    settings = {
        "company_name": "Test company (synthetic)",
        "sources": ["app"],
        "as_of_date": "2026-06-30",
        "alerts": {"routes": [TEAM, TEAMS, MAIL], "missed_run_hours": 0},
    }
    (tmp_path / "copilot.yml").write_text(yaml.safe_dump(settings))
    monkeypatch.setenv("COPILOT_SETTINGS", str(tmp_path / "copilot.yml"))
    monkeypatch.setenv("COPILOT_SCHEMA_PREFIX", office.warehouse.schema_prefix)
    monkeypatch.setenv("COPILOT_DATABASE_URL", office.warehouse.url())
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)
    office.begin(TEAM, TEAMS, MAIL)
    office.alerts({})
    marts = office.warehouse.schema("marts")
    with office.warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(
            f'create table if not exists "{marts}".dim_account'
            " (account_id text primary key, account_name text)".encode()
        )
        connection.execute(
            f"insert into \"{marts}\".dim_account values ('a1', 'Acme'), ('a2', 'Bolt'),"
            " ('a3', 'Bolt') on conflict do nothing".encode()
        )
    return office


def said(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["alerts", *arguments])
    if isinstance(result.exception, (CopilotError, click.ClickException)):
        return str(result.exception)
    assert result.exception is None, result.exception
    return result.output


def test_what_is_due_is_sent_and_shown_by_command(installed: Office) -> None:
    assert "1 email sent, 1 slack sent, 1 teams sent" in said("send")
    assert "nothing to send" in said("send")
    assert installed.in_slack() == installed.in_teams() == installed.in_mail() == [OPENED]
    assert "alert-1  high  Acme: An urgent ticket is open" in said("list")
    assert "taken on by ann" in said("ack", "alert-1", "--by", "ann")


def test_an_account_is_muted_by_its_name_and_a_rule_by_its(installed: Office) -> None:
    assert "muted until 2027-01-31" in said(
        "mute", "acme", "--until", "2027-01-31", "--reason", "Known.", "--by", "ann"
    )
    assert "muted" in said("mute", "band_change", "--reason", "Too many.", "--by", "ann")
    assert "a1 until 2027-01-31, by ann: Known." in said("list")
    said("send")
    assert installed.states() == ["muted"] * 3
    assert "not muted any more" in said("unmute", "a1", "--by", "ann")
    assert "2 accounts are called 'Bolt'" in said("mute", "Bolt", "--reason", "Known.")
    assert "neither an account nor a rule" in said("mute", "Nobody", "--reason", "Known.")
    assert "has passed" in said("mute", "a1", "--reason", "Known.", "--until", "2020-01-01")


def test_a_channel_is_tried_with_a_message_of_its_own(installed: Office) -> None:
    tried = said("test", "slack")
    assert "scopes: chat:write" in tried and "team: sent" in tried
    assert installed.in_slack() == ["[info] Test of the copilot's alerts"]
    assert "localhost" in said("test", "email") and len(installed.in_mail()) == 1
    assert "TEAMS_WEBHOOK_URL set" in said("test", "teams") and len(installed.in_teams()) == 1
    assert installed.states() == []


def test_the_daily_job_tells_and_a_failing_channel_does_not_fail_it(installed: Office) -> None:
    installed.slack.fault("chat.postMessage", status=500)
    done = dg.materialize([alert_messages], resources={"run": CopilotRun()})
    assert done.success
    [told] = done.asset_materializations_for_node("alerts__messages")
    assert "Slack failed (HTTP 500" in str(told.metadata["problems"].value)
    assert installed.in_teams() == installed.in_mail() == [OPENED]


def test_a_run_for_a_date_before_the_published_one_tells_nothing(installed: Office) -> None:
    table = f'"{installed.warehouse.schema("ops")}".run'
    with installed.warehouse.connect() as connection:
        connection.execute(
            f"insert into {table} (run_id, as_of_date, started_at, finished_at, status)"
            " values ('r0', '2026-06-30', now(), now(), 'published')".encode()
        )
    run = CopilotRun(as_of="2026-06-29")
    done = dg.materialize([alert_messages], resources={"run": run}, raise_on_error=False)
    assert not done.success
    assert installed.states() == []


def test_the_sensor_sends_what_is_due_between_runs(installed: Office) -> None:
    skipped = alert_watch(dg.build_sensor_context())
    assert isinstance(skipped, dg.SkipReason)
    assert "1 slack sent" in str(skipped.skip_message)
    assert installed.in_slack() == [OPENED]


def test_a_run_that_failed_is_told_even_if_nothing_else_worked(installed: Office) -> None:
    table = f'"{installed.warehouse.schema("ops")}".run'
    with installed.warehouse.connect() as connection:
        connection.execute(
            f"insert into {table} (run_id, as_of_date, started_at, status)"
            " values ('r1', '2026-06-30', now(), 'running')".encode()
        )
    lines = tell_of_run("r1", "dbt_foundation")
    assert "2 slack sent" in lines[0]
    assert "[high] New: The copilot's run has failed" in installed.in_slack()
    assert "failed at dbt_foundation" in installed.everything_sent()
    assert "nothing to send" in tell_of_run("r1", None)[0]
