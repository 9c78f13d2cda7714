"""Many changed accounts go by Bulk API 2.0, with the same care for each row."""

from typing import Any

import pytest

from connectors.destinations.salesforce import bulk
from connectors.destinations.salesforce import crm as salesforce
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import Publisher, Read, outbound, rejections, states
from warehouse.errors import CopilotError


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let six accounts be many, four a job, and a job that does not end be given up soon."""
    monkeypatch.setattr(bulk, "LONGEST_JOB", 5.0)
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
    assert sandbox.calls("POST", "/composite") == 0
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


@pytest.mark.parametrize("ending", ["ingest$", "ingest/.*/batches$", "ingest/[^/]*$"])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_job_whose_answer_was_lost_is_repeated_within_the_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str], ending: str, kind: str
) -> None:
    sandbox.fault(path=f"jobs/{ending}", kind=kind)
    assert publisher.run().applied == 6
    assert states(ledger) == {"applied": 6}


@pytest.mark.parametrize(
    ("method", "ending"),
    [
        ("POST", "ingest$"),
        ("PUT", "ingest/.*/batches$"),
        ("PATCH", "ingest/[^/]*$"),
        ("GET", "ingest/[^/]*$"),
        ("GET", "ingest/.*/failedResults$"),
        ("GET", "ingest/.*/successfulResults$"),
    ],
)
def test_a_job_whose_answers_stay_away_is_read_back_by_the_next_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str], method: str, ending: str
) -> None:
    bad = {"health_band": "splendid"}
    publisher.send(*(outbound(item, **(bad if item == ids[2] else {})) for item in ids))
    sandbox.set_limits(daily_bulk_records=3)  # the job fails, so its successes are asked for too
    sandbox.fault(path=f"jobs/{ending}", method=method, kind="drop_after", times=3)
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("first")
    assert states(ledger, "first") == {"unknown": 4, "deferred": 2}
    sandbox.set_limits(daily_bulk_records=100)
    result = publisher.run("second")
    assert result.reconciled == 4
    assert states(ledger, "first").total() == states(ledger, "second").total() == 6
    assert states(ledger, "first")["unknown"] == 0
    assert list(rejections(ledger)) == [ids[2]]
    found = sandbox.query("SELECT Id FROM Account WHERE Copilot_Health_Score__c = 71.5")
    assert {row["Id"][:15] for row in found} == {item[:15] for item in ids if item != ids[2]}
    assert ledger("select count(*) from sync_row where message like '%a person%'") == [(0,)]


def test_a_job_that_began_and_may_not_be_asked_about_counts_as_unknown(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str]
) -> None:
    sandbox.fault(path="jobs/ingest/[^/]*$", method="GET", status=403)
    with pytest.raises(CopilotError, match="does not tell what became of it: .*LIMIT_EXCEEDED"):
        publisher.run("first")
    assert states(ledger, "first") == {"unknown": 4, "deferred": 2}
    assert publisher.run("second").reconciled == 4
    assert states(ledger, "first") == {"applied": 4, "deferred": 2}
    assert states(ledger, "second") == {"unchanged": 4, "applied": 2}
    assert (
        ledger("select message from sync_row where message is not null and run_id = 'second'") == []
    )


@pytest.mark.parametrize(
    ("method", "ending"), [("PUT", "ingest/.*/batches$"), ("PATCH", "ingest/[^/]*$")]
)
def test_a_job_refused_before_it_began_leaves_its_rows_for_the_next_day(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str], method: str, ending: str
) -> None:
    sandbox.fault(path=f"jobs/{ending}", method=method, status=403)
    assert "REQUEST_LIMIT_EXCEEDED" in publisher.run("first").sentence()
    assert states(ledger, "first") == {"deferred": 6}
    assert ledger("select count(*) from publish_intent where settled_at is null") == [(0,)]


def test_of_a_job_that_failed_midway_each_row_is_told_for_itself(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str]
) -> None:
    """What the day's records did not reach was not refused: it waits, and no attempt is counted."""
    sandbox.set_limits(daily_bulk_records=3)
    first = publisher.run("first")
    assert first.write_calls == 1  # the second job would fare no better
    assert first.sentence().endswith(
        " Salesforce came no further: ExceededQuota : ApiBatchItems Limit exceeded."
    )
    assert states(ledger, "first") == {"applied": 3, "deferred": 3}
    waiting = dict(ledger("select record_id, message from sync_row where state = 'deferred'"))
    assert set(waiting) == set(ids[3:])
    assert waiting[ids[3]].startswith("JOB_NOT_PROCESSED: ExceededQuota : ApiBatchItems Limit")
    assert waiting[ids[5]].startswith("Salesforce came no further")
    assert ledger("select max(attempts) from publish_record") == [(0,)]
    sandbox.set_limits(daily_bulk_records=9)
    assert publisher.run("second").applied == 3


def test_a_job_that_does_not_end_is_given_up_and_stopped_by_the_next_run(
    publisher: Publisher,
    sandbox: Sandbox,
    ledger: Read,
    ids: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "LONGEST_JOB", 0.0)
    sandbox.set_limits(bulk_job_seconds=10)
    with pytest.raises(CopilotError, match="is still InProgress after 0 seconds"):
        publisher.run("first")
    assert states(ledger, "first") == {"unknown": 4, "deferred": 2}
    sandbox.set_limits(bulk_job_seconds=0)
    assert publisher.run("second").applied == 6


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


def test_a_job_that_can_no_longer_be_stopped_is_waited_for(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, ids: list[str]
) -> None:
    sandbox.set_limits(bulk_job_seconds=2)
    sandbox.fault(path="jobs/ingest/[^/]*$", method="GET", status=500, times=3)
    with pytest.raises(CopilotError):
        publisher.run("first")
    sandbox.set_limits(bulk_job_seconds=0)
    sandbox.fault(path="jobs/ingest/[^/]*$", method="PATCH", status=400)
    assert publisher.run("second").reconciled == 4
    assert states(ledger, "first") == {"applied": 4, "deferred": 2}


def test_a_job_left_working_is_found_behind_many_others(
    publisher: Publisher, sandbox: Sandbox, ids: list[str]
) -> None:
    publisher.run("before")
    publisher.send(*(outbound(item, health_score=60) for item in ids))
    sandbox.set_limits(bulk_job_seconds=3600)
    sandbox.fault(path="jobs/ingest/[^/]*$", method="GET", status=500, times=3)
    with pytest.raises(CopilotError):
        publisher.run("first")
    sandbox.set_limits(bulk_job_seconds=0, job_page_size=1)
    assert publisher.run("second").applied == 6
    sandbox.set_limits(job_page_size=1000)
    jobs = sandbox.http.get(sandbox.url("jobs/ingest")).json()["records"]
    assert sorted(job["state"] for job in jobs) == ["Aborted", *["JobComplete"] * 4]
