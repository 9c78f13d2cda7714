"""How long a server asks to wait before another try, by its ``Retry-After``."""

import email.utils

from warehouse.clock import utc_now


def seconds_asked(header: str | None) -> float | None:
    """Return the seconds that the header asks for, a number or a date; None if it says nothing."""
    said = (header or "").strip()
    if said.replace(".", "", 1).isdecimal():
        return float(said)
    try:
        moment = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (moment - utc_now()).total_seconds()) if moment.tzinfo else None
