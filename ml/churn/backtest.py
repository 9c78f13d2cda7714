"""What the scores would have told last year: call lists of the past against what then happened.

On the first Monday of each month the customers with the highest scores are called, as many as the
CSMs can. A departure is *caught* if the customer was on a list before it was known that it would
leave, and left within the horizon of that list. Nothing here reads or fits: literal rows in,
figures out.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.common.metrics import ClusterBootstrap, Estimate
from ml.common.reasons import Reason

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], float]

DRIVERS = 2
"""How many of the reasons that kept a missed customer low are told."""


@dataclass(frozen=True)
class Listed:
    """A customer as it was scored for one list.

    Parameters
    ----------
    basis
        ``model``, ``rule`` or ``base_rate``.
    arr
        Annual recurring revenue on the list's date, 0 or more.
    is_known
        Whether enough was known for a health score.
    rank, customers, is_called
        The place on the list, of how many, and whether the capacity reached down to it.
    """

    account_id: str
    list_date: dt.date
    probability: float
    low: float
    high: float
    basis: str
    arr: float
    is_known: bool
    reasons: Sequence[Reason]
    rank: int = 0
    customers: int = 0
    is_called: bool = False


@dataclass(frozen=True)
class Departure:
    """A customer that left.

    Parameters
    ----------
    left_on
        The first day without a subscription.
    known_on
        The day from which it was known: a cancellation's, else ``left_on``.
    arr
        Annual recurring revenue when it was last seen as a customer.
    first_seen
        First day of the judged history on which it was a customer.
    invoices_overdue
        When it was last seen; NaN where no invoices are known.
    """

    account_id: str
    left_on: dt.date
    known_on: dt.date
    arr: float
    first_seen: dt.date
    invoices_overdue: float = math.nan

    def is_ahead(self, list_date: dt.date, horizon_days: int) -> bool:
        """Whether a call on a date would have foretold it: not known yet, within the horizon."""
        until = list_date + dt.timedelta(days=horizon_days)
        return list_date < self.known_on and self.left_on <= until

    def is_announced(self, date: dt.date) -> bool:
        """Whether it was known on a date, and still to come."""
        return self.known_on <= date < self.left_on


@dataclass(frozen=True)
class Judged:
    """What became of a departure.

    Parameters
    ----------
    called_on
        The first list that foretold it; None if it was missed.
    best
        Its best place on a list that could have foretold it; None if there was no such list.
    kind, reason
        Why it was missed, as a word and in words; empty if it was caught.
    """

    departure: Departure
    called_on: dt.date | None
    best: Listed | None
    kind: str = ""
    reason: str = ""

    @property
    def days_of_warning(self) -> int | None:
        """Days from the first call to the day on which it was known."""
        return (self.departure.known_on - self.called_on).days if self.called_on else None


def list_dates(dates: Iterable[dt.date], months: int) -> list[dt.date]:
    """Return the first Monday of each of the last months of which there is one, in order."""
    mondays = sorted(date for date in set(dates) if date.weekday() == 0 and date.day <= 7)
    return mondays[-months:]


def call_list(scored: Iterable[Listed], places: int) -> list[Listed]:
    """Rank the customers of one date; of equal probabilities the larger customer comes first."""
    order = sorted(scored, key=lambda one: (-one.probability, -one.arr, one.account_id))
    return [
        replace(one, rank=rank, customers=len(order), is_called=rank <= places)
        for rank, one in enumerate(order, start=1)
    ]


def not_announced(scored: Iterable[Listed], departures: Iterable[Departure]) -> list[Listed]:
    """Leave out who had given notice by the list's date: nobody needs a score to know that."""
    by_account = _by_account(departures)
    return [
        one
        for one in scored
        if not any(gone.is_announced(one.list_date) for gone in by_account[one.account_id])
    ]


def foretold(
    listed: Sequence[Listed], departures: Iterable[Departure], horizon_days: int
) -> list[Departure | None]:
    """Return the departure within the horizon of each listed customer, None if it stayed."""
    by_account = _by_account(departures)
    return [
        next(
            (
                gone
                for gone in by_account[one.account_id]
                if gone.is_ahead(one.list_date, horizon_days)
            ),
            None,
        )
        for one in listed
    ]


def judge(
    listed: Iterable[Listed], departures: Iterable[Departure], horizon_days: int
) -> list[Judged]:
    """Say of each departure which list foretold it first, or why none did."""
    places: defaultdict[str, list[Listed]] = defaultdict(list)
    for one in sorted(listed, key=lambda one: one.list_date):
        places[one.account_id].append(one)
    found = []
    for gone in departures:
        ahead = [
            one for one in places[gone.account_id] if gone.is_ahead(one.list_date, horizon_days)
        ]
        called_on = next((one.list_date for one in ahead if one.is_called), None)
        best = min(ahead, key=lambda one: one.rank / one.customers, default=None)
        kind, reason = ("", "") if called_on else _missed(gone, best, horizon_days)
        found.append(Judged(gone, called_on, best, kind, reason))
    return found


