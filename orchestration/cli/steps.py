"""What the commands do: prepare the instance, launch a Dagster job, say where to look."""

import datetime as dt
import logging
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from warehouse.database import Warehouse, open_warehouse
from warehouse.errors import CopilotError
from warehouse.migrations import migrate
from warehouse.settings import PROJECT_ROOT, Settings, copilot_home, load_settings

if TYPE_CHECKING:
    import dagster as dg


def prepare() -> tuple[Settings, Warehouse]:
    """Read the settings, open and migrate the warehouse, make dbt's manifest and Dagster's home."""
    from orchestration.resources.dbt import ensure_manifest  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    migrate(warehouse, settings)
    ensure_manifest(warehouse, settings)
    home = copilot_home() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    write_dagster_yaml(home)
    os.environ["DAGSTER_HOME"] = str(home)
    os.chdir(PROJECT_ROOT)
    return settings, warehouse


def write_dagster_yaml(home: Path) -> None:
    """Let Dagster keep its records in a folder, and send nothing anywhere."""
    log = {
        "module": "orchestration.cli.dagster_records",
        "class": "PooledEventLog",
        "config": {"base_dir": str(home / "history" / "runs")},
    }
    settings = {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "python_logs": {"python_log_level": "WARNING"},
        "event_log_storage": log,
    }
    (home / "dagster.yaml").write_text(yaml.safe_dump(settings))


def run_daily(as_of: dt.date | None, *, full_refresh: bool) -> None:
    """Launch the daily job, or the backfill job for a date before the latest published one."""
    click.echo("Preparing: settings, database, dbt manifest")
    settings, warehouse = prepare()
    job = "backfill" if _is_past(warehouse, as_of) else "daily"
    warehouse.dispose()
    if job == "backfill":
        click.echo(f"{as_of} lies before the latest published date: building and scoring only.")
    launch(job, as_of, full_refresh=full_refresh)
    if job == "daily":
        from orchestration.cli.summary import where_to_look  # noqa: PLC0415

        click.echo(where_to_look(settings))


def run_selection(
    selection: Sequence[str], as_of: dt.date | None = None, *, full_refresh: bool = False
) -> None:
    """Launch the assets of ``selection`` (asset keys, or the name of a dbt step)."""
    _, warehouse = prepare()
    warehouse.dispose()
    launch("daily", as_of, full_refresh=full_refresh, selection=selection)


def run_backtest(months: int) -> None:
    """Launch the backtest with its report pages, and print what came out."""
    from orchestration.cli.backtest import shown_at_the_end  # noqa: PLC0415

    settings, warehouse = prepare()
    try:
        with shown_at_the_end(warehouse, settings.reporting_currency):
            launch("backtest", None, ops={"ml__backtest_run": {"config": {"months": months}}})
    finally:
        warehouse.dispose()


def load(directory: Path) -> None:
    """Load own tables from a folder and say what was loaded and what was rejected."""
    from connectors.sources.app.load import load_directory  # noqa: PLC0415
    from warehouse.lock import run_lock  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    migrate(warehouse, settings)
    with run_lock(warehouse):
        result = load_directory(directory, warehouse)
    if not result.is_changed:
        click.echo("Nothing to load: these files were loaded before as they are.")
    for name, count in result.tables.items():
        click.echo(f"{name}: {count.loaded:,} loaded, {count.rejected:,} rejected")
    if result.rejected:
        click.echo("The reasons stand in ops.rejected_row (source 'app').")


def sync_selection(sources: Sequence[str]) -> list[str]:
    """Return the asset keys of the named sources' streams, or of all sources."""
    from connectors.sources.registry import stream_names  # noqa: PLC0415

    settings = load_settings()
    listed = (*settings.sources, *settings.unknown_sources)
    unlisted = [source for source in sources if source not in listed]
    if unlisted:
        raise CopilotError(
            f"{', '.join(unlisted)}: not among the sources of copilot.yml.",
            f"It lists: {', '.join(listed)}.",
        )
    wanted = sources or listed
    keys = [
        f"raw_{source}/{name}"
        for source in settings.sources
        if source in wanted
        for name in stream_names(source)
    ]
    if unknown := [source for source in settings.unknown_sources if source in wanted]:
        from orchestration.defs.sync.assets import unknown_source_key  # noqa: PLC0415

        keys.extend(map(unknown_source_key, unknown))
    return keys


