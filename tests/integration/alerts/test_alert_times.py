"""Quiet hours, digests, mutes, and what happens when nobody answers."""

import datetime as dt

import pytest

from connectors.alerts.people import People, overview
from tests.integration.alerts.conftest import NOON, TEAM, TEAMS, Office
from tests.integration.busy_server import unnoticed_ends
from warehouse.database import Role
from warehouse.errors import CopilotError
from warehouse.session_lock import try_lock, unlock

OPENED = "[high] New: Acme: An urgent ticket is open"
OVER = "[high] Over: Acme: An urgent ticket is open"
NOBODY = "[high] Nobody has answered: Acme: An urgent ticket is open"
DUTY = {"name": "duty", "channel": "slack", "to": "#on-duty", "escalation": True}
DIGEST = {**TEAM, "mode": "digest"}


def people(office: Office) -> People:
    return People(office.warehouse, "ann", office.now)


def test_quiet_hours_hold_messages_back_and_lose_none(office: Office) -> None:
    office.timezone = "Europe/Berlin"  # two hours ahead in summer
    office.begin(TEAM)
    office.alerts({})
    office.now = NOON.replace(hour=20)
    held = office.run(TEAM, quiet_hours="22:00-07:00")
    assert (office.in_slack(), office.states()) == ([], ["held"])
    assert held.held_until == dt.datetime(2026, 7, 1, 5, tzinfo=dt.UTC)
    office.alerts({"state": "closed"})
    office.later(hours=8, minutes=59)
    office.run(TEAM, quiet_hours="22:00-07:00")
    assert office.in_slack() == []
    office.later(minutes=1)
    office.run(TEAM, quiet_hours="22:00-07:00")
    assert office.in_slack() == [OPENED, OVER]


def test_a_digest_is_one_message_a_day(office: Office) -> None:
    office.begin(DIGEST)
    office.alerts({}, {"alert_id": "2", "account_name": "Bolt"})
    office.run(DIGEST, digest_at="13:00")
    assert office.in_slack() == []
    office.alerts({"state": "closed"}, {"alert_id": "2", "account_name": "Bolt"})
    office.later(minutes=59)
    office.run(DIGEST, digest_at="13:00")
    office.later(minutes=1)
    for _ in range(2):
        office.run(DIGEST, digest_at="13:00")
    assert office.in_slack() == ["3 changes of alerts, 2026-06-30"]
    said = office.everything_sent()
    assert [said.count(word) for word in ("New: Acme", "New: Bolt", "Over: Acme")] == [1, 1, 1]
    office.alerts({"state": "closed"}, {"alert_id": "2", "state": "closed"})
    office.run(DIGEST, digest_at="13:00")
    office.later(hours=24)
    office.run(DIGEST, digest_at="13:00")
    assert office.in_slack()[1:] == ["1 change of alerts, 2026-07-01"]


def test_what_is_muted_is_written_down_and_not_told(office: Office) -> None:
    office.begin(TEAM)
    people(office).mute(account_id="a1", rule=None, until=office.now.date(), reason="Known.")
    people(office).mute(account_id=None, rule="band_change", until=None, reason="Too many.")
    office.alerts({}, {"alert_id": "2", "account_id": "b", "rule": "band_change"})
    office.run(TEAM)
    assert (office.in_slack(), office.states()) == ([], ["muted", "muted"])
    office.later(days=1)
    office.alerts(
        {"state": "closed"},
        {"alert_id": "2", "account_id": "b", "rule": "band_change", "state": "closed"},
        {"alert_id": "3"},
    )
    office.run(TEAM)
    assert office.in_slack() == [OPENED], "nobody hears the end of what nobody was told"
    people(office).unmute(account_id=None, rule="band_change")
    office.alerts({"alert_id": "3"}, {"alert_id": "4", "account_id": "b", "rule": "band_change"})
    office.run(TEAM)
    assert office.in_slack() == [OPENED, OPENED]
    with pytest.raises(CopilotError, match="is not muted"):
        people(office).unmute(account_id=None, rule="band_change")


def test_a_mute_silences_what_waits_for_the_end_of_quiet_hours(office: Office) -> None:
    office.begin(TEAM)
    office.alerts({})
    office.run(TEAM, quiet_hours="11:00-13:00")
    people(office).mute(account_id="a1", rule=None, until=None, reason="Known.")
    office.later(hours=1)
    office.run(TEAM, quiet_hours="11:00-13:00")
    assert (office.in_slack(), office.states()) == ([], ["muted"])


