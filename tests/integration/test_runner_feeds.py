"""Sources that read everything without a state, and with one only a feed of recent changes."""

import json
from pathlib import Path

import pytest

from connectors.runner import ConfiguredStream, Limits, run_sync
from tests.integration.runner_help import SCRIPTED, ops, status, stream, table, write_script
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

NAMES = ("bill", "plan")
SHAPES = [stream(name, n="integer", id="string", cursor="n") for name in NAMES]
DAYS = 29


def sync(warehouse: Warehouse, folder: Path, source: str, *steps: dict) -> dict[str, dict]:
    """Run one sync that commits at every state; return the states that the source was given."""
    config = write_script(folder, SHAPES, steps)
    streams = [ConfiguredStream(name, feed_days=DAYS) for name in NAMES]
    limits = Limits(checkpoint_rows=1)
    try:
        run_sync(SCRIPTED, config, streams, warehouse, source, limits=limits)
    finally:
        seen: dict[str, dict] = json.loads((folder / "seen.json").read_text())
    return seen


def row(name: str, key: str, n: int) -> dict:
    return {"record": [name, {"id": key, "n": n}]}


def at(name: str, n: int) -> dict:
    return {"state": [name, {"n": n}]}


def ids(warehouse: Warehouse, source: str, name: str) -> list[str]:
    return [key for (key,) in table(warehouse, source, name, "id")]


def grow_old(warehouse: Warehouse, source: str, days: int) -> None:
    with warehouse.connect() as connection:
        schema = warehouse.schema("ops")
        connection.execute(
            f"update {schema}.sync_state set updated_at = now() - %s * interval '1 day'"
            " where source = %s",
            (days, source),
        )


def test_states_of_a_first_read_that_failed_are_not_kept(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    begun = [status("bill", "STARTED"), row("bill", "a", 9), at("bill", 9), row("bill", "b", 5)]
    with pytest.raises(CopilotError):
        last = [status("bill", "INCOMPLETE"), at("bill", 9), {"exit": 1}]
        sync(warehouse, tmp_path, "begun", *begun, *last)
    assert ops(warehouse, "select state from {}.sync_state where source = 'begun'") == []
    whole = [*begun, row("bill", "c", 1), at("bill", 9), status("bill", "COMPLETE")]
    assert sync(warehouse, tmp_path, "begun", *whole) == {}
    assert ids(warehouse, "begun", "bill") == ["a", "b", "c"]
    assert sync(warehouse, tmp_path, "begun") == {"bill": {"n": 9}}


def test_a_first_read_that_is_complete_counts_though_another_stream_fails(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    done = [row("bill", "a", 9), at("bill", 9), status("bill", "COMPLETE"), at("bill", 9)]
    with pytest.raises(CopilotError):
        failed = [status("plan", "STARTED"), row("plan", "p", 1), at("plan", 1), {"exit": 1}]
        sync(warehouse, tmp_path, "half", *done, *failed)
    assert (ids(warehouse, "half", "bill"), ids(warehouse, "half", "plan")) == (["a"], [])
    assert sync(warehouse, tmp_path, "half") == {"bill": {"n": 9}}


def test_changes_are_kept_at_each_state_once_the_first_read_is_done(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    sync(warehouse, tmp_path, "later", row("bill", "a", 1), at("bill", 1))
    with pytest.raises(CopilotError):
        sync(warehouse, tmp_path, "later", row("bill", "b", 2), at("bill", 2), {"exit": 1})
    assert ids(warehouse, "later", "bill") == ["a", "b"]
    assert sync(warehouse, tmp_path, "later") == {"bill": {"n": 2}}


def test_after_a_pause_longer_than_the_feed_all_rows_are_read_anew_and_replaced(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = [row("bill", "a", 1), row("bill", "gone", 2), at("bill", 2)]
    sync(warehouse, tmp_path, "pause", *first)
    grow_old(warehouse, "pause", DAYS + 1)
    with pytest.raises(CopilotError):
        sync(warehouse, tmp_path, "pause", row("bill", "x", 3), at("bill", 3), {"exit": 1})
    assert ids(warehouse, "pause", "bill") == ["a", "gone"]
    again = [row("bill", "a", 1), row("bill", "b", 1), at("bill", 3), status("bill", "COMPLETE")]
    assert sync(warehouse, tmp_path, "pause", *again) == {}
    assert ids(warehouse, "pause", "bill") == ["a", "b"]
    assert sync(warehouse, tmp_path, "pause") == {"bill": {"n": 3}}


def test_a_quiet_feed_that_is_read_often_does_not_grow_old(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    sync(warehouse, tmp_path, "quiet", row("bill", "a", 1), at("bill", 1))
    grow_old(warehouse, "quiet", DAYS - 1)
    assert sync(warehouse, tmp_path, "quiet", at("bill", 1)) == {"bill": {"n": 1}}
    age = "select now() - updated_at < interval '1 day' from {}.sync_state where source = 'quiet'"
    assert set(ops(warehouse, age)) == {(True,)}
