"""The process dies at any request: the run after it loses nothing and does nothing twice."""

from typing import Any

import pytest

from connectors.destinations.common.crm import Change, RowAnswer
from tests.integration.publish.conftest import Engine
from tests.integration.publish.memory_crm import Fault, Killed
from tests.integration.publish.outbound import empty_ledgers, ledger_rows
from warehouse.errors import CopilotError

RECORDS = ("r1", "r2", "r3")


@pytest.mark.parametrize("fault", ["kill_before", "kill_after", "lost_before", "lost_after"])
def test_wherever_a_run_ends_the_next_one_completes_it(engine: Engine, fault: Fault) -> None:
    values: dict[str, dict[str, Any]] = {
        item: {"health_score": 50.0, "next_action": "Call"} for item in RECORDS
    }
    engine.outbound(**values)
    requests = 0
    while True:
        empty_ledgers(engine.warehouse)
        engine.crm.records = {item: {} for item in RECORDS}
        engine.crm.requests, engine.crm.faults = 0, {requests: fault}
        try:
            engine.run("broken")
        except (Killed, CopilotError):
            pass
        else:
            break
        engine.crm.faults = {}
        engine.run("whole")
        for record in engine.crm.records.values():
            assert {column: record[column] for column in values["r1"]} == values["r1"]
        rows = ledger_rows(engine.warehouse)
        for run_id in {row["run_id"] for row in rows}:
            assert sorted(row["record_id"] for row in rows if row["run_id"] == run_id) == [*RECORDS]
        assert {row["state"] for row in rows} <= {"applied", "unchanged", "deferred"}
        requests += 1
    assert requests == 7  # plan; look, write and read back for each of two batches


def test_what_was_written_before_the_kill_is_not_taken_for_a_persons(engine: Engine) -> None:
    engine.outbound(r1={"health_score": 50.0}, r2={"health_score": 60.0})
    engine.crm.faults = {2: "kill_after"}
    with pytest.raises(Killed):
        engine.run("broken")
    engine.outbound(r1={"health_score": 51.0}, r2={"health_score": 61.0})
    result = engine.run("whole")
    assert (result.reconciled, result.applied, result.edits_kept) == (2, 2, 0)


def test_a_write_is_logged_before_it_is_sent(engine: Engine) -> None:
    engine.outbound(r1={"health_score": 50.0}, r2={"health_score": 60.0})
    seen: list[set[str]] = []
    write = engine.crm.write

    def spying(changes: list[Change]) -> list[RowAnswer]:
        seen.append({intent.record_id for intent in engine.ledger.open_intents()})
        return write(changes)

    engine.crm.write = spying  # type: ignore[method-assign,assignment]
    engine.run()
    assert seen == [{"r1", "r2"}]
    assert engine.ledger.open_intents() == []
