"""`copilot health`: other rules looked at before they are taken, and scores set by hand."""

import datetime as dt
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.resources.side_schema import PREVIEW, drop_tables
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings, load_settings

if TYPE_CHECKING:
    from ml.common.metrics import Estimate
    from ml.health.preview import Comparison, Move


@click.group()
def health() -> None:
    """Look at other rules of the health score, or set a score by hand."""


@health.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--accounts", default=20, show_default=True, help="Show so many accounts that move.")
def preview(file: Path, accounts: int) -> None:
    """Show what the rules in FILE would change: who moves, and how well they foretell churn."""
    from ml.common.frames import Reader  # noqa: PLC0415
    from ml.health.preview import comparisons, last_built, moves  # noqa: PLC0415
    from warehouse.health_rules import load_health_rules  # noqa: PLC0415
    from warehouse.lock import run_lock  # noqa: PLC0415
    from warehouse.migrations import migrate  # noqa: PLC0415

    load_health_rules(file)
    settings = load_settings()
    churn = settings.churn
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        with run_lock(warehouse), warehouse.connect(Role.SCIENTIST) as connection:
            reader = Reader(warehouse, connection)
            as_of = last_built(reader)
            connection.commit()
            build_preview(warehouse, settings, file, as_of)
            moved = moves(reader, as_of)
            judged = comparisons(reader, as_of, churn.horizon_days, churn.capacity_share)
            connection.rollback()  # or its locks would keep the tables
            drop_tables(warehouse, PREVIEW)
    finally:
        warehouse.dispose()
    for line in [
        f"Health by {file} beside the rules in force, as of {as_of}; nothing is applied.",
        *move_lines(moved, accounts),
        *comparison_lines(judged, churn.horizon_days, churn.capacity_share),
        "To take it: name it in copilot.yml (`health_file`); the next run scores by it.",
    ]:
        click.echo(line)


def build_preview(warehouse: Warehouse, settings: Settings, file: Path, as_of: dt.date) -> None:
    """Make health by other rules into the schema ``preview``, from what is built already.

    Raises
    ------
    CopilotError
        dbt failed; the message holds its own words.
    """
    from orchestration.resources.dbt import dbt_command  # noqa: PLC0415
    from orchestration.resources.dbt_environment import DBT_PROJECT, dbt_vars  # noqa: PLC0415

    other = settings.model_copy(update={"health_file": file.resolve()})
    variables = dbt_vars(other, as_of) | {"health_is_preview": True}
    with tempfile.TemporaryDirectory(prefix="preview-") as target:
        done = dbt_command(
            warehouse, "run", "--project-dir", str(DBT_PROJECT), "--vars", json.dumps(variables),
            "--select", "path:models/health", "fct_account_health",
            "--exclude", "int_health__said", "--target-path", target,
        )  # fmt: skip
    if done.returncode != 0:
        drop_tables(warehouse, PREVIEW)
        raise CopilotError(
            f"dbt could not score by {file}:\n{(done.stdout + done.stderr)[-2000:]}",
            "Build first (`copilot build`); then correct what dbt names.",
        )


def move_lines(moved: "list[Move]", shown: int) -> list[str]:
    """Return in words who would be in another band."""
    if not moved:
        return ["No account would be in another band."]
    kinds = Counter((one.band, one.new_band) for one in moved)
    lines = [f"{len(moved):,} accounts would be in another band:"]
    lines += [f"  {old} -> {new}: {count:,}" for (old, new), count in kinds.most_common()]
    lines += [
        f"    {one.account_name} ({one.account_id}): {_points(one.score)} {one.band} ->"
        f" {_points(one.new_score)} {one.new_band}"
        for one in moved[:shown]
    ]
    more = len(moved) - shown
    return lines + ([f"    and {more:,} more (`--accounts` shows more)"] if more > 0 else [])


def comparison_lines(judged: "list[Comparison]", horizon_days: int, capacity: float) -> list[str]:
    """Return in words how well both scores would have foretold churn."""
    if not judged:
        return ["Too few customers left, or stayed, to say which rules foretell churn better."]
    lines = [f"Churn within {horizon_days} days, foretold by the rules in force -> by the file:"]
    for one in judged:
        lines.append(
            f"  {one.segment}: {one.snapshots:,} weekly snapshots of {one.accounts:,} accounts,"
            f" {one.left:,} of which left"
        )
        for name, (old, new, gain) in one.measures.items():
            title = (
                f"lift among the {capacity:.0%} with the lowest scores" if name == "lift" else name
            )
            lines.append(
                f"    {title}: {_interval(old)} -> {_interval(new)};"
                f" difference {_interval(gain)}: {_verdict(gain)}"
            )
    return lines


def _points(score: float) -> str:
    return "-" if score != score else f"{100 * score:.0f}"  # noqa: PLR0124


def _interval(estimate: "Estimate") -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _verdict(gain: "Estimate") -> str:
    if gain.low > 0:
        return "better"
    return "worse" if gain.high < 0 else "no difference beyond chance"


_by = click.option("--by", required=True, metavar="NAME", help="Who decides it.")


@health.command()
@click.argument("account")
@click.argument("points", type=click.FloatRange(0, 100))
@click.option("--reason", required=True, help="Why the rules are wrong about this account.")
@click.option("--until", required=True, metavar="DATE", help="The day on which it expires.")
@_by
def override(account: str, points: float, reason: str, until: str, by: str) -> None:
    """Set the health of ACCOUNT to 0 to 100 POINTS by hand, from the next run until a day."""
    from orchestration.resources.overrides import Override, set_override  # noqa: PLC0415
    from orchestration.resources.run import parse_date  # noqa: PLC0415

    day = parse_date(until)
    if day is None:
        raise CopilotError("`--until` names no day.", "Give one such as 2026-06-30.")
    with _opened() as (warehouse, today):
        score = Decimal(str(points)) / 100
        set_override(warehouse, Override(account, score, by, reason, today, day))
    click.echo(
        f"From {today} to {day} the health of {account} is {points:g}; the next run shows it."
    )


@health.command()
@click.argument("account")
@_by
def withdraw(account: str, by: str) -> None:
    """Take back the score that was set by hand for ACCOUNT: the rules count again."""
    from orchestration.resources.overrides import withdraw_override  # noqa: PLC0415

    with _opened() as (warehouse, today):
        withdraw_override(warehouse, account, by, today)
    click.echo(f"From {today} on the rules count again for {account}; the next run shows it.")


@contextmanager
def _opened() -> Iterator[tuple[Warehouse, dt.date]]:
    """Yield the warehouse and the date of the next run."""
    from warehouse.clock import resolve_as_of  # noqa: PLC0415
    from warehouse.migrations import migrate  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        yield warehouse, resolve_as_of(settings)
    finally:
        warehouse.dispose()
