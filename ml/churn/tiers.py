"""Risk tiers: whom to call first, by what a call saves, what it costs and how many can be made.

A call on an account is worth ``probability x ARR x save_rate - contact_cost``. It is worth making
if that is above zero and the account is likelier to leave than the average. Of those the CSMs reach
a month's capacity: they are ``high``, and a week's worth of them, the most valuable, ``critical``.
The others worth a call are ``medium``; where a call costs more than it saves, or the risk is below
average, the tier is ``low``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from ml.churn.schema import announced
from warehouse.settings import ChurnSettings

UNKNOWN = "unknown"
WEEKS_A_MONTH = 4
MONTHS_A_YEAR = 12
SLACK = 1e-9
"""Rounding must not move the account that sets a bound."""


@dataclass(frozen=True)
class Tiers:
    """The bounds of one night's tiers; frozen with its averages for scores on demand.

    Parameters
    ----------
    average
        Probability that the average account leaves within the horizon.
    save_rate
        Share of those who would leave whom a call keeps, 0 to 1.
    contact_cost
        Cost of a call, in the reporting currency.
    critical, high
        Least worth of a call in these tiers, in the reporting currency.
    """

    average: float
    save_rate: float
    contact_cost: float
    critical: float
    high: float

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], average: float, settings: ChurnSettings) -> Self:
        """Take the bounds of one version's rows of all customers of a date."""
        whole = list(rows)
        bare = cls(average, settings.save_rate, settings.contact_cost, 0.0, 0.0)
        # Who has given notice is called for that, and takes no place of those still to be kept.
        undecided = [row for row in whole if not announced(row["features"])]
        worths = [bare.worth(row) for row in undecided if bare.is_worth_a_call(row)]
        worths.sort(reverse=True)
        month = a_month(settings.capacity_share, len(whole))
        week = math.ceil(month / WEEKS_A_MONTH)

        def bound(reach: int) -> float:
            return worths[min(reach, len(worths)) - 1] * (1 - SLACK) if worths else 0.0

        return cls(average, settings.save_rate, settings.contact_cost, bound(week), bound(month))

    def worth(self, row: Mapping[str, Any]) -> float:
        """Return what a call on a scored account is expected to save, less its cost."""
        mrr = row["features"].get("mrr")
        arr = MONTHS_A_YEAR * mrr if mrr is not None and np.isfinite(mrr) else 0.0
        return float(row["churn_probability"] * arr * self.save_rate - self.contact_cost)

    def is_worth_a_call(self, row: Mapping[str, Any]) -> bool:
        """Return whether it saves more than it costs, on an account that is not safer than most."""
        return self.worth(row) > 0 and row["churn_probability"] >= self.average

    def tier(self, row: Mapping[str, Any]) -> str:
        """Return the risk tier of a scored account; unknown where nothing but the average is."""
        if row["basis"] == "base_rate":
            return UNKNOWN
        if not self.is_worth_a_call(row):
            return "low"
        worth = self.worth(row)
        if worth >= self.critical:
            return "critical"
        return "high" if worth >= self.high else "medium"

    def as_json(self) -> dict[str, float]:
        """Return plain numbers for storage."""
        return asdict(self)


def a_month(share: float, customers: int) -> int:
    """Return how many customers can be called in a month; of any customers at least one."""
    # Without rounding first, 0.07 x 100 would be 8.
    return math.ceil(round(share * customers, 9))
