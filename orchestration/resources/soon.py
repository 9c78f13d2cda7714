"""What landed since the last night and cannot wait: its accounts made anew, told and sent."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.alerts.delivery import PassResult
from data_contracts.contract import PUBLISH
from orchestration.resources.alerts import lines_of, send_alerts
from orchestration.resources.crm import has_outbound, publish_accounts
from orchestration.resources.run import latest_published_date
from orchestration.resources.side_schema import drop_tables
from orchestration.resources.soon_build import Signal, SoonBuild
from warehouse.clock import utc_now
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.lock import SOON
from warehouse.settings import Settings

Say = Callable[[str], None]
_BUSY_SECONDS = 40.0


@dataclass(frozen=True)
class SoonRun:
    """What is about to be made anew, and why.

    Parameters
    ----------
    as_of_date
        The date that it is made for.
    accounts
        Whom it is about, those of earlier attempts that came to no end included.
    signals
        What was noticed.
    """

    as_of_date: dt.date
    accounts: tuple[str, ...]
    signals: tuple[Signal, ...]
    noticed_at: dt.datetime = field(default_factory=utc_now)
    soon_run_id: str = field(default_factory=lambda: f"{SOON}-{uuid.uuid4()}")


def reason_to_wait(warehouse: Warehouse, as_of: dt.date) -> str | None:
    """Return why nothing may be told now, in words; None if it may.

    The marts must be those of the last run that was published: what was built since then did not
    pass every check, or is of a past date.
    """
    published = latest_published_date(warehouse)
    if published is None:
        return "no daily run has been published yet"
    if failed := _failed_since(warehouse):
        return f"the last daily run failed{failed}"
    if as_of < published:
        return f"{published} has been published, and what lands now is of {as_of}"
    for schema, table in (("features", "ftr_account_chain"), ("marts", "rpt_company")):
        built_for = _date_of(warehouse, schema, table)
        if built_for is not None and built_for != published:
            return f"the last run was not published: {schema} stands as of {built_for}"
    return None


def _failed_since(warehouse: Warehouse) -> str | None:
    """Return where the newest whole run that ended failed; None if it was published."""
    statement = sql.SQL(
        "select status, message from {} where status in ('published', 'failed')"
        " order by started_at desc limit 1"
    ).format(_ops(warehouse, "run"))
    with warehouse.connect() as connection:
        row = connection.execute(statement).fetchone()
    if row is None or row[0] == "published":
        return None
    return f" at {row[1]}" if row[1] else " early"


def _date_of(warehouse: Warehouse, schema: str, table: str) -> dt.date | None:
    name = sql.Identifier(warehouse.schema(schema), table)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        found = connection.execute(sql.SQL("select max(as_of_date) from {}").format(name))
        row = found.fetchone()
    return row[0] if row else None


def pending_accounts(warehouse: Warehouse) -> set[str]:
    """Return whom attempts since the last published run were about that came to no end."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            sql.SQL(
                "select distinct unnest(accounts) from {} where status in ('running', 'failed')"
                " and noticed_at > (select max(finished_at) from {} where status = 'published')"
            ).format(_ops(warehouse, "soon_run"), _ops(warehouse, "run"))
        ).fetchall()
    return {row[0] for row in rows}


def run_soon(
    warehouse: Warehouse, settings: Settings, build: SoonBuild, run: SoonRun, say: Say
) -> None:
    """Make the accounts of a run anew, and bring what changed to where people read it.

    Call it under the run lock. Each step may be repeated: after a kill the next call goes through
    all of them again for the same accounts.

    Raises
    ------
    CopilotError
        A model, a test, a contract or the CRM said no; ``ops.soon_run`` keeps the reason.
    """
    _open(warehouse, run)
    try:
        _make(warehouse, settings, build, run, say)
        _send(warehouse, settings, run, say)
    except CopilotError as error:
        _close(warehouse, run, "failed", str(error))
        raise
    finally:
        drop_tables(warehouse, SOON)
    _close(warehouse, run, "published", None)


