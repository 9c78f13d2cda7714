"""What leaves the house for the CRM, behind every blocking check."""

import dagster as dg

from orchestration.resources.crm import publish_to_salesforce
from orchestration.resources.run import CopilotRun, readable_failures
from warehouse.settings import load_settings

_RETRY = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL)


def build_salesforce_asset() -> dg.AssetsDefinition:
    """Return the asset that brings the outbound rows into Salesforce."""

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
        if result.failed:
            raise dg.Failure(
                description=f"{result.failed} row(s) are not in Salesforce as they should be; the"
                f" reasons stand in ops.sync_row for run {run.run_id}.",
                allow_retries=False,
            )
        return dg.MaterializeResult(
            metadata={"applied": result.applied, "unchanged": result.unchanged}
        )

    return salesforce_account_fields


publish_assets = [build_salesforce_asset()] if load_settings().crm == "salesforce" else []
