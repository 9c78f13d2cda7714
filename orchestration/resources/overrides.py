"""Health scores that people set by hand: rows of ``ops.health_override``, which dbt reads."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

from warehouse.database import Warehouse
from warehouse.errors import CopilotError


@dataclass(frozen=True)
class Override:
    """A score set by hand.

    Parameters
    ----------
    account_id
        The account.
    health_score
        0 to 1.
    author, reason
        Who set it, and why.
    set_on, expires_on
        The first day on which it holds, and the first on which it does not any more.
    """

    account_id: str
    health_score: Decimal
    author: str
    reason: str
    set_on: dt.date
    expires_on: dt.date


def set_override(warehouse: Warehouse, override: Override) -> None:
    """Keep a score set by hand; it replaces an earlier one of the account from its day on.

    Raises
    ------
    CopilotError
        There is no such account, the score is not between 0 and 1, nobody or no reason is named,
        or it would have expired before it begins.
    """
    _require_account(warehouse, override.account_id)
    if not 0 <= override.health_score <= 1:
        raise CopilotError(f"{override.health_score} is no health score.", "Give one of 0 to 1.")
    if not override.author.strip() or not override.reason.strip():
        raise CopilotError("A score set by hand needs an author and a reason.")
    if override.expires_on <= override.set_on:
        raise CopilotError(
            f"It would expire on {override.expires_on}, before it holds.",
            f"Give a day after {override.set_on}.",
        )
    statement = sql.SQL(
        "insert into {} (override_id, account_id, health_score, author, reason, set_on, expires_on)"
        " values (%s, %s, %s, %s, %s, %s, %s)"
    ).format(_table(warehouse))
    values = (override.account_id, override.health_score, override.author.strip(),
              override.reason.strip(), override.set_on, override.expires_on)  # fmt: skip
    with warehouse.connect() as connection:
        # Ids grow with time: of several that were set on one day, the last one counts.
        stamp = connection.execute("select to_char(clock_timestamp(), 'YYYYMMDDHH24MISSUS')")
        (moment,) = stamp.fetchone() or ("",)
        connection.execute(statement, (f"{moment}-{uuid.uuid4().hex[:8]}", *values))


def withdraw_override(warehouse: Warehouse, account_id: str, author: str, day: dt.date) -> None:
    """Take back what holds for an account on a day.

    Raises
    ------
    CopilotError
        Nothing was set by hand that still holds.
    """
    statement = sql.SQL(
        "update {} set withdrawn_on = greatest(%s, set_on), withdrawn_by = %s where account_id = %s"
        " and withdrawn_on is null and expires_on > %s"
    ).format(_table(warehouse))
    with warehouse.connect() as connection:
        done = connection.execute(statement, (day, author.strip(), account_id, day))
        if done.rowcount == 0:
            raise CopilotError(f"No score set by hand holds for the account {account_id}.")


def _table(warehouse: Warehouse) -> sql.Identifier:
    return sql.Identifier(warehouse.schema("ops"), "health_override")


def _require_account(warehouse: Warehouse, account_id: str) -> None:
    table = sql.Identifier(warehouse.schema("marts"), "dim_account")
    with warehouse.connect() as connection:
        built = connection.execute("select to_regclass(%s)", (table.as_string(),)).fetchone()
        if built is None or built[0] is None:
            raise CopilotError("There are no accounts yet.", "Build first: `copilot build`.")
        query = sql.SQL("select 1 from {} where account_id = %s").format(table)
        if connection.execute(query, (account_id,)).fetchone() is None:
            raise CopilotError(
                f"There is no account {account_id}.", "marts.dim_account lists all of them."
            )
