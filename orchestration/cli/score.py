"""`copilot score --account`: one customer's churn score, made anew."""

import datetime as dt
from typing import Any

import click

from warehouse.database import open_warehouse
from warehouse.migrations import migrate
from warehouse.settings import load_settings


def show_account(account_id: str, as_of: dt.date | None) -> None:
    """Score one customer as of the last scored date and print it in words; write nothing."""
    from ml.churn.ondemand import Scorer  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        with Scorer(warehouse, settings, as_of) as scorer:
            row = scorer.score_account(account_id)
            click.echo("\n".join(lines(row, settings.churn.horizon_days)))
    finally:
        warehouse.dispose()


def lines(row: dict[str, Any], horizon_days: int) -> list[str]:
    """Return a row of scores in words."""
    return [
        f"Account {row['account_id']}, as of {row['as_of_date']}",
        f"Leaves within {horizon_days} days: {row['churn_probability']:.1%}"
        f" (between {row['probability_low']:.1%} and {row['probability_high']:.1%})",
        f"Risk tier: {row['risk_tier']}; basis: {row['basis']} ({row['model_version']})",
        *(f"  {one['direction']} it: {one['text']}" for one in row["reasons"]),
    ]
