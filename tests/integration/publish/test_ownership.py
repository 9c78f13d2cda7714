"""Whose word counts: the copilot's fields, people's edits of them, and values that are no more."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.destinations.common.crm import CrmRecord
from tests.integration.publish.conftest import Engine
from tests.integration.publish.memory_crm import Killed
from warehouse.errors import CopilotError

BOTH: dict[str, dict[str, Any]] = {
    "r1": {"health_score": 70.0, "next_action": "Call"},
    "r2": {"health_score": 40.0, "next_action": "Write"},
}


def test_an_edit_stays_and_is_told_unless_the_settings_say_otherwise(engine: Engine) -> None:
    engine.outbound(**BOTH)
    engine.run("first")
    engine.crm.edit("r1", "health_score", 99.0)
    engine.crm.edit("r1", "next_action", "Wait")
    engine.say(edited={"next_action": "overwrite"})
    plan = engine.plan(is_by_hand=False)
    assert any("edited 2 of the copilot's fields: 1 are kept, 1" in line for line in plan.lines())
    result = engine.apply(plan, "second")
    assert engine.crm.records["r1"]["health_score"] == 99.0
    assert engine.crm.records["r1"]["next_action"] == "Call"
    assert (result.edits_kept, result.edits_overwritten) == (1, 1)
    words = engine.message("r1", "second")
    assert "health_score: a person wrote 99.0, the copilot has 70.0; kept" in words
    assert "next_action: a person wrote Wait, the copilot has Call; overwritten" in words
    assert engine.states("second") == {"applied": 1, "unchanged": 1}


def test_a_field_that_a_person_emptied_is_an_edit_too(engine: Engine) -> None:
    engine.outbound(**BOTH)
    engine.run("first")
    engine.crm.edit("r1", "next_action", None)
    engine.run("second")
    assert engine.crm.records["r1"]["next_action"] is None
    assert "a person wrote (empty)" in engine.message("r1", "second")


def test_what_was_there_before_the_first_write_is_a_persons(engine: Engine) -> None:
    engine.crm.edit("r1", "next_action", "Mine")
    engine.outbound(**BOTH)
    engine.run()
    assert engine.crm.records["r1"]["next_action"] == "Mine"
    assert engine.crm.records["r1"]["health_score"] == 70.0


def test_an_edit_that_says_the_same_is_the_copilots_again(engine: Engine) -> None:
    engine.outbound(**BOTH)
    engine.run("first")
    engine.crm.edit("r1", "health_score", 55.0)
    engine.outbound(**{**BOTH, "r1": {"health_score": 55.0, "next_action": "Call"}})
    engine.run("second")
    engine.outbound(**{**BOTH, "r1": {"health_score": 56.0, "next_action": "Call"}})
    assert engine.run("third").applied == 1
    assert engine.crm.records["r1"]["health_score"] == 56.0


def test_a_value_that_is_no_more_is_cleared_or_kept_field_by_field(engine: Engine) -> None:
    engine.outbound(**BOTH)
    engine.run("first")
    engine.say(nulls={"next_action": "keep"})
    engine.outbound(r1={"health_score": None, "next_action": None}, r2=BOTH["r2"])
    plan = engine.plan(is_by_hand=False)
    assert plan.nulls == 1
    engine.apply(plan, "second")
    assert engine.crm.records["r1"]["health_score"] is None
    assert engine.crm.records["r1"]["next_action"] == "Call"


def test_a_policy_for_a_field_that_is_not_written_is_refused(engine: Engine) -> None:
    engine.say(edited={"industry": "keep"})
    with pytest.raises(CopilotError, match=r"publish.edited names industry"):
        engine.plan()


def test_an_edit_between_the_last_look_and_the_write_is_told(engine: Engine) -> None:
    engine.outbound(**BOTH)

    def before(number: int) -> None:
        if number == 2:  # read for the plan, read once more, write
            engine.crm.edit("r1", "next_action", "In between")

    engine.crm.before = before
    engine.run()
    assert engine.crm.records["r1"]["next_action"] == "Call"
    assert "a person wrote In between meanwhile; overwritten unseen" in engine.message("r1")


def test_an_edit_during_a_look_of_several_requests_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.outbound(**BOTH)
    engine.run("first")
    engine.outbound(**{**BOTH, "r1": {"health_score": 70.0, "next_action": "Mail"}})
    plan, read = engine.plan(is_by_hand=False), engine.crm._read

    def slowly(record_ids: Sequence[str]) -> dict[str, CrmRecord]:
        found = read(record_ids)
        monkeypatch.undo()
        engine.crm.edit("r1", "next_action", "Meanwhile")
        return found

    monkeypatch.setattr(engine.crm, "_read", slowly)
    engine.apply(plan, "second")
    assert "a person wrote Meanwhile meanwhile" in engine.message("r1", "second")


def test_an_edit_overwritten_by_a_killed_run_is_told_though_the_field_was_edited_again(
    engine: Engine,
) -> None:
    engine.say(edited={"next_action": "overwrite"})
    engine.outbound(**BOTH)
    engine.run("first")
    engine.crm.edit("r1", "next_action", "Mine")
    plan = engine.plan(is_by_hand=False)
    engine.crm.faults = {engine.crm.requests + 1: "kill_after"}  # look once more, write
    with pytest.raises(Killed):
        engine.apply(plan, "killed")
    assert engine.crm.records["r1"]["next_action"] == "Call"
    engine.crm.edit("r1", "next_action", "Mine again")
    engine.run("next")
    assert "next_action: a person wrote Mine, the copilot has Call" in engine.message(
        "r1", "killed"
    )
    assert "Somebody else changed all of it since" in engine.message("r1", "killed")


def test_an_edit_after_the_write_is_told_at_the_read_back_and_stays(engine: Engine) -> None:
    engine.outbound(**BOTH)

    def before(number: int) -> None:
        if number == 3:
            engine.crm.edit("r1", "next_action", "After")

    engine.crm.before = before
    engine.run("first")
    assert engine.states("first") == {"applied": 1, "deferred": 1}
    assert "next_action is After, not Call" in engine.message("r1", "first")
    engine.run("second")
    assert engine.crm.records["r1"]["next_action"] == "After"


def test_fields_made_anew_are_filled_again(engine: Engine) -> None:
    from connectors.destinations.common.fields import BY_COLUMN

    engine.outbound(**BOTH)
    engine.run("first")
    for record in engine.crm.records.values():
        del record["next_action"]
    engine.crm.missing = (BY_COLUMN["next_action"],)
    result = engine.run("second")
    assert (result.applied, result.edits_kept) == (2, 0)
    assert result.fields_made == ("Copilot Next Action",)
