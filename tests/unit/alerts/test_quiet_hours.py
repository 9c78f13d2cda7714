"""Quiet hours by the clock on the wall, across midnight and when clocks are changed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.alerts.quiet import next_time, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = "22:00-07:00"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "hours", "until"),
    [
        ("2026-06-30T19:59", NIGHT, None),
        ("2026-06-30T20:00", NIGHT, "2026-07-01T05:00"),
        ("2026-06-30T22:00", NIGHT, "2026-07-01T05:00"),
        ("2026-07-01T04:59", NIGHT, "2026-07-01T05:00"),
        ("2026-07-01T05:00", NIGHT, None),
        ("2026-06-30T10:30", "12:00-13:00", "2026-06-30T11:00"),
        ("2026-06-30T11:00", "12:00-13:00", None),
        # The night on which clocks are set forward is an hour shorter, the other an hour longer.
        ("2026-03-28T21:00", NIGHT, "2026-03-29T05:00"),
        ("2026-10-24T20:00", NIGHT, "2026-10-25T06:00"),
        # 02:30 does not exist on the one, and comes twice on the other.
        ("2026-03-29T00:30", "01:00-02:30", "2026-03-29T01:30"),
        ("2026-10-25T00:10", "01:00-02:30", "2026-10-25T00:30"),
        ("2026-10-25T01:10", "01:00-02:30", "2026-10-25T01:30"),
    ],
)
def test_quiet_hours_end_when_the_clock_says_so(now: str, hours: str, until: str | None) -> None:
    assert quiet_until(utc(now), hours, BERLIN) == (utc(until) if until else None)


def test_without_quiet_hours_none_hold() -> None:
    assert quiet_until(utc("2026-06-30T23:00"), None, BERLIN) is None


_times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
_moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31))


@given(_moments, _times, _times, st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]))
def test_what_is_held_is_sent_within_a_day_and_outside_of_quiet_hours(
    moment: dt.datetime, start: dt.time, end: dt.time, zone: str
) -> None:
    now, there = moment.replace(tzinfo=dt.UTC), ZoneInfo(zone)
    if start == end:
        return
    hours = f"{start:%H:%M}-{end:%H:%M}"
    until = quiet_until(now, hours, there)
    if until is not None:
        assert now < until <= now + dt.timedelta(hours=25)
        assert quiet_until(until, hours, there) is None


@given(_moments, _times)
def test_a_digest_is_due_within_a_day(moment: dt.datetime, time: dt.time) -> None:
    now = moment.replace(tzinfo=dt.UTC)
    assert now < next_time(now, time, BERLIN) <= now + dt.timedelta(hours=25)
