"""What goes wrong on one channel: nothing is lost or doubled, and the other channels go on."""

import logging
from typing import Any

import pytest

from tests.integration.alerts.conftest import MAIL, OWNER, TEAM, TEAMS, Office
from tests.integration.alerts.deadly import Deadly, KilledError

OPENED = "[high] New: Acme: An urgent ticket is open"
ALL = (TEAM, TEAMS, MAIL)
POST = r"chat\.postMessage"


def opened(office: Office, *routes: dict[str, Any], **settings: Any) -> str:
    """Do a pass with one new alert, and return what went wrong."""
    office.begin(*routes)
    office.alerts({})
    return " ".join(office.run(*routes, **settings).problems)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("#nowhere", "channel_not_found"),
        ("C0NOWHERE00", "channel_not_found"),
        ("#private", "channel_not_found"),
        ("#old", "is_archived"),
    ],
)
def test_a_wrong_channel_is_named_and_stops_nobody_else(office: Office, to: str, said: str) -> None:
    office.workspace.seed("channels", {"name": "private", "is_private": True})
    office.workspace.seed("channels", {"name": "old", "is_archived": True, "is_member": True})
    problem = opened(office, {**TEAM, "to": to}, {**TEAM, "name": "second"}, TEAMS, MAIL)
    assert f"Slack refused: {said}" in problem
    assert office.in_slack() == office.in_teams() == office.in_mail() == [OPENED]
    assert office.states() == ["failed", "sent", "sent", "sent"]
    office.run(TEAM)
    assert office.states()[0] == "failed", "not before its time"
    office.later(hours=1)
    office.run(TEAM)
    assert office.states()[0] == "sent"


def test_the_app_enters_a_public_channel_if_it_may_and_else_says_what_to_do(
    office: Office,
) -> None:
    office.workspace.seed("channels", {"name": "open"})
    route = {**TEAM, "to": "#open"}
    office.workspace.settings["channels:join"] = 0
    assert "missing_scope (needed: channels:join)" in opened(office, route)
    office.workspace.settings["channels:join"] = 1
    office.later(hours=1)
    office.run(route)
    assert office.in_slack("#open") == [OPENED]


def test_a_wrong_token_stops_slack_alone_until_it_is_right(office: Office) -> None:
    right = office.environment["SLACK_BOT_TOKEN"]
    office.environment["SLACK_BOT_TOKEN"] = "xoxb-wrong"
    assert "invalid_auth" in opened(office, *ALL, {**TEAM, "name": "second"})
    assert office.slack.calls(POST.replace("\\", ""), "POST") == 1, "one refusal is enough"
    assert office.in_teams() == office.in_mail() == [OPENED]
    office.environment["SLACK_BOT_TOKEN"] = right
    office.run(*ALL, {**TEAM, "name": "second"})
    assert office.in_slack() == [OPENED, OPENED]


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "TEAMS_WEBHOOK_URL", "SMTP_HOST"])
def test_a_channel_without_credentials_is_named_and_waits(office: Office, variable: str) -> None:
    value = office.environment.pop(variable)
    assert f"{variable}" in opened(office, *ALL)
    assert sorted(office.states()) != ["sent"] * 3
    office.environment[variable] = value
    office.later(hours=1)
    office.run(*ALL)
    assert office.states() == ["sent"] * 3
    assert office.in_slack() == office.in_teams() == office.in_mail() == [OPENED]


def test_slack_and_teams_are_waited_for_when_they_ask(office: Office) -> None:
    waited: list[float] = []
    office.slack.fault(POST, status=429, retry_after=7)
    office.teams.fault("invoke", status=429, retry_after=3)
    slack, teams = office.openers["slack"], office.openers["teams"]

    def slept(opener: Any) -> Any:
        channel = opener()
        channel._sleep = waited.append
        return channel

    office.openers |= {"slack": lambda: slept(slack), "teams": lambda: slept(teams)}
    assert opened(office, *ALL) == ""
    assert waited == [7, 3]
    assert office.in_slack() == office.in_teams() == [OPENED]


