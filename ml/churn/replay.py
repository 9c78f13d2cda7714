"""The backtest: last year's call lists made again, each with what was known on its day.

For each list a model learns from the outcomes decided by then and goes through the gate of then, by
the code of `ml.churn.train`; where the gate would have been closed, the rule score stands in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ml.churn import backtest_store
from ml.churn.backtest import (
    Departure,
    Judged,
    Listed,
    call_list,
    figures,
    judge,
    list_dates,
    not_announced,
)
from ml.churn.reference import Reference, measures_of
from ml.churn.schema import SPEC
from ml.churn.score import model_rows, rule_rows, with_health
from ml.churn.tiers import UNKNOWN, a_month
from ml.churn.train import as_dataset, read_labelled
from ml.common import lifecycle
from ml.common.frames import Reader, features_at
from ml.common.metrics import Estimate
from ml.common.store import ModelRun
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

GRID_DAYS = 7
"""Days between two snapshots of a customer."""
MOST_ARR = 1e11
"""What lies above is an error in the data, and is counted as so much."""


@dataclass(frozen=True)
class CallList:
    """One list: its ranked customers, and by what they were ranked.

    Parameters
    ----------
    basis, reason
        What would have been published (``model``, ``rule``, ``base_rate``), and why, in words.
    """

    list_date: dt.date
    basis: str
    reason: str
    customers: Sequence[Listed]


@dataclass(frozen=True)
class Backtest:
    """What the lists of a year would have told.

    Parameters
    ----------
    note
        Why there is nothing to judge; empty where there is.
    """

    as_of_date: dt.date
    horizon_days: int
    lists: Sequence[CallList] = ()
    judged: Sequence[Judged] = ()
    figures: dict[str, Estimate] = field(default_factory=dict)
    note: str = ""

    @property
    def listed(self) -> list[Listed]:
        """The customers of all lists."""
        return [one for made in self.lists for one in made.customers]


def backtest(
    warehouse: Warehouse,
    settings: Settings,
    as_of: dt.date,
    months: int,
    *,
    progress: lifecycle.Progress | None = None,
) -> Backtest:
    """Make the lists of the last months again, judge them, and keep what came out.

    The last months are those whose outcome is decided by ``as_of``.

    Raises
    ------
    CopilotError
        A table or a feature is absent.
    """
    say = progress or (lambda _: None)
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        found = _replay(reader, settings, as_of, months, say)
        backtest_store.save(reader, found)
        connection.commit()
    return found


def _replay(
    reader: Reader, settings: Settings, as_of: dt.date, months: int, say: lifecycle.Progress
) -> Backtest:
    horizon = settings.churn.horizon_days
    until = lifecycle.known_until(settings, as_of)
    known = reader.known_dates(until, horizon)
    # Before this there was no outcome to learn from, so there would have been no score.
    dates = list_dates((d for d in known if lifecycle.known_until(settings, d) >= known[0]), months)
    if not dates:
        return Backtest(as_of, horizon, note=_too_short(settings, known))
    departures = departures_between(reader, until, dates[0], dates[-1], horizon)
    labelled = read_labelled(reader, settings, dates[-1])
    lists = [_list_of(reader, settings, labelled, departures, date, say) for date in dates]
    listed = [one for made in lists for one in made.customers]
    # Whoever had given notice before the first list could not be foretold any more.
    foreseeable = [gone for gone in departures if gone.known_on > dates[0]]
    judged = judge(listed, foreseeable, horizon)
    say("resampling accounts")
    measured = figures(listed, judged, horizon)
    note = "" if judged else _nobody_left(dates, horizon)
    return Backtest(as_of, horizon, lists, judged, measured, note)


def _too_short(settings: Settings, known: Sequence[dt.date]) -> str:
    decided = settings.churn.horizon_days + settings.churn.grace_days
    have = f"known outcomes begin on {known[0]}" if known else "no outcome is known yet"
    return (
        f"Nothing to judge: a call list needs outcomes from {decided} days before it to learn from,"
        f" and {decided} days after it to be judged by; {have}."
    )


def _nobody_left(dates: Sequence[dt.date], horizon: int) -> str:
    end = dates[-1] + dt.timedelta(days=horizon)
    return f"Nothing to judge: no customer left between {dates[0]} and {end}."


def _list_of(
    reader: Reader,
    settings: Settings,
    labelled: pd.DataFrame,
    departures: Sequence[Departure],
    date: dt.date,
    say: lifecycle.Progress,
) -> CallList:
    frame = with_health(reader, features_at(reader, date), date)
    run, scored = _scored(reader, settings, labelled, frame, date)
    open_then = not_announced(scored, departures)
    customers = call_list(open_then, a_month(settings.churn.capacity_share, len(open_then)))
    called = sum(one.is_called for one in customers)
    say(f"list of {date}: {called} of {len(customers):,} customers, by the {run.verdict}")
    return CallList(date, run.verdict, run.verdict_reason, customers)


def _scored(
    reader: Reader,
    settings: Settings,
    labelled: pd.DataFrame,
    frame: pd.DataFrame,
    date: dt.date,
) -> tuple[ModelRun, list[Listed]]:
    """Learn from what was decided by a date, and return what would have been published on it."""
    decided = labelled["as_of_date"] <= pd.Timestamp(lifecycle.known_until(settings, date))
    known = labelled[decided].reset_index(drop=True)
    run, judged = lifecycle.learn(settings, SPEC, date, as_dataset(known), {}, None)
    if run.verdict == "model" and judged.model is not None:
        currency = settings.reporting_currency
        rows = model_rows(frame, judged.model, run, currency, is_published=True)
    else:
        measures = measures_of(reader.health_measures(date))
        reference = Reference.of(frame, measures, run.model_version)
        rows = rule_rows(frame, measures, run, reference, is_published=True)
    arr, band = _arr(frame["mrr"]), frame["health_band"]
    return run, [
        Listed(
            account_id=row["account_id"],
            list_date=date,
            probability=row["churn_probability"],
            low=row["probability_low"],
            high=row["probability_high"],
            basis=row["basis"],
            arr=arr[i],
            is_known=band[i] != UNKNOWN,
            reasons=row["reasons"],
        )
        for i, row in enumerate(rows)
    ]


def departures_between(
    reader: Reader, until: dt.date, first: dt.date, last: dt.date, horizon_days: int
) -> list[Departure]:
    """Return the departures after the first list and within the horizon of the last.

    Parameters
    ----------
    until
        Last snapshot date whose outcome counts as known.
    """
    table = reader.departures(until, horizon_days)
    all_of_them = table[["account_id", "churned_date", "noticed_date"]].drop_duplicates()
    earlier = all_of_them.groupby("account_id")["churned_date"].shift()
    wanted = all_of_them.assign(before=earlier.fillna(pd.Timestamp(0)))
    end = pd.Timestamp(last) + pd.Timedelta(days=horizon_days)
    wanted = wanted[
        (wanted["churned_date"] > pd.Timestamp(first)) & (wanted["churned_date"] <= end)
    ]
    since = first - dt.timedelta(days=horizon_days + GRID_DAYS)
    history = reader.snapshots(since, end.date())
    by_account = {str(account): rows for account, rows in history.groupby("account_id")}
    names = ("account_id", "churned_date", "noticed_date", "before")
    return [
        _departure(by_account[account], *dates)
        for account, *dates in zip(*(wanted[name].tolist() for name in names), strict=True)
    ]


def _departure(
    rows: pd.DataFrame, left: pd.Timestamp, noticed: pd.Timestamp, before: pd.Timestamp
) -> Departure:
    """Return what was seen of a customer in the stretch that a departure ended."""
    seen = rows[(rows["as_of_date"] >= before) & (rows["as_of_date"] < left)]
    return Departure(
        account_id=str(seen["account_id"].iloc[-1]),
        left_on=left.date(),
        known_on=noticed.date(),
        arr=_arr(seen["mrr"])[-1],
        first_seen=seen["as_of_date"].iloc[0].date(),
        invoices_overdue=float(seen["invoices_overdue"].iloc[-1]),
    )


def _arr(mrr: pd.Series[float]) -> list[float]:
    yearly = 12 * mrr.to_numpy(dtype=np.float64)
    bounded = np.clip(np.nan_to_num(yearly, nan=0.0), 0.0, MOST_ARR)
    return [round(float(one), 2) for one in bounded]
