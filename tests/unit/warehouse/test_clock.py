"""Which date a run, and what lands between two runs, is as of."""

import datetime as dt
import zoneinfo

from warehouse.clock import SAMPLE_END_DATE, day_in_progress, last_complete_day
from warehouse.settings import Settings


def test_what_lands_is_of_the_day_in_progress_and_a_fixed_date_stays() -> None:
    far_east = Settings(sources=["app"], reporting_timezone="Pacific/Kiritimati")
    today = dt.datetime.now(zoneinfo.ZoneInfo("Pacific/Kiritimati")).date()
    assert day_in_progress(far_east) == today
    assert last_complete_day(far_east) == today - dt.timedelta(days=1)
    fixed = dt.date(2026, 7, 1)
    assert day_in_progress(far_east.model_copy(update={"as_of_date": fixed})) == fixed
    sample = Settings(sources=["zendesk"], sample_company=True)
    assert day_in_progress(sample) == SAMPLE_END_DATE
