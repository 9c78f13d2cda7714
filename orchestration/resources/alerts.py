"""The channels that alerts go to, and the passes that send them."""

import functools
from collections.abc import Callable, Mapping

from sqlalchemy import text

from connectors.alerts.channel import Channel
from connectors.alerts.delivery import Open, Pass, PassResult
from connectors.alerts.mail import MailChannel
from connectors.alerts.slack import SlackChannel
from connectors.alerts.teams import TeamsChannel
from orchestration.resources.alert_standins import alert_environment, introduce_owners
from warehouse.clock import utc_now
from warehouse.database import Warehouse, open_warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings, load_settings

_CHANNELS: dict[str, Callable[[Mapping[str, str]], Channel]] = {
    "slack": SlackChannel,
    "teams": TeamsChannel,
    "email": MailChannel,
}


def openers(settings: Settings) -> dict[str, Open]:
    """Return how each channel is opened, with the environment's credentials or a stand-in's."""
    environment = alert_environment(settings)
    return {name: functools.partial(kind, environment) for name, kind in _CHANNELS.items()}


def send_alerts(
    warehouse: Warehouse, settings: Settings, *, budget_seconds: float = 600.0
) -> PassResult:
    """Notice what has changed, and send what is due."""
    introduce_owners(warehouse, settings)
    return Pass(warehouse, settings, openers(settings), budget_seconds=budget_seconds).run()


def lines_of(result: PassResult) -> list[str]:
    """Return a pass in words, its problems included."""
    return [f"alerts: {result.sentence()}", *(f"  {problem}" for problem in result.problems)]


def tell_of_run(
    run_id: str, failed_step: str | None, *, budget_seconds: float = 600.0
) -> list[str]:
    """Write down whether a whole run failed, and send what there is to say of it.

    What goes wrong here changes nothing of the run: it is returned in words.

    Parameters
    ----------
    run_id : str
        Dagster's id of the run.
    failed_step : str or None
        The first step that failed; None if none did.
    """
    try:
        settings = load_settings()
        warehouse = open_warehouse(settings)
        try:
            if failed_step is not None:
                _note_failure(warehouse, run_id, failed_step)
            if not settings.alerts.routes:
                return []
            return lines_of(send_alerts(warehouse, settings, budget_seconds=budget_seconds))
        finally:
            warehouse.dispose()
    except CopilotError as error:
        return [f"alerts: {error}"]


def is_migrated(warehouse: Warehouse) -> bool:
    """Say whether the ledger of alerts exists yet."""
    name = f'"{warehouse.schema("ops")}".alert_message'
    with warehouse.engine().connect() as connection:
        found = connection.execute(text("select to_regclass(:name)"), {"name": name}).scalar()
    return found is not None


def _note_failure(warehouse: Warehouse, run_id: str, step: str) -> None:
    table = f'"{warehouse.schema("ops")}".run'
    with warehouse.engine().begin() as connection:
        connection.execute(
            text(
                f"update {table} set status = 'failed', finished_at = :at, message = :step"  # noqa: S608
                " where run_id = :run_id and status <> 'published'"
            ),
            {"at": utc_now(), "step": step, "run_id": run_id},
        )
