"""What is the matter now: the alerts that dbt made, and the copilot's own runs."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from warehouse.alert_settings import AlertSettings
from warehouse.database import Warehouse

RUN_RULES = {
    "run_failed": "The copilot's run has failed",
    "run_missed": "No run has been published",
}
_RUN_SEVERITY = "high"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Observed:
    """One alert as it is now.

    Parameters
    ----------
    alert_id, rule, rule_label, severity, state : str
        As in ``publish.sync_alert``.
    account_id, account_name, segment, csm_name, report_url : str or None
        None for the copilot's own runs.
    opened_at, as_of_date : date
        Since when it holds, and the date that this is known of.
    detail : str or None
        In words.
    """

    alert_id: str
    rule: str
    rule_label: str
    severity: str
    state: str
    opened_at: dt.date
    as_of_date: dt.date
    detail: str | None
    account_id: str | None = None
    account_name: str | None = None
    segment: str | None = None
    csm_name: str | None = None
    report_url: str | None = None


def is_built(connection: Connection, warehouse: Warehouse) -> bool:
    """Say whether there are outbound alerts at all."""
    name = f'"{warehouse.schema("publish")}".sync_alert'
    row = connection.execute("select to_regclass(%s)", (name,)).fetchone()
    return row is not None and row[0] is not None


def alerts_of_accounts(connection: Connection, warehouse: Warehouse) -> list[Observed] | None:
    """Return the outbound alerts; None if they have never been built."""
    if not is_built(connection, warehouse):
        return None
    table = sql.Identifier(warehouse.schema("publish"), "sync_alert")
    fields = [sql.Identifier(field) for field in Observed.__dataclass_fields__]
    query = sql.SQL("select {} from {} order by opened_at, alert_id").format(
        sql.SQL(", ").join(fields), table
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return [Observed(**row) for row in cursor.execute(query)]


def owners(connection: Connection, warehouse: Warehouse) -> dict[str, str]:
    """Return the owner's address of each account that has alerts."""
    query = sql.SQL(
        "select distinct account_id, csm_email from {} where coalesce(csm_email, '') <> ''"
    ).format(sql.Identifier(warehouse.schema("publish"), "sync_alert"))
    return {str(row[0]): str(row[1]) for row in connection.execute(query)}


def last_published_date(connection: Connection, warehouse: Warehouse) -> dt.date | None:
    """Return the latest date that a published run was as of."""
    table = sql.Identifier(warehouse.schema("ops"), "run")
    query = sql.SQL("select max(as_of_date) from {} where status = 'published'").format(table)
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def alerts_of_runs(
    connection: Connection, warehouse: Warehouse, settings: AlertSettings, now: dt.datetime
) -> list[Observed]:
    """Return the open alerts about the copilot's own runs, by ``ops.run``.

    A run has failed if the latest whole run that ended did; one is missing if none was published
    for the hours of the settings. An alert bears the id of the run with which it began.
    """
    table = sql.Identifier(warehouse.schema("ops"), "run")
    published = connection.execute(
        sql.SQL(
            "select run_id, as_of_date, started_at, finished_at from {}"
            " where status = 'published' order by started_at desc limit 1"
        ).format(table)
    ).fetchone()
    failed = connection.execute(
        sql.SQL(
            "select run_id, as_of_date, started_at, message from {} where status = 'failed'"
            " and started_at > coalesce(%s::timestamptz, '-infinity') order by started_at limit 1"
        ).format(table),
        (published[2] if published else None,),
    ).fetchone()
    found = [*_failed(failed), *_missed(published, settings, now)]
    return [dataclasses.replace(one, severity=_severity(one.rule, settings)) for one in found]


def _severity(rule: str, settings: AlertSettings) -> str:
    return settings.rule(rule).severity or _RUN_SEVERITY


def _failed(row: tuple[Any, ...] | None) -> Iterator[Observed]:
    if row is not None:
        run_id, as_of_date, started_at, step = row
        where = f" at {step}" if step else ""
        words = f"The run as of {as_of_date} failed{where}; Dagster shows why (run {run_id})"
        yield _of_run("run_failed", run_id, as_of_date, started_at, words)


def _missed(
    row: tuple[Any, ...] | None, settings: AlertSettings, now: dt.datetime
) -> Iterator[Observed]:
    hours = settings.missed_run_hours
    if row is None or not hours:
        return
    run_id, as_of_date, _, finished_at = row
    if finished_at is not None and now - finished_at > dt.timedelta(hours=hours):
        words = (
            f"The last one was published on {finished_at:%Y-%m-%d %H:%M} UTC, as of {as_of_date};"
            f" one is expected every {hours} hours"
        )
        yield _of_run("run_missed", run_id, as_of_date, finished_at, words)


def _of_run(
    rule: str, run_id: str, as_of_date: dt.date, since: dt.datetime, words: str
) -> Observed:
    return Observed(
        alert_id=f"{rule}:{run_id}",
        rule=rule,
        rule_label=RUN_RULES[rule],
        severity=_RUN_SEVERITY,
        state="open",
        opened_at=since.date(),
        as_of_date=as_of_date,
        detail=words,
    )
