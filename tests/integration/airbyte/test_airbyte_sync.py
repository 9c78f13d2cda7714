"""Syncs on an Airbyte server: every status, faults on the way, and rows that dbt can read."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from connectors.airbyte.jobs import JobFollower, Pace
from connectors.runner import ConfiguredStream
from tests.integration.airbyte.conftest import INVOICES, STREAMS, StandIn, Watcher, said
from tests.integration.runner_help import ops
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError, TransientError


def test_a_sync_brings_rows_that_the_transformer_can_read(watcher: Watcher) -> None:
    assert watcher.sync() == dict.fromkeys(STREAMS, 0) | {"invoices": 2}
    raw = watcher.warehouse.schema("raw_stripe")
    with watcher.warehouse.connect(Role.TRANSFORMER) as connection:
        rows = connection.execute(
            f'select id, amount_due, lines from "{raw}".invoices order by amount_due'.encode()
        ).fetchall()
        owner = connection.execute(
            "select tableowner from pg_tables where schemaname = %s and tablename = 'invoices'",
            (raw,),
        ).fetchone()
    assert rows == [
        ("in_1", 9007199254740993, {"data": [{"id": "li_1"}]}),
        ("00002", None, None),
    ]
    assert owner == (watcher.warehouse.role_name(Role.LOADER),)


def test_a_table_with_dbts_views_on_it_is_replaced(watcher: Watcher) -> None:
    watcher.sync()
    raw, staging = (watcher.warehouse.schema(name) for name in ("raw_stripe", "staging"))
    with watcher.warehouse.connect(Role.TRANSFORMER) as connection:
        view = f'create view "{staging}".on_invoices as select id from "{raw}".invoices'
        connection.execute(view.encode())
    watcher.stand_in.offer("stripe", records={"invoices": INVOICES[:1]})
    assert watcher.sync()["invoices"] == 1


def test_the_sync_is_in_the_ledger_of_syncs(watcher: Watcher) -> None:
    watcher.sync()
    rows = ops(
        watcher.warehouse,
        "select stream, records, status from {}.sync_run where run_id = %s order by stream",
        "run1",
    )
    expected = {"invoices": 2}
    assert rows == [(name, expected.get(name, 0), "succeeded") for name in sorted(STREAMS)]


def test_every_status_on_the_way_is_followed_and_shown(watcher: Watcher) -> None:
    watcher.stand_in.script(
        *("pending", "queued", "running", "incomplete", "running", "succeeded"),
        rows=1200,
        bytes=3_400_000,
    )
    assert watcher.sync()["invoices"] == 2
    for words in (
        "job 1 started",
        "waiting to start",
        "waiting for a free place",
        "running, 600 rows, 1.7 MB",
        "an attempt failed, the server tries again",
    ):
        assert words in watcher.text


def test_a_job_that_does_not_say_when_it_began_counts_the_rows_of_this_sync(
    watcher: Watcher,
) -> None:
    watcher.stand_in.script("running", "succeeded", hides_start=True)
    assert watcher.sync()["invoices"] == 2
    assert _statuses(watcher) == [("succeeded", None)]


def test_a_table_that_cannot_be_counted_leaves_no_sync_running(watcher: Watcher) -> None:
    watcher.sync()
    raw = watcher.warehouse.schema("raw_stripe")
    with watcher.warehouse.connect() as owner:
        table = f'alter table "{raw}".prices rename column _airbyte_extracted_at to emitted_at'
        owner.execute(table.encode())
    watcher.stand_in.offer("stripe")  # from now on its jobs write nothing
    with pytest.raises(psycopg.errors.UndefinedColumn):
        watcher.sync()
    ((status, message),) = _statuses(watcher)
    assert status == "failed"
    assert "_airbyte_extracted_at" in message


def _statuses(watcher: Watcher) -> list[tuple[Any, ...]]:
    """Return how the last sync ended, once for all its streams if they agree."""
    query = "select distinct status, message from {}.sync_run where run_id = %s"
    return ops(watcher.warehouse, query, f"run{watcher.runs}")


def test_a_status_of_a_newer_server_is_waited_through(watcher: Watcher) -> None:
    watcher.stand_in.script("pending", "hibernating", "succeeded", any_status=True)
    assert watcher.sync()["invoices"] == 2
    assert "hibernating" in watcher.text


def test_a_failed_job_names_the_source_and_the_cause(watcher: Watcher) -> None:
    watcher.stand_in.script(
        "running", "failed", failures=[said("Invalid API Key provided: rk_***")]
    )
    with pytest.raises(CopilotError, match="sync of stripe failed") as caught:
        watcher.sync()
    assert "Invalid API Key provided" in caught.value.what
    assert not isinstance(caught.value, TransientError)
    rows = ops(
        watcher.warehouse,
        "select distinct status, message from {}.sync_run where run_id = 'run1'",
    )
    assert rows == [("failed", caught.value.what)]


def test_a_failure_without_a_reason_is_still_told(watcher: Watcher) -> None:
    watcher.stand_in.script("running", "failed")
    watcher.stand_in.fault("get_without_logs", status=404)
    with pytest.raises(CopilotError, match="the server gives no reason"):
        watcher.sync()


def test_a_job_that_somebody_cancelled_is_no_success(watcher: Watcher) -> None:
    watcher.stand_in.script("running", "cancelled")
    with pytest.raises(CopilotError, match="stripe was cancelled on the Airbyte server"):
        watcher.sync()


def test_a_job_that_takes_too_long_is_cancelled(watcher: Watcher) -> None:
    watcher.stand_in.script("running", age_seconds=7200)
    with pytest.raises(CopilotError, match="did not end within 60 minutes") as caught:
        watcher.sync()
    assert "sync_limit_minutes" in caught.value.hint
    assert [job["status"] for job in watcher.jobs()] == ["cancelled"]
    assert "goes on" not in watcher.text


def test_a_job_that_succeeds_while_it_is_cancelled_has_succeeded(watcher: Watcher) -> None:
    watcher.stand_in.script("running", "succeeded", age_seconds=7200)
    watcher.stand_in.fault("/jobs/1$", method="DELETE", status=409)
    assert watcher.sync()["invoices"] == 2


@pytest.mark.parametrize("status", ["pending", "queued", "running", "incomplete"])
def test_a_job_that_is_under_way_is_joined(watcher: Watcher, status: str) -> None:
    watcher.stand_in.script(status, "running", "succeeded")
    watcher.start_by_hand()
    assert watcher.sync()["invoices"] == 2
    assert len(watcher.jobs()) == 1
    assert "job 1 is under way already" in watcher.text


def test_an_unfinished_job_is_found_behind_many_old_ones(watcher: Watcher) -> None:
    for _ in range(105):
        watcher.stand_in.script("failed")
        watcher.start_by_hand()
    watcher.stand_in.script("running", "succeeded")
    watcher.start_by_hand()
    watcher.sync()
    assert watcher.stand_in.calls("POST", "/jobs") == 106


def test_a_job_of_another_kind_is_waited_for_first(watcher: Watcher) -> None:
    watcher.stand_in.script("running", "running", "succeeded")
    watcher.start_by_hand("clear")
    watcher.sync()
    assert [(job["jobType"], job["status"]) for job in watcher.jobs()] == [
        ("clear", "succeeded"),
        ("sync", "succeeded"),
    ]


def test_an_interrupted_run_leaves_the_job_and_the_next_one_joins_it(watcher: Watcher) -> None:
    watcher.stand_in.script("pending", "running", "running", "succeeded")
    naps = iter([None, KeyboardInterrupt()])

    def nap(_: float) -> None:
        interruption = next(naps)
        if interruption:
            raise interruption

    with pytest.raises(KeyboardInterrupt):
        watcher.sync(sleep=nap)
    assert "job 1 goes on at the Airbyte server; the next run joins it" in watcher.text
    assert watcher.sync()["invoices"] == 2
    assert len(watcher.jobs()) == 1
    statuses = ops(watcher.warehouse, "select distinct run_id, status from {}.sync_run order by 1")
    assert [row for row in statuses if row[0] in ("run1", "run2")] == [
        ("run1", "failed"),
        ("run2", "succeeded"),
    ]


@pytest.mark.parametrize(
    "fault",
    [{"status": 429, "retry_after": 0}, {"status": 502}, {"kind": "drop_before"}],
    ids=["429", "502", "cut"],
)
def test_a_passing_failure_of_the_server_is_waited_through(
    watcher: Watcher, fault: dict[str, Any]
) -> None:
    watcher.stand_in.fault("/jobs/1$", method="GET", times=2, **fault)
    assert watcher.sync()["invoices"] == 2


def test_a_server_that_is_away_for_a_while_is_asked_again(watcher: Watcher) -> None:
    watcher.stand_in.fault("/jobs/1$", method="GET", times=7, status=503)
    assert watcher.sync()["invoices"] == 2
    assert "Asking again" in watcher.text


def test_a_server_that_stays_away_is_a_passing_failure(watcher: Watcher) -> None:
    watcher.stand_in.fault("/jobs/1$", method="GET", times=999, status=503)
    with pytest.raises(TransientError, match="answers with status 503"):
        watcher.sync(outage=-1.0)
    assert "goes on at the Airbyte server" in watcher.text


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_start_whose_answer_is_lost_starts_one_job(watcher: Watcher, kind: str) -> None:
    watcher.stand_in.fault("/jobs$", method="POST", kind=kind)
    assert watcher.sync()["invoices"] == 2
    assert len(watcher.jobs()) == 1


def test_a_sync_that_somebody_starts_in_between_is_joined(watcher: Watcher) -> None:
    watcher.stand_in.script("running", "succeeded")
    watcher.start_by_hand()
    client = watcher.stand_in.client()
    follower = JobFollower(client, "stripe", Pace(3600.0, 0.0, sleep=lambda _: None), print)
    job = follower._start(watcher.connection_id, refresh=False)
    client.close()
    assert job["jobId"] == 1
    assert len(watcher.jobs()) == 1


def test_a_full_refresh_is_a_refresh_of_the_server(watcher: Watcher) -> None:
    watcher.sync()
    watcher.sync(refresh=True)
    assert [job["jobType"] for job in watcher.jobs()] == ["sync", "refresh"]


def test_a_server_that_cannot_refresh_says_so(watcher: Watcher) -> None:
    watcher.stand_in.fault("connections/refresh", status=404)
    with pytest.raises(CopilotError, match="cannot read a source anew"):
        watcher.sync(refresh=True)


def test_a_source_without_connection_is_sent_to_apply(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    with pytest.raises(CopilotError, match="no connection for stripe") as caught:
        Watcher(stand_in, warehouse).sync()
    assert "copilot airbyte apply" in caught.value.hint


def test_a_connection_that_is_switched_off_is_named(watcher: Watcher) -> None:
    path = f"connections/{watcher.connection_id}"
    watcher.stand_in.api("PATCH", path, {"status": "inactive"})
    with pytest.raises(CopilotError, match="is inactive on the Airbyte server"):
        watcher.sync()


def test_a_server_that_writes_elsewhere_is_found_out(watcher: Watcher) -> None:
    path = f"connections/{watcher.connection_id}"
    elsewhere = f"{watcher.warehouse.schema_prefix}elsewhere"
    watcher.stand_in.api("PATCH", path, {"namespaceFormat": elsewhere})
    raw = watcher.warehouse.schema("raw_stripe")
    with watcher.warehouse.connect() as owner:
        owner.execute(f'drop table if exists "{raw}".invoices cascade'.encode())
    with pytest.raises(CopilotError, match=f"{raw} lacks .*invoices"):
        watcher.sync()
    with watcher.warehouse.connect() as owner:
        owner.execute(f'drop schema "{elsewhere}" cascade'.encode())


def test_a_stream_that_only_some_companies_have_is_not_demanded(watcher: Watcher) -> None:
    history = ConfiguredStream("quotes_history", is_optional=True)
    watcher.vendor = replace(watcher.vendor, streams=(*watcher.vendor.streams, history))
    assert watcher.sync() == dict.fromkeys(STREAMS, 0) | {"invoices": 2}
    logged = ops(watcher.warehouse, "select distinct stream from {}.sync_run where run_id = 'run1'")
    assert {str(stream) for (stream,) in logged} == set(STREAMS)


def test_a_destination_that_may_not_write_fails_with_the_databases_words(watcher: Watcher) -> None:
    loader = watcher.warehouse.role_name(Role.LOADER)
    with watcher.warehouse.connect() as owner:
        row = owner.execute("select current_database()").fetchone()
        assert row
        owner.execute(f'revoke create on database "{row[0]}" from "{loader}"'.encode())
    with pytest.raises(CopilotError, match="permission denied for database"):
        watcher.sync()
