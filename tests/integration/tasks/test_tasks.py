"""A recommended action becomes one task, whatever happens, and a person's word stands."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from connectors.destinations.common.crm import CrmUnreachableError
from connectors.destinations.common.task_apply import apply_tasks
from tests.integration.tasks.conftest import AS_OF, Desk
from warehouse.errors import CopilotError

NEXT_DAY = AS_OF + dt.timedelta(days=1)


def test_a_wanted_task_is_made_once_for_the_accounts_owner(desk: Desk) -> None:
    desk.want(desk.row(0), desk.row(1, is_wanted=False))
    assert desk.run()["made"] == 1
    columns = "WhatId, AccountId, Subject, Description, ActivityDate, Priority, Status"
    account = desk.accounts[0]
    assert desk.there(columns) == [
        (account, account, "An open invoice", "1 invoice overdue", "2026-07-03", "High",
         "Not Started")
    ]  # fmt: skip
    assert desk.run() == {"kept": 1}
    assert len(desk.there()) == 1


@pytest.mark.parametrize("row", [None, {"is_wanted": False}])
def test_a_task_is_closed_when_its_reason_is_gone_and_only_then(
    desk: Desk, row: dict[str, Any] | None
) -> None:
    desk.want(desk.row())
    desk.run()
    desk.want(*([] if row is None else [desk.row(**row)]))
    desk.run()
    assert desk.there("Status") == [("Completed",) if row is None else ("Not Started",)]


@pytest.mark.parametrize("answer", ["completed", "deleted"])
def test_what_a_person_answered_is_not_made_again_until_the_reason_comes_back(
    desk: Desk, answer: str
) -> None:
    desk.want(desk.row())
    desk.run()
    if answer == "completed":
        desk.change(Status="Completed")
    else:
        desk.delete()
    desk.want(desk.row(as_of_date=NEXT_DAY))
    state = "done" if answer == "completed" else "dismissed"
    assert desk.run(as_of=NEXT_DAY)[state] == 1
    assert "made" not in desk.run(as_of=NEXT_DAY)
    desk.want(desk.row(as_of_date=NEXT_DAY, opened_on=dt.date(2026, 6, 20)))  # known late
    assert "made" not in desk.run(as_of=NEXT_DAY)
    later = NEXT_DAY + dt.timedelta(days=30)
    desk.want(desk.row(as_of_date=later, opened_on=later))
    assert desk.run(as_of=later)["made"] == 1
    assert desk.ledger() == [(state,), ("open",)]


def test_a_deferred_task_is_left_as_the_person_put_it(desk: Desk) -> None:
    desk.want(desk.row())
    desk.run()
    desk.change(Status="Deferred", ActivityDate="2026-09-01")
    desk.run()
    assert desk.there("Status, ActivityDate") == [("Deferred", "2026-09-01")]


def test_a_reason_that_was_thought_gone_gets_a_task_again(desk: Desk) -> None:
    desk.want(desk.row())
    desk.run()
    desk.want()
    desk.run()
    desk.want(desk.row())
    desk.run()
    assert desk.there("Status") == [("Completed",), ("Not Started",)]


def test_a_reason_that_began_on_another_day_than_thought_keeps_its_task(desk: Desk) -> None:
    desk.want(desk.row())
    desk.run()
    desk.want(desk.row(opened_on=dt.date(2026, 6, 20)))
    assert desk.run() == {"kept": 1}


def test_an_owner_gets_no_more_tasks_on_a_day_than_the_settings_say(desk: Desk) -> None:
    owner = desk.sandbox.query("SELECT Id FROM User")[0]["Id"]
    desk.want(*(desk.row(number, owner_id=owner) for number in range(4)))
    assert desk.run(most_per_owner=3) == {"made": 3, "deferred": 1}
    assert desk.run(most_per_owner=3) == {"kept": 3, "deferred": 1}
    assert [row[0] for row in desk.there()] == desk.accounts[:3]


def test_a_refused_task_is_tried_again_and_parked_in_the_end(desk: Desk) -> None:
    desk.want(desk.row(record_id="001" + "Z" * 15), desk.row(1))
    results = [desk.run() for _ in range(6)]
    assert [result.get("rejected") for result in results] == [1, 1, 1, 1, 1, None]
    assert results[-1]["parked"] == 1
    ((message,), _) = desk.ledger("message")
    assert message.startswith("INVALID_CROSS_REFERENCE_KEY: invalid cross reference id\n-> ")


CUTS = [
    {"kind": kind, "method": method, "path": path, "skip": skip}
    for kind in ("drop_before", "drop_after", "garbage")
    for method, path, skip in [
        ("GET", "queryAll", 0),
        ("GET", "query", 1),
        ("PATCH", "composite/sobjects/Task", 0),
        ("PATCH", "composite/sobjects/Task", 1),
        ("PATCH", "composite/sobjects$", 0),
    ]
]


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: "-".join(map(str, cut.values())))
def test_cut_off_at_any_request_no_task_is_lost_or_doubled(desk: Desk, cut: dict[str, Any]) -> None:
    gone = [desk.row(3), desk.row(4)]
    desk.want(*gone)
    desk.run()
    desk.want(*(desk.row(number) for number in range(3)))
    desk.sandbox.fault(**cut)
    try:
        desk.run("cut")
    except CopilotError:
        desk.run("again")
    assert sorted(desk.there()) == sorted(
        [(desk.accounts[number], "Not Started") for number in range(3)]
        + [(desk.accounts[number], "Completed") for number in (3, 4)]
    )
    assert desk.ledger() == [("open",)] * 3 + [("closed",)] * 2
    assert "unknown" not in desk.rows("cut").values()
    applied = Counter(desk.rows("cut").values()) + Counter(desk.rows("again").values())
    assert applied["applied"] == 5, (desk.rows("cut"), desk.rows("again"))


def test_an_org_without_external_ids_on_activities_gets_each_task_once_too(
    desk: Desk,
) -> None:
    desk.make_marker_plain()
    desk.want(desk.row())
    desk.sandbox.fault(path="composite/sobjects$", method="POST", kind="drop_after")
    with pytest.raises(CrmUnreachableError):
        desk.run()
    assert desk.run() == {"kept": 1}
    assert desk.there("Subject") == [("An open invoice",)]


def test_a_ledger_that_was_lost_finds_its_tasks_by_their_markers(desk: Desk) -> None:
    desk.want(desk.row())
    desk.run()
    schema = desk.warehouse.schema("ops")
    with desk.warehouse.connect() as connection:
        connection.execute(f'truncate "{schema}".task'.encode())
    assert desk.run() == {"kept": 1}
    assert len(desk.there()) == 1


def test_closing_most_tasks_at_once_wants_a_persons_word(desk: Desk) -> None:
    desk.want(*(desk.row(number) for number in range(3)))
    desk.run()
    desk.want()
    plan = desk.plan(brake_rows=3)
    assert plan.brake.startswith("3 of 3 open tasks would be closed at once")
    with pytest.raises(CopilotError, match="--confirm"):
        apply_tasks(desk.warehouse, desk.crm, plan, "run")
    apply_tasks(desk.warehouse, desk.crm, plan, "run", is_confirmed=True)
    assert desk.there("Status") == [("Completed",)] * 3


def test_rows_of_another_date_make_no_task(desk: Desk) -> None:
    desk.want(desk.row())
    with pytest.raises(CopilotError, match="as of 2026-06-30, and this run as of 2026-07-01"):
        desk.run(as_of=NEXT_DAY)


def test_the_plan_tells_what_its_calls_cost(desk: Desk) -> None:
    desk.want(*(desk.row(number) for number in range(5)))
    told, spent = desk.cost()
    assert told == spent == 1 + 3 * 3  # to find; a look, the owners and the tasks, two by two
    desk.want(desk.row(0))
    told, spent = desk.cost()
    assert told == spent == 1 + 2
    assert desk.plan().lines()[-1].endswith("They cost 1 call.")


def test_a_share_of_the_days_calls_is_left_to_others(desk: Desk) -> None:
    desk.want(*(desk.row(number) for number in range(5)))
    plan = desk.plan()
    quota = desk.crm.quota()
    assert quota is not None
    assert quota.limit
    assert quota.remaining
    used = (quota.limit - quota.remaining) / quota.limit
    share = used + 4 / quota.limit  # two tasks' three calls, and one more
    result = apply_tasks(desk.warehouse, desk.crm, plan, "first", quota_share=share)
    assert (result.counts["made"], result.counts["deferred"]) == (2, 3)
    assert "are kept for others (publish.quota_share)" in result.sentence()
    assert sorted(desk.rows("first").values()) == ["applied"] * 2 + ["deferred"] * 3
    assert desk.run() == {"made": 3, "kept": 2}
    desk.want()
    result = apply_tasks(desk.warehouse, desk.crm, desk.plan(), "closing", quota_share=0.0)
    assert (result.counts["closed"], result.counts["deferred"]) == (0, 5)
    assert desk.run() == {"closed": 5}
