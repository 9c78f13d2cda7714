"""Tasks in the CRM, planned and made by the run, or shown to a person first."""

import datetime as dt

from connectors.destinations.common.crm import Crm
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.planned import Plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.task_apply import OBJECT, TaskResult, apply_tasks
from connectors.destinations.common.tasks import TaskPlan, plan_tasks
from orchestration.resources.run import CopilotRun
from warehouse.clock import resolve_as_of
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def plan_tasks_by_hand(crm: Crm, warehouse: Warehouse, settings: Settings) -> list[str]:
    """Return what would become of tasks, in words; the plan is kept under its hash."""
    if not settings.tasks.enabled:
        return ["Tasks: none are made (tasks.enabled)."]
    tasks, plan = _planned(crm, warehouse, settings, resolve_as_of(settings))
    _plans(crm.name, warehouse).save(plan, "person")
    return [*tasks.lines(), f"Its tasks are plan {plan.hash}."]


def publish_tasks(
    crm: Crm, run: CopilotRun, plan_hash: str = "", *, is_confirmed: bool = False
) -> TaskResult | None:
    """Make and close tasks; with a plan's hash only if just that would be done now.

    Parameters
    ----------
    crm : Crm
        Set up; `publish` sees to it.

    Returns
    -------
    TaskResult or None
        None where the settings say that there are no tasks.

    Raises
    ------
    CopilotError
        Something else would be done now than was planned; or as `apply_tasks` does.
    """
    if not run.settings.tasks.enabled:
        return None
    spent_before = crm.spending().units
    plans = _plans(crm.name, run.warehouse)
    plans.close_interrupted()
    tasks, plan = _planned(crm, run.warehouse, run.settings, run.as_of_date)
    if plan_hash and not plan.hash.startswith(plan_hash):
        raise CopilotError(
            f"The tasks are not as they were when plan {plan_hash} was made, so none was touched.",
            "`copilot publish plan` makes a new one.",
        )
    if not plan_hash:
        plans.save(plan, "run")
    plans.mark(plan, run.run_id, "applying")
    share = run.settings.publish.quota_share
    result = apply_tasks(
        run.warehouse, crm, tasks, run.run_id, quota_share=share, is_confirmed=is_confirmed
    )
    plans.mark(plan, run.run_id, "applied")
    result.units = crm.spending().units - spent_before
    return result


def pending_task_plan(warehouse: Warehouse, settings: Settings) -> str | None:
    """Return the hash of the plan that a person was shown last, unless it is out of date."""
    return _plans(settings.crm, warehouse).pending()


def _planned(
    crm: Crm, warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> tuple[TaskPlan, Plan]:
    tasks = plan_tasks(warehouse, crm, settings, as_of)
    return tasks, tasks.as_plan(crm, as_of)


def _plans(crm: str, warehouse: Warehouse) -> Plans:
    return Plans(Ledger(warehouse, crm, OBJECT))
