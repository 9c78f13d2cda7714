"""Syncs: modes, states, generations, failures; nothing lost, nothing doubled."""

import json
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.runner import ConfiguredStream, ensure_stream_tables, run_sync
from connectors.runner.protocol import CatalogStream
from tests.integration.runner_help import (
    APPEND,
    DEDUP,
    OVERWRITE,
    SCRIPTED,
    SyncMode,
    error,
    ops,
    play,
    record,
    state,
    status,
    stream,
    table,
    write_script,
)
from warehouse.database import Warehouse
from warehouse.errors import CopilotError, TransientError

ITEM = stream("item", id="string", n="integer", v="string", cursor="n")
ERROR_OF = {
    kind: error("The API said no", kind)
    for kind in ("config_error", "system_error", "transient_error")
}


def item(key: str, n: int | None, v: str, at: int | None = None) -> dict:
    return record({"id": key, "n": n, "v": v}, at)


def rows(warehouse: Warehouse, source: str) -> list[tuple]:
    return table(warehouse, source, "item", "id, n, v")


def stored(warehouse: Warehouse, source: str) -> list[tuple]:
    return ops(
        warehouse,
        "select stream, state, generation_id from {}.sync_state where source = %s order by 1",
        source,
    )


def test_the_newer_cursor_wins_within_a_batch_and_across_syncs(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = [item("a", 2, "new"), item("a", 1, "old"), item("b", 5, "b5"), state(5)]
    second = [item("a", 1, "repeated"), item("b", 6, "b6"), item("c", None, "c"), state(6)]
    play(warehouse, tmp_path, "newer", [ITEM], first, DEDUP)
    play(warehouse, tmp_path, "newer", [ITEM], second, DEDUP)
    assert rows(warehouse, "newer") == [("a", 2, "new"), ("b", 6, "b6"), ("c", None, "c")]


def test_a_cursor_inside_of_an_object_is_decided_by_the_time_of_extraction(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    nested = stream("item", id="string", n="integer", v="string", meta="object")
    nested["default_cursor_field"] = ["meta", "updated"]

    def seen(updated: int, v: str, at: int) -> dict:
        return record({"id": "a", "n": 1, "v": v, "meta": {"updated": updated}}, at)

    later = [seen(1, "first", 100), seen(1, "later", 200), state(1)]
    play(warehouse, tmp_path, "nested", [nested], later, DEDUP)
    play(warehouse, tmp_path, "nested", [nested], [seen(9, "read before", 150), state(2)], DEDUP)
    assert rows(warehouse, "nested") == [("a", 1, "later")]


def test_equal_cursors_are_decided_by_the_time_of_extraction(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    play(warehouse, tmp_path, "ties", [ITEM], [item("a", 1, "later", 200), state(1)], DEDUP)
    play(warehouse, tmp_path, "ties", [ITEM], [item("a", 1, "earlier", 100), state(1)], DEDUP)
    assert rows(warehouse, "ties") == [("a", 1, "later")]


def test_rows_of_a_key_with_an_empty_part_are_merged_too(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    shape = ITEM | {"source_defined_primary_key": [["id"], ["v"]]}
    for n in (1, 2):
        steps = [record({"id": "a", "v": None, "n": n}), state(n)]
        play(warehouse, tmp_path, "partkey", [shape], steps, DEDUP)
    assert rows(warehouse, "partkey") == [("a", 2, None)]


def test_a_crash_keeps_rows_up_to_the_last_state_and_the_next_sync_resumes(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    steps = [item("a", 1, "x"), state(1), item("b", 2, "y"), item("c", 3, "z"), state(3)]
    crash = [*steps[:3], error("The API said 500"), {"exit": 1}]
    with pytest.raises(CopilotError, match="The source crash failed: The API said 500"):
        play(warehouse, tmp_path, "crash", [ITEM], crash, APPEND, resume=True)
    assert rows(warehouse, "crash") == [("a", 1, "x")]
    assert stored(warehouse, "crash") == [("item", {"n": 1}, 1)]
    play(warehouse, tmp_path, "crash", [ITEM], steps, APPEND, resume=True)
    assert json.loads((tmp_path / "seen.json").read_text()) == {"item": {"n": 1}}
    assert rows(warehouse, "crash") == [("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z")]
    log = ops(
        warehouse,
        "select status, records, message from {}.sync_run where source = %s order by started_at",
        "crash",
    )
    assert log == [
        ("failed", 1, "The source crash failed: The API said 500."),
        ("succeeded", 2, None),
    ]


def test_a_crash_between_rare_checkpoints_still_keeps_what_was_acknowledged(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    steps = [item("a", 1, "x"), state(1), item("b", 2, "y"), {"exit": 3}]
    with pytest.raises(CopilotError, match="exit code 3"):
        play(warehouse, tmp_path, "rare", [ITEM], steps, APPEND, rows=10_000)
    assert rows(warehouse, "rare") == [("a", 1, "x")]


def test_full_refresh_replaces_rows_with_a_new_generation(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    play(warehouse, tmp_path, "full", [ITEM], [item("a", 1, "x"), item("a", 1, "x")], OVERWRITE)
    play(warehouse, tmp_path, "full", [ITEM], [item("b", 1, "y")], OVERWRITE)
    assert rows(warehouse, "full") == [("b", 1, "y")]
    assert table(warehouse, "full", "item", "_airbyte_generation_id") == [(2,)]
    with pytest.raises(CopilotError, match="exit code 1: out of luck"):
        crash = [item("c", 1, "z"), state(1), {"stderr": "out of luck"}, {"exit": 1}]
        play(warehouse, tmp_path, "full", [ITEM], crash, OVERWRITE)
    assert rows(warehouse, "full") == [("b", 1, "y")]


def test_full_refresh_with_nothing_empties_the_table(warehouse: Warehouse, tmp_path: Path) -> None:
    play(warehouse, tmp_path, "emptied", [ITEM], [item("a", 1, "x")], OVERWRITE)
    play(warehouse, tmp_path, "emptied", [ITEM], [], OVERWRITE)
    assert rows(warehouse, "emptied") == []


def test_full_refresh_append_adds_all_rows_at_the_end_or_none(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    mode = SyncMode.FULL_REFRESH_APPEND
    steps = [item("a", 1, "x"), state(1)]
    play(warehouse, tmp_path, "piles", [ITEM], steps, mode)
    with pytest.raises(CopilotError):
        play(warehouse, tmp_path, "piles", [ITEM], [*steps, {"exit": 1}], mode)
    play(warehouse, tmp_path, "piles", [ITEM], steps, mode)
    assert rows(warehouse, "piles") == [("a", 1, "x")] * 2


def test_a_refresh_forgets_the_state_and_replaces_rows_only_when_complete(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    play(warehouse, tmp_path, "anew", [ITEM], [item("a", 9, "x"), state(9)], DEDUP)
    with pytest.raises(CopilotError):
        crash = [item("b", 1, "y"), state(1), {"exit": 1}]
        play(warehouse, tmp_path, "anew", [ITEM], crash, DEDUP, refresh=True)
    assert rows(warehouse, "anew") == [("a", 9, "x")]
    assert stored(warehouse, "anew") == [("item", {"n": 9}, 1)]
    steps = [item("a", 1, "reset"), state(1)]
    play(warehouse, tmp_path, "anew", [ITEM], steps, DEDUP, refresh=True)
    assert json.loads((tmp_path / "seen.json").read_text()) == {}
    assert rows(warehouse, "anew") == [("a", 1, "reset")]
    assert stored(warehouse, "anew") == [("item", {"n": 1}, 2)]


def test_a_state_without_rows_moves_the_state_on(warehouse: Warehouse, tmp_path: Path) -> None:
    play(warehouse, tmp_path, "onlystate", [ITEM], [state(7)], DEDUP)
    assert stored(warehouse, "onlystate") == [("item", {"n": 7}, 1)]
    play(warehouse, tmp_path, "onlystate", [ITEM], [], DEDUP)
    assert stored(warehouse, "onlystate") == [("item", {"n": 7}, 1)]
    assert rows(warehouse, "onlystate") == []


def test_rows_after_the_last_state_are_not_appended_twice(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    steps = [item("a", 1, "x"), state(1), item("b", 2, "y")]
    play(warehouse, tmp_path, "rest", [ITEM], steps, APPEND, resume=True)
    play(warehouse, tmp_path, "rest", [ITEM], [*steps, state(2)], APPEND, resume=True)
    assert rows(warehouse, "rest") == [("a", 1, "x"), ("b", 2, "y")]


def test_a_global_state_acknowledges_all_streams(warehouse: Warehouse, tmp_path: Path) -> None:
    other = ITEM | {"name": "other"}
    shared = {"type": "GLOBAL", "global": {"shared_state": {"lsn": 5}, "stream_states": []}}
    steps = [
        item("a", 1, "x"),
        {"record": ["other", {"id": "b", "n": 1}]},
        {"message": {"type": "STATE", "state": shared}},
        item("late", 2, "y"),
        {"exit": 1},
    ]
    with pytest.raises(CopilotError):
        play(warehouse, tmp_path, "global", [ITEM, other], steps, APPEND)
    assert rows(warehouse, "global") == [("a", 1, "x")]
    assert table(warehouse, "global", "other", "id") == [("b",)]
    assert stored(warehouse, "global") == [("*", shared, 0)]


def test_a_torn_message_fails_and_names_source_and_line(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    steps = [item("a", 1, "x"), state(1), {"raw": '{"type": "RECORD hunter2'}]
    config = {"credentials": {"api_key": "hunter2"}}
    with pytest.raises(CopilotError, match=r"garbage failed: line 3 .*RECORD \*"):
        play(warehouse, tmp_path, "garbage", [ITEM], steps, APPEND, config=config)
    assert rows(warehouse, "garbage") == [("a", 1, "x")]


@pytest.mark.parametrize("raw", ['{"type": "RECORD"}', '{"type": 3}', "\x00\xff"])
def test_what_is_no_message_and_no_text_is_garbage_too(
    warehouse: Warehouse, tmp_path: Path, raw: str
) -> None:
    with pytest.raises(CopilotError, match="garbage2 failed: line 1"):
        play(warehouse, tmp_path, "garbage2", [ITEM], [{"raw": raw}], APPEND)


def test_what_a_connector_prints_between_messages_loses_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    prints = [{"raw": "Retrying\tin 5 s ..."}, {"raw": "[1, 2]"}]
    steps = [prints[0], item("a", 1, "x"), *prints, item("b", 2, "y"), state(2)]
    play(warehouse, tmp_path, "prints", [ITEM], steps, APPEND)
    assert rows(warehouse, "prints") == [("a", 1, "x"), ("b", 2, "y")]


def test_a_source_that_hangs_is_killed(warehouse: Warehouse, tmp_path: Path) -> None:
    steps = [item("a", 1, "x"), state(1), {"hang": 600}]
    with pytest.raises(CopilotError, match="hangs failed: it wrote nothing for 1 seconds"):
        play(warehouse, tmp_path, "hangs", [ITEM], steps, APPEND, silence=1)
    assert rows(warehouse, "hangs") == [("a", 1, "x")]


def test_a_stream_that_is_not_complete_fails_the_sync(warehouse: Warehouse, tmp_path: Path) -> None:
    steps = [status("item", "STARTED"), item("a", 1, "x")]
    with pytest.raises(CopilotError, match="ended before these were complete: item"):
        play(warehouse, tmp_path, "partial", [ITEM], steps, APPEND)


@pytest.mark.parametrize(
    ("steps", "is_transient"),
    [
        ([{"exit": 3}], True),
        ([{"raw": "garbage"}], False),
        ([ERROR_OF["transient_error"], {"exit": 1}], True),
        ([ERROR_OF["system_error"], {"exit": 1}], True),
        ([ERROR_OF["config_error"], {"exit": 1}], False),
        # a stream's own error, then the connector's summary of the sync
        ([ERROR_OF["transient_error"], ERROR_OF["config_error"], {"exit": 1}], True),
    ],
)
def test_only_what_may_pass_by_itself_is_worth_another_try(
    warehouse: Warehouse, tmp_path: Path, steps: list[dict], is_transient: bool
) -> None:
    with pytest.raises(CopilotError) as caught:
        play(warehouse, tmp_path, "transient", [ITEM], steps, APPEND)
    assert isinstance(caught.value, TransientError) is is_transient


def test_an_unknown_stream_and_a_missing_program_are_named(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    config = write_script(tmp_path, [ITEM], [])
    with pytest.raises(CopilotError, match="no stream 'tickets'; its streams: item"):
        run_sync(SCRIPTED, config, [ConfiguredStream("tickets")], warehouse, "unknown")
    with pytest.raises(CopilotError, match="/no/such/program cannot be started"):
        run_sync(["/no/such/program"], config, [ConfiguredStream("item")], warehouse, "unknown")


def test_an_optional_stream_that_the_source_does_not_list_is_left_out(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    config = write_script(tmp_path, [stream("a", id="integer")], [])
    wanted = [ConfiguredStream("a"), ConfiguredStream("history", is_optional=True)]
    assert set(run_sync(SCRIPTED, config, wanted, warehouse, "optional").streams) == {"a"}


def test_secrets_of_the_config_are_masked_in_logs(
    warehouse: Warehouse, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = {"type": "LOG", "log": {"level": "INFO", "message": "token is s3cr3t, account acme"}}
    config = {"credentials": {"token": "s3cr3t"}, "account": "acme"}
    with caplog.at_level(logging.INFO):
        steps = [{"message": log}, {"stderr": "and s3cr3t again"}]
        play(warehouse, tmp_path, "secret", [ITEM], steps, APPEND, config=config)
    assert "token is ****, account acme" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_tables_exist_before_the_first_row(warehouse: Warehouse) -> None:
    catalog = [CatalogStream.from_json(ITEM)]
    for _ in range(2):
        ensure_stream_tables(warehouse, "early", catalog)
    assert rows(warehouse, "early") == []


def test_what_a_schema_does_not_name_is_kept_in_a_column_where_that_is_asked_for(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    steps = [
        record({"id": "a", "n": 1, "v": "x", "f00": 2**53 + 1, "bar": {"b": None}}),
        record({"id": "b", "n": 2, "v": "y"}),
    ]
    config = write_script(tmp_path, [ITEM], steps)
    wanted = [ConfiguredStream("item", OVERWRITE, rest_column="others")]
    run_sync(SCRIPTED, config, wanted, warehouse, "rest")
    assert table(warehouse, "rest", "item", "id, v, others") == [
        ("a", "x", {"f00": 2**53 + 1, "bar": {"b": None}}),
        ("b", "y", {}),
    ]


def test_the_transformer_may_read_what_the_loader_wrote(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    play(warehouse, tmp_path, "readable", [ITEM], [item("a", 1, "x")], OVERWRITE)
    with warehouse.connect() as connection:
        (allowed,) = connection.execute(
            "select has_table_privilege(%s, %s, 'select')",
            (
                f"{warehouse.schema_prefix}copilot_transformer",
                f"{warehouse.schema('raw_readable')}.item",
            ),
        ).fetchone()
    assert allowed


RUNNER = """
import sys
from pathlib import Path
from tests.integration.runner_help import SCRIPTED, DEDUP, APPEND
from connectors.runner import ConfiguredStream, Limits, run_sync
from warehouse.database import Warehouse
url, prefix, script = sys.argv[1:]
run_sync(SCRIPTED, {"script": script}, [ConfiguredStream("item", APPEND)],
         Warehouse(url, prefix), "killed", limits=Limits(checkpoint_rows=1))
"""


@pytest.mark.parametrize("at", range(0, 8, 3))
def test_a_killed_runner_neither_loses_nor_doubles_a_row(
    warehouse: Warehouse, tmp_path: Path, at: int
) -> None:
    source = "killed"
    with warehouse.connect() as connection:
        connection.execute(
            f"delete from {warehouse.schema('ops')}.sync_state where source = 'killed'"
        )
        connection.execute(f'drop table if exists {warehouse.schema("raw_killed")}."item"')
    steps = [step for n in range(8) for step in (item(f"k{n}", n, "v"), state(n))]
    marker = tmp_path / "go"
    paused = [*steps[: 2 * at + 1], {"wait_for": str(marker)}, *steps[2 * at + 1 :]]
    config = write_script(tmp_path, [ITEM], paused, resume=True)
    arguments = [warehouse.url(), warehouse.schema_prefix, config["script"]]
    child = subprocess.Popen([sys.executable, "-c", RUNNER, *arguments])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        committed = stored(warehouse, source)
        if at == 0 and ops(warehouse, "select 1 from {}.sync_run where status = 'running'"):
            break
        if committed and (committed[0][1] or {}).get("n") == at - 1:
            break
        time.sleep(0.05)
    child.kill()
    child.wait()
    marker.touch()
    play(warehouse, tmp_path, source, [ITEM], steps, APPEND, resume=True)
    assert rows(warehouse, source) == [(f"k{n}", n, "v") for n in range(8)]
