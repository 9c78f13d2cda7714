"""The jobs, the daily schedule, and the sensor that notices a failed run."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from data_contracts.contract import PUBLISH
from orchestration.defs.publish.assets import publish_assets
from orchestration.defs.quality.checks import OUTPUTS
from orchestration.resources.alerts import tell_of_run
from warehouse.settings import load_settings

_BACKTEST = dg.AssetSelection.assets(["ml", "backtest_run"])

daily_job = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all() - _BACKTEST,
    description="Sync, build, check, train if due, score, publish, report.",
)

_PAST = (
    dg.AssetSelection.groups("sync")
    | dg.AssetSelection.assets(["ml", "renewal_forecast"], ["ml", "account_value"]).upstream()
)
backfill_job = dg.define_asset_job(
    "backfill",
    selection=_PAST,
    description="Build and score as of a past date; never publishes, alerts or reports.",
)

backtest_job = dg.define_asset_job(
    "backtest",
    selection=_BACKTEST.downstream(),
    description="Make last year's call lists again, judge them, and report.",
)


def _publish_jobs() -> list[UnresolvedAssetJobDefinition]:
    crm = load_settings().crm
    if crm == "none":
        return []
    contract = f"{PUBLISH}{crm}"
    return [
        dg.define_asset_job(
            "publish",
            selection=dg.AssetSelection.assets(*publish_assets)
            | dg.AssetSelection.checks(dg.AssetCheckKey(OUTPUTS[contract], f"contract_{contract}")),
            description="Check the outbound rows as they stand, and send what changed.",
        )
    ]


jobs = [daily_job, backfill_job, backtest_job, *_publish_jobs()]

daily_schedule = dg.ScheduleDefinition(
    name="daily_at_five",
    job=daily_job,
    cron_schedule="0 5 * * *",
    execution_timezone=load_settings().reporting_timezone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
)


@dg.run_failure_sensor(
    name="failed_run",
    default_status=dg.DefaultSensorStatus.RUNNING,
    monitor_all_code_locations=True,
)
def failed_run(context: dg.RunFailureSensorContext) -> None:
    """Say which step failed and why, where the operator looks first; alert of a whole run."""
    events = context.get_step_failure_events()
    run = context.dagster_run
    if run.job_name == daily_job.name and not run.asset_selection:
        for line in tell_of_run(run.run_id, events[0].step_key or "" if events else ""):
            context.log.info(line)
    for event in events:
        error = event.step_failure_data.error
        context.log.error(
            "Run %s failed at %s: %s",
            context.dagster_run.run_id,
            event.step_key,
            error.message if error else "no reason given",
        )