def test_what_nobody_takes_on_in_time_goes_to_the_second_route_once(office: Office) -> None:
    office.begin(TEAM, DUTY)
    office.alerts({}, {"alert_id": "mild", "account_name": "Bolt", "severity": "medium"})
    for hours in (0, 23, 1, 24):
        office.later(hours=hours)
        office.run(TEAM, DUTY, escalate_after_hours=24)
    assert office.in_slack("#on-duty") == [NOBODY]
    office.alerts({"state": "closed"}, {"alert_id": "mild", "severity": "medium"})
    office.run(TEAM, DUTY)
    assert office.in_slack("#on-duty") == [NOBODY, OVER]
    assert office.in_slack()[-1] == OVER


def test_who_takes_an_alert_on_or_mutes_it_stops_the_escalation(office: Office) -> None:
    office.begin(TEAM, DUTY)
    office.alerts({}, {"alert_id": "alert-2", "account_id": "b"})
    office.run(TEAM, DUTY)
    with pytest.raises(CopilotError, match="several open alerts"):
        people(office).acknowledge("alert-")
    with pytest.raises(CopilotError, match="no open alert"):
        people(office).acknowledge("alert-3")
    assert people(office).acknowledge("alert-1") == "alert-1"
    people(office).mute(account_id="b", rule=None, until=None, reason="Known.")
    office.later(hours=25)
    office.run(TEAM, DUTY)
    assert office.in_slack("#on-duty") == []
    lines = list(overview(office.warehouse))
    assert any("alert-1" in line and line.endswith("taken on by ann") for line in lines)
    assert "muted: b, by ann: Known." in lines
    office.alerts({"severity": "critical"}, {"alert_id": "alert-2", "account_id": "b"})
    office.run(TEAM, DUTY)
    office.later(hours=25)
    office.run(TEAM, DUTY)
    assert len(office.in_slack("#on-duty")) == 1, "what has become worse asks for an answer anew"


@pytest.mark.parametrize(("state", "is_told"), [("open", True), ("done", False)])
def test_who_finishes_the_task_in_the_crm_has_answered(
    office: Office, state: str, is_told: bool
) -> None:
    office.begin(TEAM, DUTY)
    office.alerts({})
    office.run(TEAM, DUTY)
    table = f'"{office.warehouse.schema("ops")}".task'
    with office.warehouse.connect() as connection:
        connection.execute(
            f"insert into {table} (destination, marker, account_id, record_id, reason_key,"
            " playbook, subject, due_on, made_on, ended_on, state, run_id) values ('hubspot', %s,"
            " 'a1', '1', 'severe_ticket', 'p', 's', '2026-07-02', '2026-06-30', '2026-06-30',"
            " %s, 'r')".encode(),
            (state, state),
        )
    office.later(hours=25)
    office.run(TEAM, DUTY)
    assert office.in_slack("#on-duty") == ([NOBODY] if is_told else [])


def test_a_failed_and_a_missed_run_are_told_once_and_when_they_are_over(office: Office) -> None:
    office.begin(TEAM, TEAMS)
    office.ended("one", "published", -1)
    office.run(TEAM, TEAMS)
    office.ended("two", "failed", 0)
    office.run(TEAM, TEAMS)
    office.ended("three", "failed", 1)
    office.later(hours=30)
    for _ in range(2):
        office.run(TEAM, TEAMS)
    failed, missed = "The copilot's run has failed", "No run has been published"
    assert office.in_slack() == [f"[high] New: {failed}", f"[high] New: {missed}"]
    assert "failed at dbt_foundation" in office.everything_sent()
    office.ended("four", "published", 30)
    office.run(TEAM, TEAMS)
    over = {f"[high] Over: {failed}", f"[high] Over: {missed}"}
    assert set(office.in_slack()[2:]) == set(office.in_teams()[2:]) == over


def test_two_passes_at_once_send_nothing_twice(office: Office) -> None:
    office.begin(TEAM)
    office.alerts({})
    with office.warehouse.connect(Role.PUBLISHER) as connection:
        name = f"customer-success-copilot:alerts:{office.warehouse.schema_prefix}"
        assert try_lock(connection, name)
        assert office.run(TEAM).is_busy
        unlock(connection, name)
    assert not office.run(TEAM).is_busy
    assert office.in_slack() == [OPENED]


def test_a_pass_goes_on_where_the_server_has_not_noticed_that_the_last_one_ended(
    office: Office,
) -> None:
    with unnoticed_ends() as sessions:
        office.begin(TEAM)
    office.alerts({})
    assert not office.run(TEAM).is_busy
    assert office.in_slack() == [OPENED]
    assert not any(session.closed for session in sessions)
    for session in sessions:
        session.close()
