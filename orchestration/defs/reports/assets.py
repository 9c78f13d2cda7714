"""The reports that leadership reads, built from the marts."""

import dagster as dg

from orchestration.resources.reports import build_reports
from orchestration.resources.run import CopilotRun, readable_failures
from warehouse.settings import copilot_home

_READ = [dg.AssetKey(["marts", name]) for name in ("account_360", "rpt_account", "rpt_backtest")]


@dg.asset(key=["reports", "site"], deps=_READ, group_name="reports", kinds={"evidence"})
def report_site(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Build the report pages if anything they show has changed."""
    with readable_failures():
        run.require_not_in_the_past()
        result = build_reports(run.warehouse, copilot_home(), progress=run.say)
    run.mark("published")
    return dg.MaterializeResult(metadata={"built": result.built})
