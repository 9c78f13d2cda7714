"""Each thing that can go wrong with Pipedrive has a name, a place, and what to do."""

from typing import Any

import pytest

from connectors.destinations.common.crm import Change, CrmRefusalError, CrmUnreachableError, NewTask
from connectors.destinations.common.fields import Value
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.pipedrive.client import PipedriveCrm
from tests.integration.pipedrive.conftest import Opened
from warehouse.errors import CopilotError

SCORE: dict[str, Value] = {"health_score": 1.0}
ORGANIZATION = "organizations/10"


@pytest.fixture
def crm(opened: Opened) -> PipedriveCrm:
    """Return the destination with its fields made, and five organisations from 100 on."""
    opened.company.settings["requests_per_two_seconds"] = 1000
    opened.organizations(5)
    made = opened.crm()
    made.set_up("EUR")
    return made


def _write(crm: PipedriveCrm, count: int = 5) -> list[str | None]:
    changes = [Change(str(100 + number), SCORE) for number in range(count)]
    return [answer.code for answer in crm.write(changes)]


def test_a_missing_or_wrong_token_is_named(opened: Opened) -> None:
    with pytest.raises(CopilotError, match="PIPEDRIVE_API_TOKEN is not set"):
        PipedriveCrm({})
    with pytest.raises(CrmRefusalError, match="unauthorized access") as raised:
        opened.crm(PIPEDRIVE_API_TOKEN="another")
    assert raised.value.ends_run
    assert "Personal preferences" in raised.value.hint


@pytest.mark.parametrize("url", ["http://pipedrive.example", "https://api.pipedrive.com.evil.org"])
def test_the_token_goes_to_nobody_else(url: str) -> None:
    with pytest.raises(CopilotError, match="is not Pipedrive"):
        PipedriveCrm({"PIPEDRIVE_API_TOKEN": "x", "PIPEDRIVE_API_URL": url})


def test_a_row_that_is_refused_leaves_the_others_alone(opened: Opened, crm: PipedriveCrm) -> None:
    opened.standin.fault("organizations/101$", status=403, method="PATCH")
    opened.standin.call("DELETE", "/api/v2/organizations/102")
    answers = crm.write([Change(str(100 + number), SCORE) for number in range(5)])
    assert [answer.code for answer in answers] == [
        None, "ERR_FORBIDDEN", "ERR_NOT_FOUND", None, None
    ]  # fmt: skip
    assert not any(answer.may_pass for answer in answers)
    assert "permission" in answers[1].hint
    assert "deleted" in answers[2].hint
    there = crm.read(["100", "101", "103"])
    assert [record.values["health_score"] for record in there.values()] == [1.0, None, 1.0]


def test_a_field_that_is_gone_or_of_another_type_is_named(
    opened: Opened, crm: PipedriveCrm
) -> None:
    fields = opened.company.records["organizationFields"]
    score = crm._fields["health_score"].key
    fields[score]["field_type"] = "date"
    (answer,) = crm.write([Change("100", SCORE)])
    assert (answer.code, answer.columns) == ("ERR_SCHEMA_VALIDATION_FAILED", ("health_score",))
    assert "not valid for a field of type date" in answer.words
    del fields[score]
    (answer,) = crm.write([Change("100", SCORE)])
    assert "is not allowed for this request" in answer.words
    assert (answer.columns, "setup" in answer.hint) == (("health_score",), True)
    (answer,) = opened.crm().write([Change("100", {**SCORE, "risk_tier": "low"})])
    assert (answer.code, answer.columns) == ("MISSING_FIELD", ("health_score",))
    (answer,) = crm.write([Change("100", {"health_band": "splendid"})])
    assert (answer.code, answer.columns) == ("MISSING_FIELD", ("health_band",))


