"""Many changed accounts go by Bulk API 2.0, with the same care for each row."""

from typing import Any

import pytest

from connectors.destinations.salesforce import crm as salesforce
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import Publisher, Read, outbound, rejections, states
from warehouse.errors import CopilotError


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let six accounts be many, and four a job."""
    monkeypatch.setattr(salesforce, "BULK_FROM", 6)
    monkeypatch.setattr(salesforce, "JOB_ROWS", 4)
    monkeypatch.setattr(salesforce, "BATCH_SIZE", 1)


@pytest.fixture
def ids(publisher: Publisher, sandbox: Sandbox) -> list[str]:
    """Six accounts to publish."""
    seeded = sandbox.seed_accounts(6)
    publisher.send(*(outbound(record_id) for record_id in seeded))
    return seeded


def used(sandbox: Sandbox) -> int:
    """Return the calls of the day as the org counts them."""
    answer = sandbox.http.post(f"{sandbox.info.url}/__sandbox__/limits", json={})
    return int(answer.json()["used"])


def test_many_accounts_go_by_jobs_and_are_read_back(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str]
) -> None:
    result = publisher.run()
    assert (result.applied, result.failed) == (6, 0)
    assert sandbox.calls("POST", "/jobs/ingest") == 2
    assert sandbox.calls("PATCH", "/composite/sobjects") == 0
    assert states(ledger) == {"applied": 6}
    names = "Copilot_Health_Score__c, Copilot_Reasons__c, Copilot_Renewal_Date__c, Name"
    for account in sandbox.query(f"SELECT {names} FROM Account"):
        assert account["Copilot_Health_Score__c"] == 71.5
        assert account["Copilot_Reasons__c"].endswith("28 days.\nTwo invoices are overdue.")
        assert account["Copilot_Renewal_Date__c"] == "2026-09-01"
        assert account["Name"].startswith("Account ")


def test_a_cell_that_is_not_meant_leaves_its_field_and_null_empties_it(
    publisher: Publisher, sandbox: Sandbox, ids: list[str]
) -> None:
    publisher.run("first")
    publisher.send(
        *(
            outbound(item, health_score=70.0 + place, **_less(place))
            for place, item in enumerate(ids)
        )
    )
    publisher.run("second")
    found = sandbox.query(
        "SELECT Id, Copilot_Health_Score__c, Copilot_Next_Action__c FROM Account ORDER BY Id"
    )
    assert [row["Copilot_Health_Score__c"] for row in found] == [70.0 + n for n in range(6)]
    assert [row["Copilot_Next_Action__c"] for row in found] == [
        None,
        *["Call the champion"] * 5,
    ]


def _less(place: int) -> dict[str, Any]:
    return {"next_action": None} if place == 0 else {}


def test_the_rows_of_a_job_are_refused_one_by_one(
    publisher: Publisher, ledger: Read, ids: list[str]
) -> None:
    publisher.send(
        *(outbound(item, health_band="watch" if item != ids[2] else "splendid") for item in ids)
    )
    assert publisher.run().applied == 5
    (words,) = rejections(ledger).values()
    assert words.startswith(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: Copilot Health Band: bad value for restricted"
        " picklist field: splendid\n-> "
    )
    refused = ledger("select refused from publish_record where attempts > 0")
    assert refused == [({"values": {"health_band": "splendid"}, "is_named": True},)]


def test_a_job_costs_what_the_plan_said(
    publisher: Publisher, sandbox: Sandbox, ids: list[str]
) -> None:
    publisher.run("first")
    publisher.send(*(outbound(item, health_score=60) for item in ids))
    before, crm = used(sandbox), publisher.open()
    plan = publisher.plan(crm)
    result = publisher.apply(plan, "second", crm)
    assert used(sandbox) - before == result.units == plan.cost


@pytest.mark.parametrize("ending", ["ingest$", "batches$", "ingest/[^/]*$"])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_job_whose_answer_was_lost_is_repeated_within_the_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str], ending: str, kind: str
) -> None:
    sandbox.fault(path=f"jobs/{ending}", kind=kind)
    assert publisher.run().applied == 6
    assert states(ledger) == {"applied": 6}


def test_a_job_that_nobody_waits_for_any_more_is_ended_before_it_is_read_back(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str]
) -> None:
    sandbox.set_limits(bulk_job_seconds=3600)
    sandbox.fault(path="jobs/ingest/[^/]*$", method="GET", status=500, times=3)
    with pytest.raises(CopilotError):
        publisher.run("first")
    assert states(ledger, "first") == {"unknown": 4, "deferred": 2}
    sandbox.set_limits(bulk_job_seconds=0)
    result = publisher.run("second")
    assert (result.reconciled, result.applied) == (4, 6)
    jobs = sandbox.http.get(sandbox.url("jobs/ingest")).json()["records"]
    assert sorted(job["state"] for job in jobs) == ["Aborted", "JobComplete", "JobComplete"]
    assert states(ledger, "first") == {"deferred": 6}
