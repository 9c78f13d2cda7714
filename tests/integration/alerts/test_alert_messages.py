"""Exactly one message for each change of state, on every channel."""

import datetime as dt
from typing import Any

import pytest

from tests.integration.alerts.conftest import DAY, MAIL, OWNER, TEAM, TEAMS, Office

OPENED = "[high] New: Acme: An urgent ticket is open"
WORSE = "[critical] Worse: Acme: An urgent ticket is open"
OVER = "[critical] Over: Acme: An urgent ticket is open"


def test_each_change_is_told_once_on_each_channel_over_repeated_runs(office: Office) -> None:
    routes = (TEAM, TEAMS, MAIL)
    office.begin(*routes)
    for row in ({}, {"severity": "critical"}, {"severity": "critical", "state": "closed"}):
        office.alerts(row)
        for _ in range(3):
            office.run(*routes)
    assert office.in_slack() == office.in_teams() == office.in_mail() == [OPENED, WORSE, OVER]
    assert office.states() == ["sent"] * 9
    assert {row[0] for row in office.ledger("payload")} == {None}, "what was sent is not kept"


def test_the_owner_is_told_and_where_there_is_none_the_team(office: Office) -> None:
    office.begin(OWNER)
    stranger = {"alert_id": "b", "account_id": "b", "csm_email": "gone@copilot.example"}
    nobody = {"alert_id": "c", "account_id": "c", "csm_email": None, "account_name": "Cobalt"}
    office.alerts({}, {**stranger, "account_name": "Bolt"}, nobody)
    office.run(OWNER)
    assert office.in_slack("U0ANN000000") == [OPENED]
    assert [title.split(": ")[1] for title in office.in_slack()] == ["Bolt", "Cobalt"]


def test_routes_take_what_is_severe_enough_of_their_segments_and_rules(office: Office) -> None:
    routes: tuple[dict[str, Any], ...] = (
        {"name": "severe", "channel": "slack", "to": "#on-duty", "min_severity": "critical"},
        {"name": "small", "channel": "slack", "to": "#customers", "segments": ["Small"]},
        {"name": "other", "channel": "teams"},
    )
    rules = {"severe_ticket": {"routes": ["severe", "small"]}, "band_change": {"enabled": False}}
    office.begin(*routes, rules=rules)
    office.alerts(
        {"alert_id": "1"},
        {"alert_id": "2", "severity": "critical", "account_name": "Bolt"},
        {"alert_id": "3", "segment": "Small", "account_name": "Cobalt"},
        {"alert_id": "4", "rule": "band_change", "severity": "critical", "segment": "Small"},
    )
    office.run(*routes, rules=rules)
    assert [title.split(": ")[1] for title in office.in_slack("#on-duty")] == ["Bolt"]
    assert [title.split(": ")[1] for title in office.in_slack()] == ["Cobalt"]
    assert office.in_teams() == []


def test_the_first_pass_ever_tells_all_that_is_open_in_one_message(office: Office) -> None:
    office.alerts(*({"alert_id": f"{n}", "account_name": f"A{n}"} for n in range(300)))
    for _ in range(2):
        office.run(TEAM, TEAMS, MAIL, escalate_after_hours=1)
    title = [f"300 changes of alerts, {DAY}"]
    assert office.in_slack() == office.in_teams() == office.in_mail() == title
    [posted] = office.workspace.each("messages")
    assert "and 280 more" in str(posted["blocks"])
    assert set(office.states()) == {"sent"}
    office.later(hours=2)
    office.run({**TEAM, "name": "duty", "escalation": True}, escalate_after_hours=1)
    assert office.in_slack() == title, "what stood before the start is not escalated"


def test_the_first_pass_makes_one_message_of_a_few_too(office: Office) -> None:
    office.alerts({}, {"alert_id": "2"})
    office.run(TEAM)
    assert office.in_slack() == [f"2 changes of alerts, {DAY}"]


def test_more_than_people_can_read_is_one_message(office: Office) -> None:
    office.begin(TEAM)
    office.alerts(*({"alert_id": f"{n}"} for n in range(4)))
    office.run(TEAM, burst=3)
    assert office.in_slack() == [f"4 changes of alerts, {DAY}"]
    office.alerts({"alert_id": "0"}, {"alert_id": "1", "state": "closed"})
    office.run(TEAM, burst=3)
    assert len(office.in_slack()) == 4, "three that are over: one closed, two gone from the data"
    office.run(TEAM, burst=3)
    assert len(office.in_slack()) == 4


def test_an_alert_that_opened_and_closed_between_two_passes_is_not_told(office: Office) -> None:
    office.begin(TEAM)
    office.alerts({"state": "closed"})
    office.run(TEAM)
    assert office.in_slack() == []


def test_a_run_for_a_past_date_tells_nothing(office: Office) -> None:
    office.begin(TEAM)
    office.alerts({})
    office.run(TEAM)
    office.ended("one", "published", as_of=DAY)
    office.alerts({"alert_id": "past"}, as_of=DAY - dt.timedelta(1))
    result = office.run(TEAM)
    assert office.in_slack() == [OPENED]
    assert result.problems == [
        "The alerts are as of 2026-06-29, and 2026-06-30 is published: nothing is said."
    ]


def test_an_empty_table_does_not_say_that_all_is_well(office: Office) -> None:
    office.begin(TEAM)
    office.alerts({})
    office.run(TEAM)
    office.alerts()
    assert office.run(TEAM).problems == ["publish.sync_alert is empty: nothing is said of it."]
    assert office.in_slack() == [OPENED]


def test_no_address_and_no_name_is_in_a_message_and_names_are_no_mark_up(office: Office) -> None:
    office.begin(TEAM, TEAMS, MAIL)
    hostile = "<!channel> *Bold* [x](https://evil.example) <b>&amp; kim@acme.example\r\nBcc: x"
    office.alerts({"account_name": hostile, "csm_name": "Ann Lee", "detail": "by ann@b.example"})
    office.run(TEAM, TEAMS, MAIL)
    said = office.everything_sent()
    assert "Acme" not in said and "[address]" in said
    assert "@acme.example" not in said and "@b.example" not in said and "Ann Lee" not in said
    [posted] = office.workspace.each("messages")
    assert "&lt;!channel&gt;" in posted["text"] and "<!channel>" not in posted["text"]
    read_as_mark_up = str(posted["blocks"]).split("mrkdwn")[1:]
    assert all("evil" not in part.split("}")[0] for part in read_as_mark_up)
    [card] = office.tenant.each("cards")
    assert "TextBlock" not in str(card).replace("RichTextBlock", ""), "those read Markdown"
    [mail] = office.mail.box.mails
    page = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<!channel>" not in page and "&lt;b&gt;&amp;amp;" in page
    assert mail["Bcc"] is None and "Bcc: x" in str(mail["Subject"])


@pytest.mark.parametrize(("setting", "is_said"), [("none", False), ("names", True)])
def test_the_owners_name_is_said_only_where_the_settings_allow_it(
    office: Office, setting: str, is_said: bool
) -> None:
    office.begin(TEAM)
    office.alerts({})
    office.run(TEAM, personal_data=setting)
    assert ("Ann Lee" in office.everything_sent()) == is_said
    assert "@copilot.example" not in office.everything_sent()