def _missed(gone: Departure, best: Listed | None, horizon_days: int) -> tuple[str, str]:
    if best is None:
        return _never_listed(gone, horizon_days)
    place = (
        f"Ranked {best.rank} of {best.customers} at best ({best.list_date},"
        f" {best.probability:.1%}), below the capacity"
    )
    if gone.invoices_overdue > 0:
        bills = "invoice" if gone.invoices_overdue == 1 else "invoices"
        return "payment", f"Left with {gone.invoices_overdue:.0f} {bills} overdue. {place}."
    if not best.is_known:
        return "too_little_known", f"Too little was known for a health score. {place}."
    drivers = [one["text"] for one in best.reasons if one["direction"] == "lowers"][:DRIVERS]
    held = f"; what spoke against it: {'; '.join(drivers)}" if drivers else ""
    return "below_capacity", f"{place}{held}."


def _never_listed(gone: Departure, horizon_days: int) -> tuple[str, str]:
    if gone.first_seen > gone.left_on - dt.timedelta(days=horizon_days):
        return "joined_between", (
            f"A customer from {gone.first_seen} on, known to leave on {gone.known_on}: no list lay"
            " in between."
        )
    ahead = (gone.left_on - gone.known_on).days
    return "known_early", (
        f"Gave notice {ahead} days ahead, on {gone.known_on}: no list lay between that day and"
        f" {horizon_days} days before it left."
    )


def figures(
    listed: Sequence[Listed], judged: Sequence[Judged], horizon_days: int
) -> dict[str, Estimate]:
    """Return each figure with its interval, from resampling whole accounts.

    Precision, its like for all customers, and their ratio; false alarms a list; the share of
    departures and of their ARR that was caught, and that ARR; the median of days of warning.
    """
    accounts = [one.account_id for one in listed] + [one.departure.account_id for one in judged]
    if not accounts:
        return {}
    bootstrap = ClusterBootstrap(np.array(accounts, dtype=object))
    statistics = _of_calls(listed, [one.departure for one in judged], horizon_days)
    found = {name: bootstrap.estimate(_front(of, len(listed))) for name, of in statistics.items()}
    for name, of in _of_departures(judged).items():
        found[name] = bootstrap.estimate(_back(of, len(listed)))
    return found


def _front(statistic: Statistic, rows: int) -> Statistic:
    return lambda weight: statistic(weight[:rows])


def _back(statistic: Statistic, rows: int) -> Statistic:
    return lambda weight: statistic(weight[rows:])


def _of_calls(
    listed: Sequence[Listed], departures: Sequence[Departure], horizon_days: int
) -> Mapping[str, Statistic]:
    called = np.array([one.is_called for one in listed], dtype=np.float64)
    left = np.array([gone is not None for gone in foretold(listed, departures, horizon_days)])
    hit, false = called * left, called * (1.0 - left)
    lists = len({one.list_date for one in listed})

    def precision(weight: FloatArray) -> float:
        return _ratio(weight @ hit, weight @ called)

    def everybody(weight: FloatArray) -> float:
        return _ratio(weight @ left, weight.sum())

    return {
        "precision": precision,
        "event_rate": everybody,
        "lift": lambda weight: _ratio(precision(weight), everybody(weight)),
        "false_alarms": lambda weight: _ratio(weight @ false, lists),
    }


def _of_departures(judged: Sequence[Judged]) -> Mapping[str, Statistic]:
    caught = np.array([one.called_on is not None for one in judged], dtype=np.float64)
    arr = np.array([one.departure.arr for one in judged], dtype=np.float64)
    days = np.array([one.days_of_warning or 0 for one in judged], dtype=np.float64)
    return {
        "caught_share": lambda weight: _ratio(weight @ caught, weight.sum()),
        "caught_arr": lambda weight: float(weight @ (caught * arr)),
        "caught_arr_share": lambda weight: _ratio(weight @ (caught * arr), weight @ arr),
        "days_of_warning": lambda weight: weighted_median(days, weight * caught),
    }


def weighted_median(values: FloatArray, weight: FloatArray) -> float:
    """Return the middle of the values, each counted by its weight; NaN without any weight."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    if not len(reached) or reached[-1] <= 0:
        return math.nan
    half = reached[-1] / 2
    left, right = np.searchsorted(reached, half, "left"), np.searchsorted(reached, half, "right")
    return float((values[order][left] + values[order][right]) / 2)


def _ratio(part: Any, whole: Any) -> float:
    return float(part / whole) if whole > 0 else math.nan


def _by_account(departures: Iterable[Departure]) -> Mapping[str, list[Departure]]:
    found: defaultdict[str, list[Departure]] = defaultdict(list)
    for gone in departures:
        found[gone.account_id].append(gone)
    return found
