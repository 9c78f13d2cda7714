"""Quiet hours and the hour of the digest, by the clock on the wall of the reporting time zone."""

import datetime as dt
from zoneinfo import ZoneInfo


def quiet_until(now: dt.datetime, hours: str | None, zone: ZoneInfo) -> dt.datetime | None:
    """Return when the quiet hours that hold now are over; None if none hold.

    Parameters
    ----------
    now : datetime
        With its zone.
    hours : str or None
        Such as ``22:00-07:00``; the end is not quiet any more.
    zone : ZoneInfo
        Where the clock hangs.
    """
    if hours is None:
        return None
    start, end = (dt.time.fromisoformat(part) for part in hours.split("-"))
    time = now.astimezone(zone).time()
    is_quiet = start <= time < end if start < end else time >= start or time < end
    return next_time(now, end, zone) if is_quiet else None


def next_time(now: dt.datetime, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """Return the next moment after now at which the clock shows this time, in UTC.

    On the day on which clocks are set back a time may come twice: both count. A time that is left
    out when clocks are set forward comes as much later as they were set.
    """
    day = now.astimezone(zone).date()
    for offset in range(3):
        for fold in (0, 1):
            there = dt.datetime.combine(day + dt.timedelta(offset), time, zone).replace(fold=fold)
            moment = there.astimezone(dt.UTC)
            if moment > now:
                return moment
    raise AssertionError("a day is never that long")
