"""What leaves the house for the CRM, behind every blocking check."""

import dagster as dg

from orchestration.resources.crm import publish_to_salesforce
from orchestration.resources.run import CopilotRun, readable_failures
from warehouse.settings import load_settings

_RETRY = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL)


@dg.asset(
    key=["salesforce", "account_fields"],
    deps=[dg.AssetKey(["publish", "sync_salesforce_account"])],
    group_name="publish",
    kinds={"salesforce"},
    retry_policy=_RETRY,
)
def salesforce_account_fields(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Send what changed to Salesforce; a row that Salesforce rejects fails the run."""
    with readable_failures():
        run.require_not_in_the_past()
        result = publish_to_salesforce(run)
    run.say(f"Salesforce: {result.sentence()}")
    if result.rejected:
        raise dg.Failure(
            description=f"Salesforce rejected {result.rejected} row(s); the reasons stand in"
            f" ops.sync_row for run {run.run_id}.",
            allow_retries=False,
        )
    return dg.MaterializeResult(metadata={"applied": result.applied, "unchanged": result.unchanged})


publish_assets = [salesforce_account_fields] if load_settings().crm == "salesforce" else []
