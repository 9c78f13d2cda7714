"""`copilot alerts`: send what is due, see what is open, mute, take on, try a channel."""

import getpass
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, get_args

import click
from psycopg import sql

from warehouse.alert_settings import OWNER, RouteSettings, Rule
from warehouse.clock import utc_now
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings, load_settings

if TYPE_CHECKING:
    from connectors.alerts.channel import Channel


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return ""


_by = click.option("--by", default=_user, metavar="NAME", help="Who decides it; else your login.")


@click.group()
def alerts() -> None:
    """Tell people of alerts, and hear what they say."""


@alerts.command()
def send() -> None:
    """Send what has changed since the last pass, and what was held back or failed."""
    from orchestration.resources.alerts import lines_of, send_alerts  # noqa: PLC0415

    with _opened() as (settings, warehouse):
        _require_routes(settings)
        result = send_alerts(warehouse, settings)
    for line in lines_of(result):
        click.echo(line)


@alerts.command("list")
def show() -> None:
    """List open alerts, mutes, and messages that did not go out."""
    from connectors.alerts.people import overview  # noqa: PLC0415

    with _opened() as (_, warehouse):
        for line in overview(warehouse):
            click.echo(line)


@alerts.command()
@click.argument("what", metavar="WHAT")
@click.option("--until", metavar="DATE", help="Last day of it; without, until it is unmuted.")
@click.option("--reason", required=True, help="Why nobody is to be told.")
@_by
def mute(what: str, until: str | None, reason: str, by: str) -> None:
    """Say nothing of WHAT: an account, by its id or name, or a rule."""
    from connectors.alerts.people import People  # noqa: PLC0415
    from orchestration.resources.run import parse_date  # noqa: PLC0415

    day = parse_date(until or "")
    with _opened() as (_, warehouse):
        account, rule = _meant(warehouse, what)
        People(warehouse, by, utc_now()).mute(
            account_id=account, rule=rule, until=day, reason=reason
        )
    click.echo(f"{what} is muted{f' until {day}' if day else ''}.")


@alerts.command()
@click.argument("what", metavar="WHAT")
@_by
def unmute(what: str, by: str) -> None:
    """Speak again of WHAT, an account or a rule: of what changes from now on."""
    from connectors.alerts.people import People  # noqa: PLC0415

    with _opened() as (_, warehouse):
        account, rule = _meant(warehouse, what)
        People(warehouse, by, utc_now()).unmute(account_id=account, rule=rule)
    click.echo(f"{what} is not muted any more.")


@alerts.command()
@click.argument("alert")
@_by
def ack(alert: str, by: str) -> None:
    """Take an ALERT on (its id, as messages show it), so that it is not escalated."""
    from connectors.alerts.people import People  # noqa: PLC0415

    with _opened() as (_, warehouse):
        whole = People(warehouse, by, utc_now()).acknowledge(alert)
    click.echo(f"{whole} is taken on by {by}.")


@alerts.command("test")
@click.argument("channel", type=click.Choice(["slack", "teams", "email"]))
def test_channel(channel: str) -> None:
    """Log in to a CHANNEL and send a test message on each of its routes."""
    from orchestration.resources.alerts import openers  # noqa: PLC0415

    settings = load_settings()
    routes = [route for route in settings.alerts.routes if route.channel == channel]
    opened = openers(settings)[channel]()
    click.echo(f"{channel}: {opened.check()}")
    for route in routes:
        click.echo(f"  {route.name}: {_try(opened, route, settings)}")
    if not routes:
        click.echo("  copilot.yml names no route on it.")


def _try(channel: "Channel", route: RouteSettings, settings: Settings) -> str:
    from connectors.alerts.channel import Address  # noqa: PLC0415
    from connectors.alerts.message import Item, single  # noqa: PLC0415

    to = route.otherwise if route.to == OWNER else route.to
    if to is None:
        return "goes to owners, none of whom is bothered with a test"
    item = Item("Test of the copilot's alerts", "Nothing has happened.", "info")
    channel.send(uuid.uuid4().hex, Address(to), single(item, settings.company_name))
    return "sent"


@contextmanager
def _opened() -> Iterator[tuple[Settings, Warehouse]]:
    from warehouse.migrations import migrate  # noqa: PLC0415

    settings = load_settings()
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        yield settings, warehouse
    finally:
        warehouse.dispose()


def _require_routes(settings: Settings) -> None:
    if not settings.alerts.routes:
        raise CopilotError(
            "copilot.yml names no route for alerts.",
            "Add one under `alerts.routes`; README.md shows how.",
        )


def _meant(warehouse: Warehouse, what: str) -> tuple[str | None, str | None]:
    """Return the account's id or the rule that is meant.

    Raises
    ------
    CopilotError
        It is neither, or the name of several accounts.
    """
    if what in get_args(Rule):
        return None, what
    query = sql.SQL(
        "select account_id from {} where account_id = %s or lower(account_name) = lower(%s)"
    ).format(sql.Identifier(warehouse.schema("marts"), "dim_account"))
    with warehouse.connect(Role.PUBLISHER) as connection:
        found = connection.execute(query, (what, what)).fetchall()
    if len(found) == 1:
        return str(found[0][0]), None
    known = "Rules are: " + ", ".join(get_args(Rule)) + "."
    if found:
        raise CopilotError(f"{len(found)} accounts are called '{what}'.", "Give the account's id.")
    raise CopilotError(f"'{what}' is neither an account nor a rule.", known)
