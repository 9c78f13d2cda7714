"""What `copilot.yml` may say of alerts: a wrong key is named."""

import csv
from pathlib import Path
from typing import get_args

import pytest
import yaml

from warehouse.alert_settings import Rule
from warehouse.errors import CopilotError
from warehouse.settings import PROJECT_ROOT, load_settings

OF_RUNS = {"run_failed", "run_missed"}


def loaded(folder: Path, alerts: str) -> object:
    (folder / "copilot.yml").write_text(f"sources: [app]\nalerts: {alerts}")
    return load_settings(folder / "copilot.yml").alerts


def test_the_rules_of_the_settings_are_those_of_the_seed() -> None:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "alert_rule.csv").open() as file:
        seeded = {row["rule"] for row in csv.DictReader(file)}
    assert set(get_args(Rule)) == seeded | OF_RUNS


@pytest.mark.parametrize(
    ("alerts", "named"),
    [
        ("{routes: [{name: a, channel: fax}]}", "alerts.routes.0.channel"),
        ("{routes: [{name: a, channel: slack, to: customers}]}", "to: for slack it is owner"),
        ("{routes: [{name: a, channel: email, to: nobody}]}", "to: for email it is"),
        ("{routes: [{name: a, channel: teams, to: owner@x.example}]}", "to: for teams it is"),
        ("{routes: [{name: a, channel: email, to: owner, otherwise: owner}]}", "otherwise"),
        ("{routes: [{name: a, channel: teams}, {name: a, channel: teams}]}", "the same name"),
        ("{rules: {no_such_rule: {enabled: false}}}", "alerts.rules.no_such_rule"),
        ("{rules: {score_drop: {severity: worst}}}", "alerts.rules.score_drop.severity"),
        ("{rules: {score_drop: {routes: [nowhere]}}}", "there is no route 'nowhere'"),
        ("{quiet_hours: 22-7}", "alerts.quiet_hours"),
        ('{quiet_hours: "07:00-07:00"}', "at the same time"),
        ('{digest_at: "24:00"}', "alerts.digest_at"),
        ("{personal_data: all}", "alerts.personal_data"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, alerts: str, named: str) -> None:
    with pytest.raises(CopilotError) as refused:
        loaded(tmp_path, alerts)
    assert named in str(refused.value)


def test_an_hour_that_yaml_takes_for_minutes_is_the_hour(tmp_path: Path) -> None:
    read = loaded(tmp_path, "{digest_at: 10:30, quiet_hours: 22:00-07:00}")
    assert (read.digest_at, read.quiet_hours) == ("10:30", "22:00-07:00")  # type: ignore[attr-defined]


def test_the_example_of_the_readme_is_valid(tmp_path: Path) -> None:
    text = (PROJECT_ROOT / "README.md").read_text()
    shown = text[text.index("    alerts:\n") :].split("\n\n")[0]
    lines = "\n".join(line.removeprefix("    ") for line in shown.splitlines())
    assert yaml.safe_load(lines)["alerts"]["routes"]
    (tmp_path / "copilot.yml").write_text(f"sources: [app]\n{lines}")
    assert len(load_settings(tmp_path / "copilot.yml").alerts.routes) == 4
