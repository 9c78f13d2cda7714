"""`copilot models`: which versions there are, which one is published, and changing that by hand."""

import datetime as dt
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from psycopg import sql
from psycopg.types.json import Jsonb

from warehouse.database import Role, open_warehouse
from warehouse.settings import Settings, load_settings

if TYPE_CHECKING:
    from ml.common.frames import Reader
    from ml.common.promotion import Decision
    from ml.common.store import ModelRun

_BY = click.option("--by", default=getpass.getuser, show_default="the login", help="Who decides.")
_REASON = click.option("--reason", required=True, help="Why; it goes into the audit log.")
_MODEL = click.Choice(["churn", "upsell", "cross_sell"])
_HEADINGS = ("version", "trained for", "events", "AUC", "slope", "verdict", "is")


@click.group()
def models() -> None:
    """Which model versions there are, and which one is published."""


@models.command("list")
def list_models() -> None:
    """List all versions with what their exam showed; the champion's scores are published."""
    from warehouse.clock import resolve_as_of  # noqa: PLC0415

    with _reader() as (settings, reader):
        for line in listed(reader, resolve_as_of(settings)):
            click.echo(line)


@models.command()
@click.argument("version")
@_BY
@_REASON
def promote(version: str, by: str, reason: str) -> None:
    """Publish VERSION from the next score on."""
    from ml.common import tracking  # noqa: PLC0415
    from warehouse.lock import run_lock  # noqa: PLC0415

    with _reader() as (settings, reader), run_lock(reader.warehouse):
        _say(promoted_by_hand(reader, settings, version, by, reason))
        tracking.register(reader.warehouse)


@models.command()
@click.argument("model", type=_MODEL, default="churn")
@_BY
@_REASON
def rollback(model: str, by: str, reason: str) -> None:
    """Publish again what was published before the present champion of MODEL (churn)."""
    from ml.common import tracking  # noqa: PLC0415
    from warehouse.lock import run_lock  # noqa: PLC0415

    with _reader() as (settings, reader), run_lock(reader.warehouse):
        _say(rolled_back_by_hand(reader, settings, model, by, reason))
        tracking.register(reader.warehouse)


@models.command()
@click.argument("account")
@click.argument("date", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE")
def reproduce(account: str, date: dt.datetime) -> None:
    """Make the scores of ACCOUNT at DATE again from their rows, and compare."""
    from ml.churn.reproduce import reproduce as churn  # noqa: PLC0415
    from ml.opportunity.reproduce import reproduce as opportunity  # noqa: PLC0415

    with _reader() as (_, reader):
        found = [
            row for again in (churn, opportunity) for row in again(reader, date.date(), account)
        ]
    for row in found:
        mark = "same" if row.is_same else "DIFFERS"
        name = f"{row.model_version} {row.subject}".strip()
        shown = " (published)" if row.is_published else ""
        click.echo(f"{mark}  {name}{shown}: stored {row.stored!r}, made again {row.again!r}")
    if not found:
        raise click.ClickException(f"No score of account {account} at {date:%Y-%m-%d} is stored.")
    if not all(row.is_same for row in found):
        raise click.ClickException("A score is not what its row and its model give.")


@contextmanager
def _reader() -> "Iterator[tuple[Settings, Reader]]":
    from ml.common.frames import Reader  # noqa: PLC0415
    from warehouse.migrations import migrate  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        with warehouse.connect(Role.SCIENTIST) as connection:
            yield settings, Reader(warehouse, connection)
    finally:
        warehouse.dispose()


def _declared() -> dict[str, list[str]]:
    from ml.churn.schema import SPEC  # noqa: PLC0415
    from ml.opportunity.schema import CROSS_SELL, UPSELL  # noqa: PLC0415

    return {spec.name: spec.declared for spec in (SPEC, UPSELL, CROSS_SELL)}


def promoted_by_hand(
    reader: "Reader", settings: Settings, version: str, by: str, why: str
) -> "Decision":
    """Publish a version from the next score on and log who did it, in one transaction.

    Raises
    ------
    CopilotError
        It may not be published; nothing is changed.
    """
    from ml.common import registry, store  # noqa: PLC0415
    from warehouse.clock import resolve_as_of  # noqa: PLC0415

    run = store.find_run(reader, version)
    declared = _declared()[run.model_name] if run else []
    decision = registry.promote(reader, version, declared, resolve_as_of(settings), by, why)
    _log(reader, decision, by)
    return decision


def rolled_back_by_hand(
    reader: "Reader", settings: Settings, model: str, by: str, why: str
) -> "Decision":
    """Publish the former champion from the next score on and log who did it, in one transaction.

    Raises
    ------
    CopilotError
        There is no way back, or the former champion cannot be published; nothing is changed.
    """
    from ml.common import registry  # noqa: PLC0415
    from warehouse.clock import resolve_as_of  # noqa: PLC0415

    today = resolve_as_of(settings)
    decision = registry.roll_back(reader, model, _declared()[model], today, by, why)
    _log(reader, decision, by)
    return decision


def _log(reader: "Reader", decision: "Decision", by: str) -> None:
    table = sql.Identifier(reader.warehouse.schema("ops"), "audit_log")
    reader.connection.execute(
        sql.SQL(
            "insert into {} (actor, action, object, object_id, detail) values (%s, %s, %s, %s, %s)"
        ).format(table),
        (
            by,
            f"model {decision.action}",
            "ml.model_decision",
            decision.version,
            Jsonb({"reason": decision.reason, "champion": decision.champion}),
        ),
    )
    reader.connection.commit()


def _say(decision: "Decision") -> None:
    now = decision.champion or "the rule score"
    click.echo(f"From the next score on, {now} is published: {decision.reason}")


def listed(reader: "Reader", as_of: dt.date) -> list[str]:
    """Return the lines of `copilot models list`."""
    from ml.common import registry, store  # noqa: PLC0415

    runs = store.all_runs(reader)
    if not runs:
        return ["No model was trained yet: `copilot train`."]
    aliases = registry.aliases(reader, sorted({run.model_name for run in runs}), as_of)
    rows = [_HEADINGS, *(_cells(run, aliases.get(run.model_version, "")) for run in runs)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADINGS))]
    padded = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in padded]


def _cells(run: "ModelRun", alias: str) -> tuple[str, ...]:
    slope = run.metrics.get("calibration_slope") or {}
    return (
        run.model_version,
        run.as_of_date.isoformat(),
        str(run.params.get("fitted_on", {}).get("events", run.events_train)),
        _interval(run.metrics.get("auc") or {}),
        _number(slope.get("value")),
        run.verdict,
        alias,
    )


def _interval(estimate: dict[str, Any]) -> str:
    if estimate.get("value") is None:
        return "-"
    low, high = _number(estimate.get("low")), _number(estimate.get("high"))
    return f"{_number(estimate['value'])} ({low} to {high})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