def _make(
    warehouse: Warehouse, settings: Settings, build: SoonBuild, run: SoonRun, say: Say
) -> None:
    from ml.churn.score import rescore  # noqa: PLC0415 - costs seconds to import
    from ml.opportunity.score import withhold  # noqa: PLC0415
    from ml.value.score import score as value  # noqa: PLC0415

    for source in sorted({signal.source for signal in run.signals}):
        _require_kept(warehouse, f"raw_{source}", run.as_of_date)
    build.merge(build.make("foundation"), run.accounts)
    say("features and health made anew")
    rescore(warehouse, settings, run.as_of_date, run.accounts)
    withhold(warehouse, run.as_of_date, run.accounts)
    value(warehouse, settings, run.as_of_date, run.accounts)
    _require_kept(warehouse, "scores", run.as_of_date)
    say("scored anew")
    outcome = build.make("outcome")
    if settings.crm != "none" and has_outbound(warehouse, settings, run.accounts, SOON):
        _require_kept(warehouse, f"{PUBLISH}{settings.crm}", run.as_of_date, SOON)
    build.merge(outcome, run.accounts)
    say("alerts, next steps and outbound rows made anew")


def _send(warehouse: Warehouse, settings: Settings, run: SoonRun, say: Say) -> None:
    """Tell people, then the CRM: a channel that fails stops nothing, and is tried again later."""
    if settings.alerts.routes:
        for line in lines_of(_tell(warehouse, settings)):
            say(line)
    if settings.crm != "none" and has_outbound(warehouse, settings, run.accounts):
        day, accounts = run.as_of_date, run.accounts
        sent = publish_accounts(warehouse, settings, run.soon_run_id, day, accounts)
        say(f"{settings.crm}: {sent.sentence()}")


def _tell(warehouse: Warehouse, settings: Settings) -> PassResult:
    """Do a pass of alerts; one that another process is doing now may have looked too early."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        result = send_alerts(warehouse, settings, budget_seconds=_BUSY_SECONDS)
        if not result.is_busy or time.monotonic() > until:
            return result
        time.sleep(1)


def _require_kept(
    warehouse: Warehouse, contract: str, as_of: dt.date, schema: str | None = None
) -> None:
    """Raise unless a contract is kept, by the tables of a schema other than its own if given."""
    from data_contracts.check import check_contract  # noqa: PLC0415

    result = check_contract(warehouse, contract, as_of=as_of, schema=schema)
    if not result.success:
        raise CopilotError(
            f"The data contract {contract} is broken, so nothing is sent:\n"
            + "\n".join(f"  {line}" for line in result.lines),
            "Correct the source; what landed is tried again, and the daily run says more.",
        )


def _open(warehouse: Warehouse, run: SoonRun) -> None:
    ledger, asked = _ops(warehouse, "soon_run"), _ops(warehouse, "soon_account")
    with warehouse.connect() as connection:
        connection.execute(
            sql.SQL(
                "update {} set status = 'taken_over' where status in ('running', 'failed')"
            ).format(ledger)
        )
        connection.execute(
            sql.SQL(
                "insert into {} (soon_run_id, as_of_date, accounts, signals, status, noticed_at)"
                " values (%s, %s, %s, %s, 'running', %s)"
            ).format(ledger),
            (
                run.soon_run_id,
                run.as_of_date,
                list(run.accounts),
                Jsonb([asdict(signal) for signal in run.signals]),
                run.noticed_at,
            ),
        )
        connection.execute(sql.SQL("delete from {}").format(asked))
        connection.execute(
            sql.SQL("insert into {} select unnest(%s::text[])").format(asked),
            (list(run.accounts),),
        )


def _close(warehouse: Warehouse, run: SoonRun, status: str, message: str | None) -> None:
    statement = sql.SQL(
        "update {} set status = %s, message = %s, finished_at = %s where soon_run_id = %s"
    ).format(_ops(warehouse, "soon_run"))
    with warehouse.connect() as connection:
        connection.execute(statement, (status, message, utc_now(), run.soon_run_id))


def _ops(warehouse: Warehouse, table: str) -> sql.Identifier:
    return sql.Identifier(warehouse.schema("ops"), table)