def test_who_may_not_add_fields_is_told_so(opened: Opened) -> None:
    opened.standin.fault("organizationFields$", status=403, method="POST")
    with pytest.raises(CrmRefusalError, match="permissions") as raised:
        opened.crm().set_up("EUR")
    assert "permission set" in raised.value.hint
    opened.company.settings["custom_fields"] = 3
    with pytest.raises(CrmRefusalError, match="limit reached") as raised:
        opened.crm().set_up("EUR")
    assert "larger plan" in raised.value.hint


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after": 0},
        {"status": 500},
        {"status": 503},
        {"kind": "drop_before"},
        {"kind": "drop_after"},
        {"kind": "slow", "seconds": 1.0},
    ],
)
def test_what_passes_is_tried_again_and_counted_apart(
    opened: Opened, fault: dict[str, Any]
) -> None:
    opened.organizations(1)
    policy = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=5, read_timeout=0.5)
    crm = opened.crm(policy)
    crm.set_up("EUR")
    before = crm.spending()
    opened.standin.fault(ORGANIZATION, method="PATCH", **fault)
    assert _write(crm, 1) == [None]
    after = crm.spending()
    assert (after.retries - before.retries, after.units - before.units) == (1, 5)
    assert opened.standin.faults_left() == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 500, "times": 9}, "keeps answering 500"),
        ({"kind": "slow", "seconds": 0.6, "times": 9}, "no answer in time"),
        ({"kind": "garbage"}, "no usable answer"),
        ({"kind": "drop_before", "times": 9}, "no usable answer"),
    ],
)
def test_what_does_not_pass_leaves_the_rows_to_be_read_back(
    opened: Opened, fault: dict[str, Any], words: str
) -> None:
    opened.organizations(1)
    policy = RetryPolicy(attempts=2, first_wait=0.01, longest_wait=5, read_timeout=0.3)
    crm = opened.crm(policy)
    crm.set_up("EUR")
    opened.standin.fault(ORGANIZATION, method="PATCH", **fault)
    with pytest.raises(CrmUnreachableError, match=words) as raised:
        _write(crm, 1)
    assert "read back" in raised.value.hint


def test_retry_after_is_obeyed(opened: Opened, crm: PipedriveCrm) -> None:
    opened.standin.fault(ORGANIZATION, status=429, retry_after=1)
    before = opened.company.clock.exact()
    assert _write(crm, 1) == [None]
    assert (opened.company.clock.exact() - before).total_seconds() >= 1


def test_nothing_goes_while_one_request_is_told_to_wait(opened: Opened, crm: PipedriveCrm) -> None:
    """Others may use the token too, and the vendor's firewall shuts out who goes on."""
    impatient = opened.crm(RetryPolicy(attempts=1))
    opened.standin.fault(ORGANIZATION, status=429, retry_after=1)
    with pytest.raises(CrmRefusalError, match="over limit") as raised:
        _write(impatient, 1)
    assert not raised.value.is_quota
    begin = opened.company.clock.exact()
    assert list(impatient.read(["101"])) == ["101"]
    assert (opened.company.clock.exact() - begin).total_seconds() >= 0.9


def test_a_longer_wait_than_is_allowed_is_the_days_end(opened: Opened, crm: PipedriveCrm) -> None:
    opened.standin.fault(ORGANIZATION, status=429, retry_after=3600)
    with pytest.raises(CrmRefusalError, match="day's tokens") as raised:
        _write(crm, 1)
    assert (raised.value.ends_run, raised.value.is_quota) == (True, True)


def test_the_day_s_tokens_end_in_the_midst_and_each_row_knows(
    opened: Opened, crm: PipedriveCrm
) -> None:
    opened.company.settings["tokens_per_day"] = opened.company.used_tokens + 12
    answers = crm.write([Change(str(100 + number), SCORE) for number in range(5)])
    taken = [answer for answer in answers if answer.code is None]
    assert len(taken) == 2
    assert all(answer.may_pass for answer in answers if answer.code is not None)
    written = [row for row in opened.company.each("organizations") if row["custom_fields"]]
    assert {str(row["id"]) for row in written} == {answer.record_id for answer in taken}
    assert crm.spending().retries == 0
    with pytest.raises(CrmRefusalError) as raised:
        _write(crm)
    assert (raised.value.ends_run, raised.value.is_quota) == (True, True)
    assert "midnight" in raised.value.hint


def test_who_goes_on_after_many_429_is_shut_out_and_told(opened: Opened, crm: PipedriveCrm) -> None:
    opened.company.settings |= {"requests_per_two_seconds": 1, "refusals_before_blocking": 2}
    for _ in range(4):
        opened.standin.http.get(f"{opened.standin.url}/api/v2/organizations")
    with pytest.raises(CrmRefusalError, match="firewall") as raised:
        crm.read(["100"])
    assert raised.value.ends_run
    assert "shuts an address out" in raised.value.hint


def test_a_task_is_not_sent_again_where_it_may_be_there(opened: Opened, crm: PipedriveCrm) -> None:
    for fault in ({"status": 500}, {"kind": "garbage"}, {"kind": "drop_before"}):
        opened.standin.fault("activities$", method="POST", **fault)
        with pytest.raises(CrmUnreachableError):
            crm.create_tasks([NewTask("aa11", "100", "1", "Call", "x", "2026-05-06")])
    assert list(opened.company.each("activities")) == []
    opened.standin.fault("activities$", method="POST", status=429, retry_after=0)
    (answer,) = crm.create_tasks([NewTask("aa11", "100", "1", "Call", "x", "2026-05-06")])
    assert answer.code is None