def test_who_asks_for_too_long_a_wait_gets_it_without_holding_up_the_run(office: Office) -> None:
    office.slack.fault(POST, status=429, retry_after=600)
    office.teams.fault("invoke", status=429, retry_after=600)
    assert "slow down" in opened(office, *ALL)
    office.later(seconds=599)
    office.run(*ALL)
    assert (office.in_slack(), office.in_teams(), office.in_mail()) == ([], [], [OPENED])
    office.later(seconds=1)
    office.run(*ALL)
    assert office.in_slack() == office.in_teams() == [OPENED]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502},
        {"kind": "garbage"},
        {"kind": "slow", "seconds": 3},
        {"kind": "drop_before"},
        {"kind": "drop_after"},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
def test_slack_is_read_back_after_an_answer_that_tells_nothing(
    office: Office, fault: dict[str, Any]
) -> None:
    routes = (TEAM, OWNER, TEAMS)
    office.slack.fault(POST, **fault)
    assert "Slack" in opened(office, *routes)
    assert office.states() == ["unknown", "pending", "sent"]
    office.later(seconds=29)
    office.run(*routes)
    has_arrived = fault["kind"] == "drop_after"
    assert office.states()[0] == ("sent" if has_arrived else "unknown"), "it may still arrive"
    office.later(seconds=1)
    office.run(*routes)
    assert office.states() == ["sent", "sent", "sent"]
    assert office.in_slack() == office.in_slack("U0ANN000000") == office.in_teams() == [OPENED]


def test_nobody_hears_that_something_is_over_before_having_heard_of_it(office: Office) -> None:
    office.slack.fault(POST, kind="drop_before")
    opened(office, TEAM)
    office.alerts({"state": "closed"})
    office.later(seconds=10)
    office.run(TEAM)
    assert office.in_slack() == []
    office.later(seconds=20)
    office.run(TEAM)
    assert office.in_slack() == [OPENED, OPENED.replace("New", "Over")]


def test_a_channel_that_gives_no_answer_is_asked_once_in_a_pass(office: Office) -> None:
    office.begin(TEAM, TEAMS)
    for number in range(3):
        office.alerts(*({"alert_id": f"{n}"} for n in range(number + 1)))
        office.slack.fault("history|postMessage", kind="drop_before")
        office.run(TEAM, TEAMS)
        office.later(minutes=1)
    assert office.slack.calls("history", "POST") == 2
    assert office.slack.calls("postMessage", "POST") == 1
    assert len(office.in_teams()) == 3


def test_metadata_that_the_app_may_not_see_is_not_taken_for_absent(office: Office) -> None:
    office.workspace.settings["metadata.message:read"] = 0
    office.slack.fault(POST, kind="drop_after")
    opened(office, TEAM)
    office.later(hours=1)
    office.run(TEAM)
    assert office.in_slack() == [OPENED]
    [(state, reason)] = office.ledger("state", "reason")
    assert state == "unknown" and "metadata.message:read" in reason


def test_a_message_to_the_owner_is_read_back_too(office: Office) -> None:
    office.slack.fault(POST, kind="drop_after")
    opened(office, OWNER)
    office.run(OWNER)
    assert office.in_slack("U0ANN000000") == [OPENED]
    assert office.ledger("state", "reason") == [("sent", "Read back.")]


