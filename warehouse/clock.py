"""The one place where the wall clock decides a date."""

import datetime as dt
import zoneinfo

from warehouse.settings import Settings

# The synthetic company's last day; its simulation ends here whatever the day of the run.
SAMPLE_END_DATE = dt.date(2026, 6, 30)


def resolve_as_of(settings: Settings, asked: dt.date | None = None) -> dt.date:
    """Return the date that a run is "as of".

    Asked for on the command line, else set in ``copilot.yml``, else the last day of the
    synthetic company, else the last complete day in the reporting time zone.
    """
    if asked is not None:
        return asked
    if settings.as_of_date is not None:
        return settings.as_of_date
    if settings.sample_company:
        return SAMPLE_END_DATE
    return last_complete_day(settings)


def day_in_progress(settings: Settings) -> dt.date:
    """Return the date of what lands now: today in the reporting time zone, or the fixed date.

    It is the date of the next nightly run, which will have the whole day.
    """
    if settings.as_of_date is not None or settings.sample_company:
        return resolve_as_of(settings)
    return last_complete_day(settings) + dt.timedelta(days=1)


def last_complete_day(settings: Settings) -> dt.date:
    """Return yesterday, in the reporting time zone."""
    today = dt.datetime.now(zoneinfo.ZoneInfo(settings.reporting_timezone)).date()
    return today - dt.timedelta(days=1)


def utc_now() -> dt.datetime:
    """Return the current instant; for ledgers only, never for a feature."""
    return dt.datetime.now(dt.UTC)
