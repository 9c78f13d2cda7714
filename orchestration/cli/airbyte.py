"""`copilot airbyte`: what an Airbyte server holds for the copilot."""

import click

from warehouse.errors import CopilotError


@click.group()
def airbyte() -> None:
    """Set up the sources, destination and connections of an Airbyte server."""


@airbyte.command()
def plan() -> None:
    """Show what would be made or changed on the server; change nothing."""
    _walk(applies=False)


@airbyte.command()
def apply() -> None:
    """Make and change what differs from `copilot.yml`; a second call does nothing."""
    _walk(applies=True)


def _walk(*, applies: bool) -> None:
    from orchestration.resources.airbyte import reconcile_server  # noqa: PLC0415
    from warehouse.database import open_warehouse  # noqa: PLC0415
    from warehouse.lock import run_lock  # noqa: PLC0415
    from warehouse.migrations import migrate  # noqa: PLC0415
    from warehouse.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        with run_lock(warehouse):
            found = reconcile_server(warehouse, settings, applies=applies)
    finally:
        warehouse.dispose()
    for line in found.lines(applied=applies):
        click.echo(line)
    if found.failures:
        raise CopilotError("\n".join(found.failures), "The other sources are as shown above.")
    settings.require_known_sources()