@pytest.mark.parametrize(("resend", "copies"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("channel", ["slack", "teams", "email"])
def test_what_cannot_be_read_back_is_sent_again_only_by_setting(
    office: Office, channel: str, resend: bool, copies: int
) -> None:
    office.workspace.settings["channels:history"] = 0
    office.slack.fault(POST, kind="drop_after")
    office.teams.fault("invoke", kind="drop_after")
    office.mail.box.cuts = True
    [route] = [route for route in ALL if route["channel"] == channel]
    opened(office, route)
    office.mail.box.cuts = False
    for _ in range(3):
        office.later(hours=1)
        office.run(route, resend_unknown=resend)
    sent = {"slack": office.in_slack, "teams": office.in_teams, "email": office.in_mail}[channel]()
    assert sent == [OPENED] * copies
    assert office.states() == ["sent" if resend else "unknown"]


@pytest.mark.parametrize(("status", "state"), [(400, "failed"), (404, "pending"), (401, "pending")])
def test_what_teams_refuses_is_named_without_its_address(
    office: Office, caplog: pytest.LogCaptureFixture, status: int, state: str
) -> None:
    caplog.set_level(logging.DEBUG)
    office.teams.fault("invoke", status=status)
    problem = opened(office, TEAMS)
    assert f"HTTP {status}" in problem
    assert office.states() == [state]
    office.later(hours=1)
    office.run(TEAMS)
    assert office.in_teams() == [OPENED]
    secrets = {*office.tenant.credentials.values(), office.environment["SMTP_PASSWORD"]}
    kept = str(office.ledger("payload", "reason", "vendor_reference"))
    assert not [one for one in secrets if one in caplog.text + problem + kept]


def test_no_secret_and_no_address_is_logged_by_any_channel(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.slack.fault("users.lookupByEmail", kind="drop_before")
    opened(office, OWNER, *ALL)
    office.run(OWNER, *ALL)
    logged = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("mail.")
    )
    for secret in (office.tenant.webhook_path, *office.workspace.credentials.values(), "right"):
        assert secret not in logged
    assert "ann@copilot.example" not in logged
    assert "@" not in str(office.ledger("payload", "reason", "route"))


def test_a_card_never_outgrows_the_limit_of_teams(office: Office) -> None:
    office.begin(TEAMS)
    long = {"detail": "ä" * 880, "account_name": "Ä" * 100}
    office.alerts(*({"alert_id": f"{n}", **long} for n in range(100)))
    assert office.run(TEAMS).problems == []
    assert office.in_teams() == ["100 changes of alerts, 2026-06-30"]
    assert "more: copilot alerts list" in office.everything_sent()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SMTP_PASSWORD": "wrong"}, "refused the login"),
        ({"SMTP_CA_FILE": ""}, "cannot be trusted"),
        ({"SMTP_HOST": "127.0.0.1"}, "cannot be trusted"),
        ({"SMTP_PORT": "1"}, "cannot be reached"),
    ],
)
def test_a_mail_server_that_cannot_be_used_says_why(
    office: Office, change: dict[str, str], said: str
) -> None:
    office.environment.update(change)
    assert said in opened(office, *ALL)
    assert office.states() == ["sent", "sent", "pending"]
    office.environment.update(office.mail.environment)
    assert office.run(*ALL).problems == []
    assert office.in_mail() == [OPENED]


def test_a_mailbox_that_does_not_exist_stops_no_other(office: Office) -> None:
    nobody = {**MAIL, "name": "nobody", "to": "nobody@copilot.example"}
    assert "refused the recipient (SMTP 550)" in opened(office, nobody, MAIL)
    assert office.in_mail() == [OPENED]
    office.mail.box.answer = "451 try again"
    office.alerts({"state": "closed"})
    assert "refused the mail (SMTP 451)" in " ".join(office.run(MAIL).problems)
    office.mail.box.answer = "250 OK"
    office.later(hours=1)
    office.run(MAIL)
    assert len(office.in_mail()) == 2


def test_an_owner_s_address_smuggles_no_header_into_a_mail(office: Office) -> None:
    route = {**MAIL, "to": "owner"}
    office.begin(route)
    office.alerts({"csm_email": "ann@copilot.example\r\nBcc: eve@evil.example"})
    assert "no owner" in " ".join(office.run(route).problems)
    assert office.in_mail() == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("request_number", [1, 2, 3, 4])
def test_a_pass_that_is_killed_at_any_request_loses_and_doubles_nothing(
    office: Office, request_number: int, after: bool
) -> None:
    routes = (TEAM, {**TEAM, "name": "duty", "to": "#on-duty"})
    office.begin(*routes)
    office.alerts({}, {"alert_id": "2", "account_name": "Bolt"})
    slack = office.openers["slack"]
    fuse = [request_number]
    office.openers["slack"] = lambda: Deadly(slack(), fuse, after=after)
    with pytest.raises(KilledError):
        office.run(*routes)
    office.later(seconds=31)
    office.run(*routes)
    bolt = OPENED.replace("Acme", "Bolt")
    assert sorted(office.in_slack()) == sorted(office.in_slack("#on-duty")) == [OPENED, bolt]
    assert office.states() == ["sent"] * 4


def test_what_does_not_fit_into_the_time_of_a_pass_goes_with_the_next(office: Office) -> None:
    office.begin(TEAM)
    office.alerts({}, {"alert_id": "2"})
    office.budget_seconds = -1
    office.run(TEAM)
    assert office.states() == ["pending", "pending"]
    office.budget_seconds = 60
    office.run(TEAM)
    assert office.states() == ["sent", "sent"]
