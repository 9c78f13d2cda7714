"""The CRM that scores go to: a real Salesforce org, or the stand-in of the synthetic company."""

import os
from collections.abc import Sequence

from connectors.destinations.salesforce.apply import PublishResult, publish_apply
from connectors.destinations.salesforce.plan import Plan, publish_plan
from connectors.sandbox.process import ensure_running
from orchestration.resources.run import CopilotRun
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings, copilot_home


def salesforce_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that reach Salesforce; the stand-in is started if it is not up."""
    if not settings.sample_company:
        return {key: value for key, value in os.environ.items() if key.startswith("SALESFORCE_")}
    return ensure_running(copilot_home()).environment()


def salesforce_pages_url(settings: Settings) -> str | None:
    """Return where a person sees the CRM stand-in's accounts; None for a real org."""
    if settings.crm != "salesforce" or not settings.sample_company:
        return None
    return ensure_running(copilot_home()).url


def plan_for_salesforce(warehouse: Warehouse, settings: Settings) -> Plan:
    """Return what a publish would change."""
    return publish_plan(warehouse, settings, environment=salesforce_environment(settings))


def publish_accounts(
    warehouse: Warehouse, settings: Settings, run_id: str, accounts: Sequence[str]
) -> str:
    """Send what changed of some accounts, and say in words what became of it.

    Raises
    ------
    CopilotError
        A row is not in the CRM as it should be.
    """
    environment = salesforce_environment(settings)
    plan = publish_plan(warehouse, settings, environment=environment)
    result = publish_apply(warehouse, settings, plan, run_id, environment=environment)
    if result.failed:
        raise CopilotError(
            f"{result.failed} row(s) are not in Salesforce as they should be.",
            f"The reasons stand in ops.sync_row for run {run_id}.",
        )
    return f"Salesforce: {result.sentence()}"


def publish_to_salesforce(run: CopilotRun) -> PublishResult:
    """Plan and apply; return the outcome of each row, counted."""
    environment = salesforce_environment(run.settings)
    plan = publish_plan(run.warehouse, run.settings, environment=environment)
    return publish_apply(run.warehouse, run.settings, plan, run.run_id, environment=environment)
