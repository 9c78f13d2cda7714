"""Whatever HubSpot answers, the run or the row says what it was and what to do."""

import time
from typing import Any

import pytest

from connectors.destinations.common.crm import Change, CrmRefusalError, CrmUnreachableError
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.hubspot.client import HubspotCrm
from tests.integration.hubspot.conftest import Account, company
from warehouse.errors import CopilotError

UPDATE = "/crm/v3/objects/companies/batch/update$"
CHANGES = [Change("1001", {"health_score": 71.5})]


@pytest.fixture(autouse=True)
def _one_company(account: Account) -> None:
    account.seed(company(1))


def _score(account: Account) -> Any:
    return account.properties("1001", "copilot_health_score")["copilot_health_score"]


def test_retry_after_is_obeyed(account: Account, ready: HubspotCrm) -> None:
    account.fault(path=UPDATE, status=429, retry_after=1)
    began = time.monotonic()
    assert ready.write(CHANGES)[0].code is None
    assert time.monotonic() - began >= 1
    spent = ready.spending()
    assert (spent.calls, spent.retries, spent.units) == (2, 1, 1)
    account.fault(path=UPDATE, status=429, retry_after=60)  # longer than the policy waits
    with pytest.raises(CrmUnreachableError, match="keeps answering 429"):
        ready.write(CHANGES)
    assert ready.spending().retries == 1


def test_a_full_window_is_waited_for_and_costs_no_call(account: Account, ready: HubspotCrm) -> None:
    account.settings(requests_per_ten_seconds=3, interval_milliseconds=400)
    time.sleep(0.4)  # the calls of the set-up leave the window
    began = time.monotonic()
    for _ in range(5):  # and two calls for the definitions
        ready.read(["1001"])
    assert (ready.spending().calls, ready.spending().retries) == (7, 0)
    assert 0.8 <= time.monotonic() - began < 2


def test_the_days_calls_end_the_run(account: Account, ready: HubspotCrm) -> None:
    account.settings(requests_per_day=1)
    with pytest.raises(CrmRefusalError) as raised:
        ready.write(CHANGES)
    assert (raised.value.ends_run, raised.value.is_quota) == (True, True)
    assert "midnight" in raised.value.hint
    assert ready.spending().calls == 1  # trying again would not help
    quota = ready.quota()
    assert quota is not None
    assert (quota.limit, quota.remaining, quota.period) == (1, 0, "day")


def test_a_wrong_token_ends_the_run_and_is_not_shown(account: Account, policy: RetryPolicy) -> None:
    wrong = {**account.environment(), "HUBSPOT_ACCESS_TOKEN": "pat-na1-not-this-one"}
    with pytest.raises(CrmRefusalError, match="INVALID_AUTHENTICATION") as raised:
        HubspotCrm(wrong, policy).missing_fields()
    assert raised.value.ends_run
    assert "HUBSPOT_ACCESS_TOKEN" in raised.value.hint
    assert "not-this-one" not in str(raised.value)


def test_a_missing_scope_is_named(account: Account, ready: HubspotCrm) -> None:
    account.seed(("scopes", {"id": "crm.objects.companies.write", "granted": False}))
    assert ready.read(["1001"])
    with pytest.raises(CrmRefusalError, match="MISSING_SCOPES") as raised:
        ready.write(CHANGES)
    assert (raised.value.ends_run, raised.value.is_quota) == (True, False)
    assert "crm.objects.companies.write" in raised.value.hint


def test_a_wrong_type_is_a_row_error(account: Account, ready: HubspotCrm) -> None:
    answer = ready.write([Change("1001", {"renewal_date": "next spring"})])[0]
    assert (answer.code, answer.columns) == ("INVALID_DATE", ("renewal_date",))
    assert "of another type" in answer.hint
    five = {"properties": {"copilot_renewal_date": "2026-03-29T05:00:00Z"}}
    refused = account.call("PATCH", "/crm/v3/objects/companies/1001", five)
    assert "5:0:0.0 UTC, not midnight" in refused.json()["message"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 500, "times": 9}, "keeps answering 500"),
        ({"status": 502, "times": 9}, "keeps answering 502"),
        ({"kind": "slow", "seconds": 0.8, "times": 9}, "no answer in time"),
        ({"kind": "garbage"}, "no usable answer"),
        ({"kind": "drop_after", "times": 9}, "no usable answer"),
    ],
)
def test_no_usable_answer_is_told_as_such(
    account: Account, ready: HubspotCrm, fault: dict[str, Any], words: str
) -> None:
    account.fault(path=UPDATE, **fault)
    with pytest.raises(CrmUnreachableError, match=words):
        ready.write(CHANGES)
    account.forget()
    assert ready.write(CHANGES)[0].code is None
    assert _score(account) == "71.5"


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"kind": "drop_before"}, {"kind": "drop_after"}]
)
def test_a_passing_trouble_is_over_with_the_next_try(
    account: Account, ready: HubspotCrm, fault: dict[str, Any]
) -> None:
    account.fault(path=UPDATE, **fault)
    assert ready.write(CHANGES)[0].code is None
    assert ready.spending().retries == 1
    assert _score(account) == "71.5"


def test_what_is_not_set_is_told() -> None:
    with pytest.raises(CopilotError, match="HUBSPOT_ACCESS_TOKEN is not set"):
        HubspotCrm({})
    elsewhere = {"HUBSPOT_ACCESS_TOKEN": "pat-na1-x", "HUBSPOT_API_URL": "https://evil.example"}
    with pytest.raises(CopilotError, match="neither HubSpot nor this machine"):
        HubspotCrm(elsewhere)
