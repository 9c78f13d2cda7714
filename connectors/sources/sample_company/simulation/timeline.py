"""Weeks, billing months and time zones on arrays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SECONDS_A_DAY = 86_400
_EPOCH = date(1970, 1, 1)


def to_day(value: date) -> int:
    """Return days since 1970-01-01."""
    return (value - _EPOCH).days


def from_day(day: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=int(day))


@dataclass(frozen=True)
class Timeline:
    """The simulated weeks.

    Attributes
    ----------
    mondays : array of shape (weeks,)
        Day number of each week's Monday.
    end_day : int
        Day number of the last day with data (inclusive).
    """

    mondays: Array
    end_day: int

    @property
    def weeks(self) -> int:
        """How many weeks there are."""
        return len(self.mondays)

    @property
    def start_day(self) -> int:
        """Day number of the first day."""
        return int(self.mondays[0])

    @property
    def end_second(self) -> int:
        """Unix time of the last second with data."""
        return (self.end_day + 1) * SECONDS_A_DAY - 1


def make_timeline(end: date, months: int) -> Timeline:
    """Lay Mondays over the `months` calendar months that end with `end`'s month."""
    index = end.year * 12 + end.month - months
    first = date(index // 12, index % 12 + 1, 1)
    monday = first - timedelta(days=first.weekday())
    mondays = np.arange(to_day(monday), to_day(end) + 1, 7, dtype=np.int64)
    return Timeline(mondays=mondays, end_day=to_day(end))


def add_months(anchor_day: Array, months: Array) -> Array:
    """Add calendar months to day numbers; a day that the month lacks becomes its last day."""
    dates = anchor_day.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    day_of_month = (dates - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months.astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - 1
    moved: Array = np.minimum(first + day_of_month, last)
    return moved


def utc_offsets(zones: list[str], timeline: Timeline) -> Array:
    """Return the seconds east of UTC of each zone in each week, shape (weeks, zones)."""
    out = np.zeros((timeline.weeks, len(zones)), dtype=np.int64)
    for column, zone in enumerate(zones):
        info = ZoneInfo(zone)
        for row, monday in enumerate(timeline.mondays):
            noon = datetime.fromtimestamp((int(monday) + 2) * SECONDS_A_DAY + 43_200, tz=UTC)
            offset = noon.astimezone(info).utcoffset()
            out[row, column] = int(offset.total_seconds()) if offset else 0
    return out


def iso_z(second: float) -> str:
    """Unix seconds as Zendesk and Mixpanel write them: ``2026-01-31T09:30:00Z``."""
    return datetime.fromtimestamp(int(second), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_salesforce(second: float) -> str:
    """Unix seconds as Salesforce writes them: ``2026-01-31T09:30:00.000+0000``."""
    return datetime.fromtimestamp(int(second), tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def iso_many(seconds: Array) -> list[str]:
    """Vectorised :func:`iso_z`."""
    texts = np.datetime_as_string(seconds.astype("datetime64[s]"))
    return [f"{text}Z" for text in texts.tolist()]


def iso_local(second: int, offset: int) -> str:
    """Unix seconds as a local time with its offset: ``2026-01-31T10:30:00+01:00``."""
    sign = "-" if offset < 0 else "+"
    hours, minutes = divmod(abs(offset) // 60, 60)
    local = datetime.fromtimestamp(second + offset, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{local}{sign}{hours:02d}:{minutes:02d}"
