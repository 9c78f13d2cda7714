"""The dbt models in two steps: up to the features, and what is made of the scores."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.resources.dbt import CopilotTranslator, manifest_path, run_dbt
from orchestration.resources.freshness import require_fresh_sources
from orchestration.resources.run import CopilotRun, readable_failures


@dbt_assets(
    manifest=manifest_path(),
    select="tag:foundation",
    name="dbt_foundation",
    dagster_dbt_translator=CopilotTranslator(),
)
def dbt_foundation(
    context: dg.AssetExecutionContext, run: CopilotRun, dbt: DbtCliResource
) -> Iterator[Any]:
    """Staging, identity, core marts, features and health, of sources that were read lately."""
    with readable_failures():
        require_fresh_sources(run.warehouse, run.settings, run.as_of_date, run.say)
    yield from run_dbt(context, run, dbt, "marts, features and health")


@dbt_assets(
    manifest=manifest_path(),
    select="tag:outcome",
    name="dbt_outcome",
    dagster_dbt_translator=CopilotTranslator(),
)
def dbt_outcome(
    context: dg.AssetExecutionContext, run: CopilotRun, dbt: DbtCliResource
) -> Iterator[Any]:
    """Alerts, actions, the outbound rows and the marts that reports read."""
    run.require_not_in_the_past()
    yield from run_dbt(context, run, dbt, "alerts, actions and report marts")
