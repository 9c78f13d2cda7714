"""What counts as a change of an alert."""

import datetime as dt

from connectors.alerts.changes import Known, changes_between
from connectors.alerts.observe import Observed
from warehouse.alert_settings import AlertSettings

TODAY = dt.date(2026, 7, 1)
YESTERDAY = dt.date(2026, 6, 30)


def known(alert_id: str, opened_at: dt.date) -> Known:
    return Known(
        alert_id, "a", "Acme", "severe_ticket", "An urgent ticket is open", "high", "open", 1,
        opened_at, opened_at,
    )  # fmt: skip


def observed(alert_id: str, as_of: dt.date) -> Observed:
    return Observed(
        alert_id, "severe_ticket", "An urgent ticket is open", "high", "open", YESTERDAY, as_of,
        None, account_id="b",
    )  # fmt: skip


def test_a_run_as_of_yesterday_says_nothing_of_an_alert_that_began_today() -> None:
    before = {one.alert_id: one for one in (known("old", YESTERDAY), known("new", TODAY))}

    def over(as_of: dt.date) -> list[str]:
        found = [observed("other", as_of)]
        changes = changes_between(before, found, AlertSettings())
        return sorted(one.alert.alert_id for one in changes if one.kind == "recovered")

    assert over(YESTERDAY) == ["old"]
    assert over(TODAY) == ["new", "old"]
