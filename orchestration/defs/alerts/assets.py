"""What leaves for Slack, Teams and mailboxes."""

import dagster as dg

from orchestration.resources.alerts import lines_of, send_alerts
from orchestration.resources.run import CopilotRun, readable_failures


@dg.asset(
    key=["alerts", "messages"],
    deps=[dg.AssetKey(["publish", "sync_alert"])],
    group_name="alerts",
    kinds={"slack", "teams", "email"},
)
def alert_messages(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Tell of what has changed; a channel that fails is said, and fails nothing."""
    with readable_failures():
        run.require_not_in_the_past()
        if not run.settings.alerts.routes:
            run.say("alerts: copilot.yml names no route, so nobody is told.")
            return dg.MaterializeResult(metadata={"changes": 0})
        result = send_alerts(run.warehouse, run.settings)
    for line in lines_of(result):
        run.say(line)
    return dg.MaterializeResult(
        metadata={
            "changes": result.changes,
            "messages": result.sentence(),
            "problems": "\n".join(result.problems) or "none",
        }
    )
