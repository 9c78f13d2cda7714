"""Whatever the order of changes, faults, kills and passes: each change is told exactly once."""

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.alerts.conftest import TEAM, Office
from tests.integration.alerts.deadly import Deadly, KilledError

ACCOUNTS = ("Acme", "Bolt")
STATES: dict[str, dict[str, Any]] = {
    "quiet": {"state": "closed"},
    "open": {},
    "worse": {"severity": "critical"},
}
KINDS = ("status", "garbage", "drop_before", "drop_after")

changes = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(sorted(STATES)))
faults = st.tuples(st.just("fault"), st.sampled_from(KINDS))
kills = st.tuples(st.just("kill"), st.sampled_from(["before", "after"]))
steps = st.lists(st.one_of(changes, faults, kills), min_size=3, max_size=8)


class Model:
    """What should be told: the changes that passes see."""

    def __init__(self) -> None:
        self.now = dict.fromkeys(ACCOUNTS, "quiet")
        self.said = dict(self.now)
        self.expected: list[str] = []

    def notice(self) -> None:
        for account, state in self.now.items():
            before = self.said[account]
            word = None
            if before == "quiet" and state != "quiet":
                word = "New"
            elif before != "quiet" and state == "quiet":
                word = "Over"
            elif (before, state) == ("open", "worse"):
                word = "Worse"
            if word:
                self.said[account] = state
                self.expected.append(f"{word}: {account}: An urgent ticket is open")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_each_change_is_told_exactly_once(office: Office, sequence: list[tuple[str, str]]) -> None:
    office.forget()
    office.begin(TEAM)
    model = Model()
    slack = office.openers["slack"]
    for what, how in sequence:
        fuse = [0]
        if what == "fault":
            office.slack.fault(r"chat\.postMessage", kind=how)
        elif what == "kill":
            fuse = [1]
        else:
            model.now[what] = how
        office.alerts(
            *(
                {"alert_id": account, "account_id": account, "account_name": account}
                | STATES[state]
                for account, state in model.now.items()
            )
        )
        model.notice()
        office.openers["slack"] = lambda fuse=fuse, how=how: Deadly(  # type: ignore[misc]
            slack(), fuse, after=how == "after"
        )
        with contextlib.suppress(KilledError):
            office.run(TEAM)
        office.later(minutes=1)
    office.openers["slack"] = slack
    office.slack.forget()
    for _ in range(3):
        office.later(hours=7)
        office.run(TEAM)
    told = [title.split("] ")[1] for title in office.in_slack()]
    assert sorted(told) == sorted(model.expected)
    assert set(office.states()) <= {"sent"}


@pytest.mark.parametrize("states", [["open", "worse", "quiet", "open", "quiet"]])
def test_an_alert_may_come_back(office: Office, states: list[str]) -> None:
    office.begin(TEAM)
    for state in states:
        office.alerts(STATES[state])
        office.run(TEAM)
    words = [title.split("] ")[1].split(":")[0] for title in office.in_slack()]
    assert words == ["New", "Worse", "Over", "New", "Over"]
