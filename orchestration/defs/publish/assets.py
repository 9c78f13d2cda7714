"""What leaves the house for the CRM, behind every blocking check."""

import dagster as dg

from orchestration.resources.crm import publish
from orchestration.resources.run import CopilotRun, readable_failures
from warehouse.settings import load_settings

_RETRY = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL)


class PublishConfig(dg.Config):
    """Which plan to carry out.

    Parameters
    ----------
    plan : str
        Hash of a plan that a person made; empty: make one and carry that out.
    is_confirmed : bool
        A person lets the brake go.
    """

    plan: str = ""
    is_confirmed: bool = False


def build_crm_asset(crm: str) -> dg.AssetsDefinition:
    """Return the asset that brings the outbound rows into the CRM."""

    @dg.asset(
        key=[crm, "account_fields"],
        deps=[dg.AssetKey(["publish", f"sync_{crm}_account"])],
        group_name="publish",
        kinds={crm},
        retry_policy=_RETRY,
    )
    def account_fields(config: PublishConfig, run: CopilotRun) -> dg.MaterializeResult[None]:
        """Send what changed to the CRM; a row that it rejects fails the run."""
        with readable_failures():
            run.require_not_in_the_past()
            result = publish(run, config.plan, is_confirmed=config.is_confirmed)
        run.say(f"{crm}: {result.sentence()}")
        if result.failed:
            raise dg.Failure(
                description=f"{result.failed} row(s) are not in {crm} as they should be; the"
                f" reasons stand in ops.sync_row for run {run.run_id}.",
                allow_retries=False,
            )
        return dg.MaterializeResult(
            metadata={"applied": result.applied, "unchanged": result.unchanged}
        )

    return account_fields


_crm = load_settings().crm
publish_assets = [] if _crm == "none" else [build_crm_asset(_crm)]
