"""Reverse ETL to Salesforce when something goes wrong: nothing is lost, doubled or left unsaid."""

from typing import Any

import pytest

from connectors.destinations.common.crm import CrmRefusalError, CrmUnreachableError
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.salesforce.client import SalesforceClient
from connectors.destinations.salesforce.composite import read_and_update
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import Publisher, Read, outbound, states
from warehouse.errors import CopilotError


def test_an_answer_that_never_came_is_read_back_by_the_next_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(250)
    publisher.send(*(outbound(record_id) for record_id in ids))
    sandbox.fault(path="composite$", method="POST", kind="drop_after", times=3)
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("first")
    assert states(ledger, "first") == {"unknown": 200, "deferred": 50}
    assert ledger("select count(*) from publish_intent where settled_at is null") == [(200,)]

    result = publisher.run("second")

    assert (result.reconciled, result.unchanged, result.applied) == (200, 200, 50)
    assert states(ledger, "first") == {"applied": 200, "deferred": 50}
    assert states(ledger, "second") == {"unchanged": 200, "applied": 50}
    assert ledger("select count(*) from publish_intent where settled_at is null") == [(0,)]


def test_a_request_that_never_arrived_is_sent_by_the_next_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(3)
    publisher.send(*(outbound(record_id) for record_id in ids))
    sandbox.fault(path="composite$", method="POST", kind="drop_before", times=3)
    with pytest.raises(CopilotError):
        publisher.run("first")
    result = publisher.run("second")
    assert (result.reconciled, result.applied) == (3, 3)
    assert states(ledger, "first") == {"deferred": 3}


def test_a_run_tried_again_under_its_own_id_keeps_what_it_applied(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(3)
    publisher.send(*(outbound(record_id) for record_id in ids))
    sandbox.fault(path="composite$", method="POST", kind="drop_after", times=3)
    with pytest.raises(CopilotError):
        publisher.run("same")
    publisher.run("same")
    assert states(ledger, "same") == {"applied": 3}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429, "retry_after": 0},
        {"kind": "drop_before"},
        {"kind": "drop_after"},
    ],
)
def test_a_passing_fault_is_tried_again_within_the_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, fault: dict[str, Any]
) -> None:
    ids = sandbox.seed_accounts(2)
    publisher.send(*(outbound(record_id) for record_id in ids))
    sandbox.fault(path="composite$", method="POST", times=2, **fault)
    result = publisher.run()
    assert (result.applied, result.failed) == (2, 0)
    assert states(ledger) == {"applied": 2}


def test_a_retry_after_longer_than_the_limit_ends_the_run(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    sandbox.fault(path="composite$", method="POST", status=429, retry_after=3600)
    with pytest.raises(CopilotError, match="keeps answering 429"):
        publisher.run()
    assert sandbox.calls("POST", "/composite") == 1


def test_an_exhausted_daily_limit_defers_the_rest_and_says_so(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(250)
    publisher.send(*(outbound(record_id) for record_id in ids))
    sandbox.fault(path="composite$", method="POST", status=403, skip=1)
    result = publisher.run("first")
    assert "REQUEST_LIMIT_EXCEEDED" in result.sentence()
    assert "calls of the day are used up" in result.sentence()
    assert result.failed == 0
    assert states(ledger, "first") == {"applied": 200, "deferred": 50}
    assert publisher.run("second").applied == 50


def test_a_broken_answer_leaves_the_rows_unknown_until_they_are_read_back(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    sandbox.fault(path="composite$", method="POST", kind="garbage")
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("first")
    assert states(ledger, "first") == {"unknown": 1}
    publisher.run("second")
    assert states(ledger, "first") == {"deferred": 1}


def test_an_ended_session_is_opened_again(publisher: Publisher, sandbox: Sandbox) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    sandbox.fault(path="composite$", method="POST", status=401)
    assert publisher.run().applied == 1


def test_a_session_that_keeps_ending_is_told_with_what_to_do(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    sandbox.fault(path="sobjects/Account/describe", status=401, times=2)
    with pytest.raises(CopilotError, match="INVALID_SESSION_ID") as raised:
        publisher.run()
    assert "SALESFORCE_CLIENT_ID" in raised.value.hint


def test_wrong_credentials_are_told_without_showing_them(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    publisher.environment["SALESFORCE_CLIENT_SECRET"] = "not-the-secret"
    with pytest.raises(CopilotError, match="does not let the copilot in") as raised:
        publisher.plan()
    assert "not-the-secret" not in str(raised.value)
    assert "SALESFORCE_CLIENT_SECRET" in raised.value.hint


def test_user_name_and_password_open_a_session_too(sandbox: Sandbox, policy: RetryPolicy) -> None:
    environment = {
        "SALESFORCE_INSTANCE_URL": sandbox.info.url,
        "SALESFORCE_USERNAME": sandbox.info.credentials["username"],
        "SALESFORCE_PASSWORD": sandbox.info.credentials["password"],
    }
    assert "Name" in SalesforceClient(environment, policy=policy).describe("Account")
    with pytest.raises(CopilotError, match="INVALID_LOGIN"):
        SalesforceClient({**environment, "SALESFORCE_PASSWORD": "no"}, policy=policy)
    assert sandbox.calls("POST", "/services/Soap/u/59.0") == 2  # a wrong password is not repeated


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "not known where Salesforce is"),
        ({"SALESFORCE_INSTANCE_URL": "http://crm.example.com"}, "not an https address"),
        ({"SALESFORCE_INSTANCE_URL": "http://127.0.0.1:1"}, "no credentials"),
    ],
)
def test_a_wrong_environment_is_one_clear_sentence(
    environment: dict[str, str], message: str, policy: RetryPolicy
) -> None:
    with pytest.raises(CopilotError, match=message):
        SalesforceClient(environment, policy=policy)


def test_a_write_refused_within_the_call_is_a_refusal_of_the_request(
    sandbox: Sandbox, policy: RetryPolicy
) -> None:
    client = SalesforceClient(sandbox.info.environment(), policy=policy)
    records = [{"Id": account, "Name": "New"} for account in sandbox.seed_accounts(201)]
    with pytest.raises(CrmRefusalError) as raised:
        read_and_update(client, "Account", records)
    assert (raised.value.code, raised.value.ends_run) == ("EXCEEDED_ID_LIMIT", False)


@pytest.mark.parametrize(
    ("parts", "error", "words"),
    [
        (
            [(200, []), (503, [{"errorCode": "BUSY", "message": "Later."}])],
            CrmUnreachableError,
            "503",
        ),
        ([(200, []), (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}])], CrmRefusalError, "LIMIT"),
        ([(200, []), (200, [])], CrmUnreachableError, "another number of records"),
        ([(200, [])], CrmUnreachableError, "lacks what became"),
    ],
)
def test_a_call_is_judged_by_its_writing_part(
    sandbox: Sandbox,
    policy: RetryPolicy,
    monkeypatch: pytest.MonkeyPatch,
    parts: list[tuple[int, Any]],
    error: type[CopilotError],
    words: str,
) -> None:
    client = SalesforceClient(sandbox.info.environment(), policy=policy)
    answered = [
        {"referenceId": name, "httpStatusCode": status, "body": body}
        for name, (status, body) in zip(("before", "update"), parts, strict=False)
    ]
    monkeypatch.setattr(client, "call", lambda *_, **__: {"compositeResponse": answered})
    with pytest.raises(error, match=words):
        read_and_update(client, "Account", [{"Id": "001", "Name": "New"}])
