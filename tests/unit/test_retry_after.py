"""How long a server asks to wait is read alike, whoever asked it."""

import datetime as dt
import email.utils

import pytest

from connectors.retry_after import seconds_asked


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_or_a_date_that_is_past_or_nothing_at_all(
    header: str | None, seconds: float | None
) -> None:
    assert seconds_asked(header) == seconds


def test_a_date_to_come_is_waited_for() -> None:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    asked = seconds_asked(email.utils.format_datetime(moment, usegmt=True))
    assert asked is not None
    assert 80 < asked <= 90
