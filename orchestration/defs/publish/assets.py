"""What leaves the house for the CRM, behind every blocking check."""

import dagster as dg

from orchestration.resources.crm import open_crm, publish
from orchestration.resources.run import CopilotRun, readable_failures
from orchestration.resources.tasks import publish_tasks
from warehouse.settings import load_settings

_RETRY = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL)


class PublishConfig(dg.Config):
    """Which plan to carry out.

    Parameters
    ----------
    plan : str
        Hash of a plan that a person made; empty: make one and carry that out.
    tasks : str
        The same of tasks.
    is_confirmed : bool
        A person lets the brake go.
    """

    plan: str = ""
    tasks: str = ""
    is_confirmed: bool = False


def build_crm_asset(crm: str) -> dg.AssetsDefinition:
    """Return the asset that brings the outbound rows into the CRM."""

    @dg.asset(
        key=[crm, "account_fields"],
        deps=[dg.AssetKey(["publish", name]) for name in (f"sync_{crm}_account", "sync_task")],
        group_name="publish",
        kinds={crm},
        retry_policy=_RETRY,
    )
    def account_fields(config: PublishConfig, run: CopilotRun) -> dg.MaterializeResult[None]:
        """Send what changed to the CRM, then its tasks; a row that it rejects fails the run.

        They are one step: a brake that holds the fields holds the tasks, a rejected row does not.
        """
        with readable_failures():
            run.require_not_in_the_past()
            crm_now = open_crm(run.settings)
            result = publish(crm_now, run, config.plan, is_confirmed=config.is_confirmed)
            run.say(f"{crm}: {result.sentence()}")
            tasks = publish_tasks(crm_now, run, config.tasks, is_confirmed=config.is_confirmed)
        if tasks is not None:
            run.say(f"{crm}: {tasks.sentence()}")
        failed = result.failed + (tasks.failed if tasks else 0)
        if failed:
            raise dg.Failure(
                description=f"{failed} row(s) are not in {crm} as they should be; the"
                f" reasons stand in ops.sync_row for run {run.run_id}.",
                allow_retries=False,
            )
        return dg.MaterializeResult(
            metadata={"applied": result.applied, "unchanged": result.unchanged,
                      "tasks": tasks.sentence() if tasks else "none"}
        )  # fmt: skip

    return account_fields


_crm = load_settings().crm
publish_assets = [] if _crm == "none" else [build_crm_asset(_crm)]