def _is_past(warehouse: Warehouse, as_of: dt.date | None) -> bool:
    from orchestration.resources.run import latest_published_date  # noqa: PLC0415

    if as_of is None:
        return False
    latest = latest_published_date(warehouse)
    return latest is not None and as_of < latest


def launch(
    job_name: str,
    as_of: dt.date | None,
    *,
    full_refresh: bool = False,
    selection: Sequence[str] | None = None,
    ops: Mapping[str, Any] | None = None,
) -> None:
    """Run a job in this process; ``ops`` is the configuration of its steps.

    Raises
    ------
    CopilotError
        It failed; the message says at which step and why.
    """
    import dagster as dg  # noqa: PLC0415

    from orchestration.cli.dagster_records import records_explained  # noqa: PLC0415
    from orchestration.definitions import defs  # noqa: PLC0415

    _quiet_logs()
    job = defs.resolve_job_def(job_name)
    config = {
        "ops": dict(ops or {}),
        "resources": {
            "run": {
                "config": {
                    "as_of": as_of.isoformat() if as_of else "",
                    "full_refresh": full_refresh,
                }
            }
        },
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    run_id = str(uuid.uuid4())
    with (
        records_explained(copilot_home() / "dagster"),
        dg.DagsterInstance.get() as instance,
    ):
        result = job.execute_in_process(
            run_config=config,
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            asset_selection=_asset_keys(job, selection) if selection else None,
        )
    if job_name == "daily" and not selection:
        from orchestration.resources.alerts import tell_of_run  # noqa: PLC0415

        for line in tell_of_run(run_id, None if result.success else _failed_step(result)):
            click.echo(line)
    if not result.success:
        raise CopilotError(_failure_text(result), f"Run {result.run_id}; mended, run it again.")


def _asset_keys(job: "dg.JobDefinition", selection: Sequence[str]) -> list["dg.AssetKey"]:
    import dagster as dg  # noqa: PLC0415

    keys: list[dg.AssetKey] = []
    for name in selection:
        if "/" in name:
            keys.append(dg.AssetKey(name.split("/")))
        else:
            from orchestration.defs.transform import assets  # noqa: PLC0415

            keys.extend(getattr(assets, name).keys)
    return keys


def _failure_text(result: "dg.ExecuteInProcessResult") -> str:
    """Return what failed and why: steps and checks, or else the run's own words."""
    steps, checks, others = [], [], []
    for event in result.all_events:
        data, kind = event.event_specific_data, event.event_type_value
        if kind == "ASSET_CHECK_EVALUATION" and not getattr(data, "passed", True):
            reason = getattr(data, "description", "") or "see its metadata in Dagster"
            checks.append(f"the check {getattr(data, 'check_name', '')} failed: {reason}")
        elif kind == "STEP_FAILURE" and not _is_check_failure(data):
            failure = getattr(data, "user_failure_data", None)
            said = failure.description if failure else _innermost(getattr(data, "error", None))
            steps.append(f"{event.step_key} failed: {said}")
        elif kind in ("RESOURCE_INIT_FAILURE", "PIPELINE_FAILURE"):
            others.append(f"the run failed: {_innermost(getattr(data, 'error', None))}")
    lines = dict.fromkeys(steps or checks or others[:1])
    return "\n".join(lines) or "The run failed; Dagster's UI shows the events."


def _failed_step(result: "dg.ExecuteInProcessResult") -> str:
    """Return the first step that failed; empty if the run did not come to any."""
    failed = [one.step_key for one in result.all_events if one.event_type_value == "STEP_FAILURE"]
    return str(failed[0]) if failed else ""


def _is_check_failure(data: object) -> bool:
    name = getattr(getattr(data, "error", None), "cls_name", None)
    return name == "DagsterAssetCheckFailedError"


def _innermost(error: object) -> str:
    """Return the message of the first cause, without the name of its class."""
    text = ""
    while error is not None:
        message = str(getattr(error, "message", "")).strip()
        text = message.split(f".{getattr(error, 'cls_name', None)}: ", 1)[-1] or text
        error = getattr(error, "cause", None)
    return text


def _quiet_logs() -> None:
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)
