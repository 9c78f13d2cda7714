"""Dagster's entry point: loads the definitions of each area and holds no logic."""

import dagster as dg

import orchestration.defs
from orchestration.resources.dbt import dbt_resource
from orchestration.resources.run import CopilotRun

defs = dg.load_definitions_from_package_module(
    orchestration.defs,
    resources={"run": CopilotRun.configure_at_launch(), "dbt": dbt_resource()},
    executor=dg.in_process_executor,
)
