"""The sync assets of Dagster where `copilot.yml` names an Airbyte server."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import yaml

import connectors.airbyte.session
from orchestration.defs.sync import assets
from orchestration.resources.run import CopilotRun
from tests.integration.airbyte.conftest import QUICK, StandIn, said, walk
from warehouse.database import Warehouse
from warehouse.settings import load_settings

INVOICES = [{"id": "in_1"}, {"id": "in_2"}]
Materialize = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def materialize(
    stand_in: StandIn, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Materialize:
    """Return a function that materializes Stripe's assets as the daily job does."""
    written = stand_in.settings.model_dump(
        mode="json", include={"sources", "airbyte", "schema_prefix"}
    )
    (tmp_path / "copilot.yml").write_text(yaml.safe_dump(written))
    monkeypatch.setenv("COPILOT_SETTINGS", str(tmp_path / "copilot.yml"))
    for name, value in stand_in.credentials.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(connectors.airbyte.session, "Patience", lambda: QUICK)
    monkeypatch.setattr(assets, "_RETRY", dg.RetryPolicy(max_retries=1, delay=0))
    stand_in.offer("stripe", records={"invoices": INVOICES})
    walk(stand_in, warehouse, applies=True)

    def run(*, full_refresh: bool = False) -> dg.ExecuteInProcessResult:
        asset = assets.build_sync_asset("stripe", load_settings())
        return dg.materialize(
            [asset],
            resources={"run": CopilotRun(full_refresh=full_refresh)},
            raise_on_error=False,
        )

    return run


def _failure(result: dg.ExecuteInProcessResult) -> str:
    event = next(event for event in result.all_events if event.event_type_value == "STEP_FAILURE")
    data = event.step_failure_data
    assert data.user_failure_data is not None
    return str(data.user_failure_data.description)


def _retries(result: dg.ExecuteInProcessResult) -> int:
    return sum(event.event_type_value == "STEP_RESTARTED" for event in result.all_events)


def test_the_assets_hold_the_rows_that_the_server_wrote(materialize: Materialize) -> None:
    result = materialize()
    assert result.success
    events = result.asset_materializations_for_node("sync_stripe")
    counts = {event.asset_key.path[-1]: event.metadata["records"].value for event in events}
    assert counts == dict.fromkeys(["customers", "products", "prices", "subscriptions"], 0) | {
        "invoices": 2
    }


def test_an_attempt_that_the_server_repeats_is_no_failure(
    materialize: Materialize, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.script("pending", "incomplete", "succeeded", rows=2)
    assert materialize().success
    shown = capsys.readouterr().out
    assert "sync stripe: job 1: an attempt failed, the server tries again" in shown
    assert "sync stripe: 2 rows written by the Airbyte server" in shown


def test_a_failed_job_fails_the_step_with_source_and_cause_and_no_second_try(
    materialize: Materialize, stand_in: StandIn
) -> None:
    stand_in.script("failed", failures=[said("Expired API Key provided")])
    result = materialize()
    assert not result.success
    assert "The sync of stripe failed on the Airbyte server (job 1): Expired API Key" in _failure(
        result
    )
    assert _retries(result) == 0


def test_a_job_beyond_the_limit_is_cancelled_and_fails_the_step(
    materialize: Materialize, stand_in: StandIn
) -> None:
    stand_in.script("running", age_seconds=7 * 3600)
    result = materialize()
    assert "did not end within 360 minutes" in _failure(result)
    assert [job["status"] for job in stand_in.api("GET", "jobs")["data"]] == ["cancelled"]


def test_a_server_that_is_down_is_tried_again_and_then_named(
    materialize: Materialize, stand_in: StandIn
) -> None:
    stand_in.fault("/token$|/connections$", status=503, times=999)
    result = materialize()
    assert not result.success
    assert f"The Airbyte server at {stand_in.server.base_url} does not answer" in _failure(result)
    assert _retries(result) == 1


def test_wrong_credentials_are_named_and_not_tried_again(
    materialize: Materialize, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRBYTE_CLIENT_SECRET", "another")
    result = materialize()
    assert "does not accept AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET" in _failure(result)
    assert _retries(result) == 0


def test_a_full_refresh_of_the_run_refreshes_on_the_server(
    materialize: Materialize, stand_in: StandIn
) -> None:
    assert materialize(full_refresh=True).success
    assert [job["jobType"] for job in stand_in.api("GET", "jobs")["data"]] == ["refresh"]
