"""The CRM that scores go to: a real one, or the stand-in of the synthetic company."""

import datetime as dt
import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.crm import Crm, SetupResult
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.planned import Plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.reconcile import reconcile
from connectors.destinations.common.result import PublishResult
from connectors.sandbox.process import ensure_running
from orchestration.resources.run import CopilotRun
from warehouse.clock import resolve_as_of
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings, copilot_home


@dataclass(frozen=True)
class _Destination:
    """Where a CRM's client is, and what its environment variables begin with."""

    module: str
    class_name: str
    variables: str


_DESTINATIONS = {
    "salesforce": _Destination("salesforce.crm", "SalesforceCrm", "SALESFORCE_"),
    "hubspot": _Destination("hubspot.client", "HubspotCrm", "HUBSPOT_"),
    "pipedrive": _Destination("pipedrive.client", "PipedriveCrm", "PIPEDRIVE_"),
}


def open_crm(settings: Settings) -> Crm:
    """Return the client of the CRM in the settings; of the stand-in for a sample company.

    Raises
    ------
    CopilotError
        Its credentials are missing or wrong, or it does not answer.
    """
    make: Callable[..., Crm] = _class_of(settings)
    environment = crm_environment(settings)
    if settings.crm == "salesforce":
        org = settings.salesforce
        return make(environment, instance_url=org.instance_url, tracks_edits=org.tracks_edits)
    if settings.crm == "pipedrive":
        return make(environment, tracks_edits=settings.pipedrive.tracks_edits)
    return make(environment)


def ledger_of(warehouse: Warehouse, settings: Settings) -> Ledger:
    """Return the ledger of the CRM in the settings, without asking the CRM."""
    crm = _class_of(settings)
    return Ledger(warehouse, crm.name, crm.object_name)


def crm_environment(settings: Settings) -> Mapping[str, str]:
    """Return the variables that reach the CRM; the stand-in is started if it is not up."""
    if not settings.sample_company:
        prefix = _DESTINATIONS[settings.crm].variables
        return {key: value for key, value in os.environ.items() if key.startswith(prefix)}
    return ensure_running(copilot_home(), settings.crm).environment()


def crm_pages_url(settings: Settings) -> str | None:
    """Return where a person sees the CRM stand-in's accounts; None for a real CRM."""
    if settings.crm == "none" or not settings.sample_company:
        return None
    return ensure_running(copilot_home(), settings.crm).url


def set_up_crm(settings: Settings) -> SetupResult:
    """Make the copilot's fields in the CRM."""
    return open_crm(settings).set_up(settings.reporting_currency)


def plan_by_hand(crm: Crm, warehouse: Warehouse, settings: Settings) -> Plan:
    """Return what a publish would change, saved under its hash."""
    plan = make_plan(crm, warehouse, settings, resolve_as_of(settings), is_by_hand=True)
    Plans(ledger_of(warehouse, settings)).save(plan, "person")
    return plan


def publish(
    crm: Crm, run: CopilotRun, plan_hash: str = "", *, is_confirmed: bool = False
) -> PublishResult:
    """Carry out a plan that a person made; without one, plan and carry that out."""
    ledger = ledger_of(run.warehouse, run.settings)
    plans = Plans(ledger)
    if plan_hash:
        plan = plans.load(plan_hash)
        reconcile(crm, ledger)
        plans.close_interrupted()
    else:
        plan = make_plan(crm, run.warehouse, run.settings, run.as_of_date)
        plans.save(plan, "run")
    return apply_plan(
        crm,
        run.warehouse,
        run.settings,
        plan,
        run.run_id,
        is_by_hand=bool(plan_hash),
        is_confirmed=is_confirmed,
    )


def has_outbound(
    warehouse: Warehouse, settings: Settings, accounts: Sequence[str], schema: str = "publish"
) -> bool:
    """Say whether anything of some accounts is to go to the CRM."""
    table = sql.Identifier(warehouse.schema(schema), f"sync_{settings.crm}_account")
    statement = sql.SQL("select exists (select 1 from {} where account_id = any(%s))")
    with warehouse.connect(Role.PUBLISHER) as connection:
        row = connection.execute(statement.format(table), (list(accounts),)).fetchone()
    return bool(row and row[0])


def publish_accounts(
    warehouse: Warehouse,
    settings: Settings,
    run_id: str,
    as_of: dt.date,
    accounts: Sequence[str],
) -> PublishResult:
    """Plan for some accounts alone, and carry that out within the same limits.

    Raises
    ------
    CopilotError
        The brake holds, or a row is not in the CRM as it should be.
    """
    crm = open_crm(settings)
    plan = make_plan(crm, warehouse, settings, as_of, accounts=accounts)
    Plans(ledger_of(warehouse, settings)).save(plan, "soon")
    result = apply_plan(crm, warehouse, settings, plan, run_id)
    if result.failed:
        raise CopilotError(
            f"{result.failed} row(s) are not in {crm.label} as they should be.",
            f"The reasons stand in ops.sync_row for run {run_id}.",
        )
    return result


def pending_plan(warehouse: Warehouse, settings: Settings) -> str | None:
    """Return the hash of the plan that a person was shown last, unless it is out of date."""
    return Plans(ledger_of(warehouse, settings)).pending()


def _class_of(settings: Settings) -> Any:
    destination = _DESTINATIONS[settings.crm]
    try:
        module = importlib.import_module(f"connectors.destinations.{destination.module}")
    except ModuleNotFoundError as error:
        raise CopilotError(
            f"Scores cannot be written to {settings.crm} by this version.",
            "Say crm: none in copilot.yml, or update the copilot.",
        ) from error
    return getattr(module, destination.class_name)
