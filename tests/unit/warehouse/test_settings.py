"""`copilot.yml` is read strictly, and a mistake is named by its key."""

from pathlib import Path

import pytest

from warehouse.errors import CopilotError
from warehouse.settings import PROJECT_ROOT, load_settings


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "copilot.yml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sources: [app]\nchurn: {horizon_days: soon}", "churn.horizon_days"),
        ("sources: [app]\nchurn: {horizon: 90}", "churn.horizon"),
        ("sources: [app]\nsorces: [x]", "sorces"),
        ("sources: []", "sources"),
        ("crm: none", "sources"),
        ("sources: [app, app]", "sources"),
        ("sources: [excel]", "sources.0"),
        ("sources: [app]\ncrm: salesforce", "crm"),
        ("sources: [app]\nreporting_timezone: Berlin", "reporting_timezone"),
        ("sources: [app]\nreporting_currency: euro", "reporting_currency"),
        ("sources: [app]\nschema_prefix: 'drop table;'", "schema_prefix"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(CopilotError, match=named):
        load_settings(write(tmp_path, text))


@pytest.mark.parametrize("text", ["", "- a\n- b", "sources: [app", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CopilotError, match="copilot.yml"):
        load_settings(write(tmp_path, text))


def test_an_absent_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CopilotError, match="COPILOT_SETTINGS"):
        load_settings(tmp_path / "none.yml")


def test_the_schema_prefix_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_SCHEMA_PREFIX", "ci_7_")
    assert load_settings(write(tmp_path, "sources: [app]")).schema_prefix == "ci_7_"


def test_the_shipped_settings_are_valid_and_synthetic() -> None:
    settings = load_settings(PROJECT_ROOT / "copilot.yml")
    assert settings.sample_company
    assert "synthetic" in settings.company_name


def test_an_airbyte_server_does_not_read_the_synthetic_company(tmp_path: Path) -> None:
    text = "sources: [stripe]\nsample_company: true\nairbyte: {url: 'http://localhost:8000'}\n"
    with pytest.raises(CopilotError, match=r"airbyte\.url: the synthetic company is read on this"):
        load_settings(write(tmp_path, text))


def test_a_source_that_does_not_exist_leaves_the_others(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "sources: [app, zendsk, excel]\ncrm: zendsk"))
    assert settings.sources == ["app"]
    assert settings.unknown_sources == ("zendsk", "excel")
    assert settings.crm == "none"
    with pytest.raises(CopilotError, match=r"'zendsk', 'excel'\. Did you mean zendesk\?"):
        settings.require_known_sources()
    load_settings(write(tmp_path, "sources: [app]")).require_known_sources()
