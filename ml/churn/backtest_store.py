"""Backtests in the warehouse: the last one of each date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

from ml.churn.backtest import Departure, Judged, Listed, foretold
from ml.common.frames import Reader

if TYPE_CHECKING:
    from ml.churn.replay import Backtest, CallList


@dataclass(frozen=True)
class Missed:
    """A departure that no list foretold; the account by its name, where it has one."""

    account: str
    left_on: dt.date
    arr: float
    kind: str
    reason: str


@dataclass(frozen=True)
class Stored:
    """A backtest as it is kept: lists and figures as plain JSON, the missed largest first."""

    as_of_date: dt.date
    made_at: dt.datetime
    horizon_days: int
    lists: list[dict[str, Any]]
    figures: dict[str, dict[str, float | None]]
    note: str
    missed: Sequence[Missed]


COLUMNS = {
    "backtest_run": ("horizon_days", "lists", "figures", "note"),
    "backtest_call": (
        *("list_date", "account_id", "rank", "is_called", "churn_probability"),
        *("probability_low", "probability_high", "basis", "arr", "left_on"),
    ),
    "backtest_departure": (
        *("account_id", "left_on", "known_on", "arr", "called_on", "days_of_warning"),
        *("missed_kind", "missed_reason"),
    ),
}
"""Of each table, besides ``as_of_date``."""


def save(reader: Reader, found: Backtest) -> None:
    """Write a backtest in the connection's transaction, in place of the last one of its date."""
    lists = [(made, _left(made.customers, found)) for made in found.lists]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "backtest_run": [_run(found, lists)],
        "backtest_call": [row for made, left in lists for row in _calls(made, left)],
        "backtest_departure": [_departure(one) for one in found.judged],
    }
    for table, columns in COLUMNS.items():
        name = reader.table("ml", table)
        delete = sql.SQL("delete from {} where as_of_date = %s").format(name)
        reader.connection.execute(delete, (found.as_of_date,))
        insert = sql.SQL("insert into {} (as_of_date, {}) values (%s, {})").format(
            name,
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
        )
        with reader.connection.cursor() as cursor:
            cursor.executemany(insert, [(found.as_of_date, *row) for row in rows[table]])


Left = Sequence[Departure | None]


def _left(customers: Sequence[Listed], found: Backtest) -> Left:
    return foretold(customers, [one.departure for one in found.judged], found.horizon_days)


def _run(found: Backtest, lists: Sequence[tuple[CallList, Left]]) -> tuple[Any, ...]:
    figures = {name: estimate.as_json() for name, estimate in found.figures.items()}
    summaries = [_summary(made, left) for made, left in lists]
    return found.horizon_days, Jsonb(summaries), Jsonb(figures), found.note


def _summary(made: CallList, left: Left) -> dict[str, Any]:
    called = [gone for one, gone in zip(made.customers, left, strict=True) if one.is_called]
    return {
        "list_date": made.list_date.isoformat(),
        "basis": made.basis,
        "reason": made.reason,
        "customers": len(made.customers),
        "called": len(called),
        "left": sum(gone is not None for gone in left),
        "called_and_left": sum(gone is not None for gone in called),
    }


def _calls(made: CallList, left: Left) -> Iterator[tuple[Any, ...]]:
    for one, gone in zip(made.customers, left, strict=True):
        if one.is_called or gone:
            yield (
                *(one.list_date, one.account_id, one.rank, one.is_called, one.probability),
                *(one.low, one.high, one.basis, one.arr, gone.left_on if gone else None),
            )


def _departure(one: Judged) -> tuple[Any, ...]:
    gone = one.departure
    return (
        *(gone.account_id, gone.left_on, gone.known_on, gone.arr, one.called_on),
        *(one.days_of_warning, one.kind or None, one.reason or None),
    )


def latest(reader: Reader) -> Stored | None:
    """Return the backtest that was made last, None if there is none."""
    row = reader.connection.execute(
        sql.SQL(
            "select as_of_date, made_at, horizon_days, lists, figures, note from {}"
            " order by made_at desc, as_of_date desc limit 1"
        ).format(reader.table("ml", "backtest_run"))
    ).fetchone()
    if row is None:
        return None
    missed = reader.connection.execute(
        sql.SQL(
            "select coalesce(a.account_name, d.account_id), d.left_on, d.arr::double precision,"
            " d.missed_kind, d.missed_reason from {} as d left join {} as a using (account_id)"
            " where d.as_of_date = %s and d.called_on is null"
            " order by d.arr desc, d.account_id, d.left_on"
        ).format(reader.table("ml", "backtest_departure"), reader.table("marts", "dim_account")),
        (row[0],),
    ).fetchall()
    as_of, made_at, horizon_days, lists, figures, note = row
    kept = [Missed(*one) for one in missed]
    return Stored(as_of, made_at, horizon_days, lists, figures, note, kept)
