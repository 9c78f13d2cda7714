"""`copilot publish`: make the fields, show what would change, send it, try refused rows again."""

import click

from orchestration.cli.steps import launch, prepare
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.lock import run_lock
from warehouse.settings import Settings, load_settings

_crm = click.argument("crm", required=False)


@click.group()
def publish() -> None:
    """Reverse ETL into the CRM of `copilot.yml`."""


@publish.command("setup")
@_crm
def set_up(crm: str | None) -> None:
    """Make the copilot's fields in the CRM, typed, labelled, and readable by people there."""
    from orchestration.resources.crm import set_up_crm  # noqa: PLC0415

    settings = load_settings()
    _require_crm(settings, crm)
    made = set_up_crm(settings)
    for name in (*made.fields, *made.other):
        click.echo(f"made {name}")
    if not (made.fields or made.other):
        click.echo("Everything was there already.")


@publish.command("plan")
@_crm
def plan(crm: str | None) -> None:
    """Show what would change in the CRM, field by field, and keep it as a plan; send nothing."""
    from orchestration.resources.crm import open_crm, plan_by_hand  # noqa: PLC0415
    from orchestration.resources.tasks import plan_tasks_by_hand  # noqa: PLC0415

    settings, warehouse = _opened(crm)
    try:
        with run_lock(warehouse):
            at_crm = open_crm(settings)
            made = plan_by_hand(at_crm, warehouse, settings)
            if made.missing_fields:
                tasks = ["Tasks: they can be planned after `copilot publish setup`."]
            else:
                tasks = plan_tasks_by_hand(at_crm, warehouse, settings)
    finally:
        warehouse.dispose()
    for line in (*made.lines(), *tasks):
        click.echo(line)
    click.echo(f"This is plan {made.hash}: `copilot publish apply --plan {made.hash}` sends it.")


@publish.command("apply")
@_crm
@click.option("--plan", "plan_hash", metavar="HASH", default="", help="Send just this plan.")
@click.option("--confirm", is_flag=True, help="Send although the brake holds.")
def apply(crm: str | None, plan_hash: str, *, confirm: bool) -> None:
    """Send the plan that was shown last and no other; without one, what the daily run would."""
    from orchestration.resources.crm import pending_plan  # noqa: PLC0415
    from orchestration.resources.tasks import pending_task_plan  # noqa: PLC0415

    settings, warehouse = _opened(crm)
    try:
        chosen = plan_hash or pending_plan(warehouse, settings) or ""
        tasks = pending_task_plan(warehouse, settings) or "" if chosen else ""
    finally:
        warehouse.dispose()
    if chosen and not plan_hash:
        click.echo(f"Carrying out plan {chosen}, the one that was shown last.")
    config = {"plan": chosen, "tasks": tasks, "is_confirmed": confirm}
    launch("publish", None, ops={f"{settings.crm}__account_fields": {"config": config}})


@publish.command("retry")
@_crm
@click.argument("record_ids", nargs=-1)
def retry(crm: str | None, record_ids: tuple[str, ...]) -> None:
    """Let accounts that the CRM kept refusing be sent again: those named, or all."""
    from orchestration.resources.crm import ledger_of  # noqa: PLC0415

    settings, warehouse = _opened(crm)
    try:
        count = ledger_of(warehouse, settings).try_again(record_ids or None)
    finally:
        warehouse.dispose()
    click.echo(f"{count} refused account(s) go again with the next publish.")


def _opened(crm: str | None) -> tuple[Settings, Warehouse]:
    _require_crm(load_settings(), crm)
    return prepare()


def _require_crm(settings: Settings, crm: str | None) -> None:
    settings.require_known_sources()
    if settings.crm == "none":
        raise CopilotError("copilot.yml says crm: none, so there is nothing to publish to.")
    if crm is not None and crm != settings.crm:
        raise CopilotError(f"copilot.yml says crm: {settings.crm}, not {crm}.")
