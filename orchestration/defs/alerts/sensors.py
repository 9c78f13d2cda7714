"""What notices, between the runs, that a message is due or that a run is missing."""

import dagster as dg

from orchestration.resources.alerts import is_migrated, lines_of, send_alerts
from warehouse.database import open_warehouse
from warehouse.settings import load_settings

_EVERY_SECONDS = 60
_BUDGET_SECONDS = 40.0  # Dagster ends a sensor after a minute


@dg.sensor(
    name="alert_watch",
    minimum_interval_seconds=_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends what quiet hours held back, digests and escalations; notices missed runs.",
)
def alert_watch() -> dg.SkipReason:
    """Do one pass of alerts; it starts no run."""
    settings = load_settings()
    if not settings.alerts.routes:
        return dg.SkipReason("copilot.yml names no route for alerts.")
    warehouse = open_warehouse(settings)
    try:
        if not is_migrated(warehouse):
            return dg.SkipReason("There has been no run yet.")
        result = send_alerts(warehouse, settings, budget_seconds=_BUDGET_SECONDS)
    finally:
        warehouse.dispose()
    return dg.SkipReason("\n".join(lines_of(result)))
