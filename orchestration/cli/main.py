"""The `copilot` command: a thin front of the Dagster jobs and of the database."""

import datetime as dt
import gc
import sys
from pathlib import Path

import click

from orchestration.cli import (
    airbyte,
    alerts,
    database,
    health,
    identity,
    models,
    publish,
    steps,
)
from orchestration.resources.dbt_process import OBJECTS_BETWEEN_LOOKS
from warehouse.errors import CopilotError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Bring health, churn and opportunity scores from the warehouse to where people work."""


def _date(_: click.Context, __: click.Parameter, value: str | None) -> dt.date | None:
    from orchestration.resources.run import parse_date  # noqa: PLC0415

    return parse_date(value or "")


_as_of = click.option(
    "--as-of",
    metavar="DATE",
    callback=_date,
    help="Run as of this date (2026-06-30). A date before the latest published one is a backfill:"
    " it builds and scores, but publishes nothing.",
)


@cli.command()
@_as_of
@click.option("--full-refresh", is_flag=True, help="Read all sources and build all tables anew.")
def run(as_of: dt.date | None, *, full_refresh: bool) -> None:
    """Run the daily job: sync, build, check, train if due, score, publish, report."""
    steps.run_daily(as_of, full_refresh=full_refresh)


@cli.command()
def prepare() -> None:
    """Make the database's roles and tables, dbt's manifest and Dagster's home; run nothing."""
    _, warehouse = steps.prepare()
    warehouse.dispose()


@cli.command()
@click.argument("directory", type=click.Path(path_type=Path))
def load(directory: Path) -> None:
    """Load a folder of CSV or Parquet files that follow the own-tables contract."""
    steps.load(directory)


@cli.command()
@click.argument("sources", nargs=-1)
@click.option("--full-refresh", is_flag=True, help="Read them from the beginning.")
def sync(sources: tuple[str, ...], *, full_refresh: bool) -> None:
    """Read the named sources, or all of `copilot.yml`."""
    steps.run_selection(steps.sync_selection(sources), full_refresh=full_refresh)


@cli.command()
@_as_of
def build(as_of: dt.date | None) -> None:
    """Build and test the dbt models up to features and health."""
    steps.run_selection(["dbt_foundation"], as_of)


@cli.command()
@_as_of
def train(as_of: dt.date | None) -> None:
    """Train the models that are due."""
    steps.run_selection(["ml/churn_model", "ml/opportunity_model", "ml/model_registry"], as_of)


@cli.command()
@_as_of
@click.option(
    "--account", metavar="ID", help="Show this customer's churn score, made anew; write nothing."
)
def score(as_of: dt.date | None, account: str | None) -> None:
    """Score every customer with the models at hand, or one of them."""
    if account is not None:
        from orchestration.cli.score import show_account  # noqa: PLC0415

        show_account(account, as_of)
        return
    scores = ("churn_score", "opportunity_score", "renewal_forecast", "account_value")
    steps.run_selection([f"ml/{name}" for name in scores], as_of)


@cli.command()
@click.option(
    "--months", default=12, show_default=True, type=click.IntRange(1, 60), help="How many lists."
)
def backtest(months: int) -> None:
    """Say what the scores would have told last year: a table and a report page."""
    steps.run_backtest(months)


@cli.command()
def report() -> None:
    """Build the reports from the marts."""
    steps.run_selection(["reports/site"])


@cli.command()
@click.option("--dagster-port", default=3001, show_default=True)
def serve(dagster_port: int) -> None:
    """Serve Dagster, the reports and the stand-ins until interrupted."""
    from orchestration.cli.serve import serve_all  # noqa: PLC0415

    serve_all(dagster_port)


@cli.command()
@click.option("--once", is_flag=True, help="Look once, and end.")
def watch(*, once: bool) -> None:
    """Stay up, notice what lands and is severe, and tell it within a minute."""
    from orchestration.cli.watch import watch_all  # noqa: PLC0415

    watch_all(once=once)


@cli.command()
def doctor() -> None:
    """Say in words what is wrong with this set-up."""
    from orchestration.cli.doctor import examine  # noqa: PLC0415

    sys.exit(examine())


cli.add_command(database.db)
cli.add_command(airbyte.airbyte)
cli.add_command(alerts.alerts)
cli.add_command(health.health)
cli.add_command(identity.identity)
cli.add_command(models.models)
cli.add_command(publish.publish)


def main() -> None:
    """Run the command; a `CopilotError` is a message on stderr and exit code 1."""
    gc.set_threshold(*OBJECTS_BETWEEN_LOOKS)
    try:
        cli.main(standalone_mode=False)
    except CopilotError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
