"""Dagster's entry point: loads the definitions of each area and holds no logic."""

import dagster as dg

import orchestration.defs
from orchestration.defs.alerts.sensors import alert_watch
from orchestration.defs.schedules.jobs import daily_schedule, failed_run, jobs
from orchestration.resources.dbt import dbt_resource
from orchestration.resources.run import CopilotRun

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(orchestration.defs),
    asset_checks=dg.load_asset_checks_from_package_module(orchestration.defs),
    jobs=jobs,
    schedules=[daily_schedule],
    sensors=[failed_run, alert_watch],
    resources={"run": CopilotRun.configure_at_launch(), "dbt": dbt_resource()},
    executor=dg.in_process_executor,
)
