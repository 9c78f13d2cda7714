"""`copilot identity`: help for those who decide which records are the same company."""

import click


@click.group()
def identity() -> None:
    """Which records are the same company."""


@identity.command()
def suggest() -> None:
    """Suggest accounts for records that no rule matches, by like names; link nothing."""
    from ml.identity.suggest import suggest as run_suggestions  # noqa: PLC0415
    from warehouse.database import open_warehouse  # noqa: PLC0415
    from warehouse.lock import run_lock  # noqa: PLC0415
    from warehouse.migrations import migrate  # noqa: PLC0415
    from warehouse.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        with run_lock(warehouse):
            found = run_suggestions(warehouse)
    finally:
        warehouse.dispose()
    click.echo(
        f"{found.records:,} unmatched records with a name, compared with {found.accounts:,}"
        f" accounts: {found.suggestions:,} suggestions for {found.suggested_records:,} of them."
    )
    if found.suggestions:
        click.echo(
            "They stand in marts.account_link_review, the most probable first; nothing is linked"
            " until a row stands in dbt_project/seeds/account_link.csv."
        )
    else:
        click.echo("Nothing to review.")
