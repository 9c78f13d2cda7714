"""A source whose vendor refuses: what is said, what is left out, what is kept."""

from pathlib import Path
from typing import Any

import pytest

from connectors.runner import ConfiguredStream, Limits, Refusal, SyncResult, run_sync
from tests.integration.runner_help import (
    APPEND,
    DEDUP,
    OVERWRITE,
    SCRIPTED,
    SyncMode,
    error,
    log,
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

ITEM = stream("item", id="string", n="integer", cursor="n")
WAIT = "Retrying. Sleeping for 3600 seconds"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([log("Caught retryable error 'Too many requests.' of s3cr3t"), log(WAIT)], r"\*{4} \|"),
        ([status("item", "RUNNING", "RATE_LIMITED"), log(WAIT)], "item: RATE_LIMITED"),
    ],
)
def test_a_source_that_waits_for_its_quota_too_long_is_told_as_such(
    warehouse: Warehouse, tmp_path: Path, said: list[dict], shown: str
) -> None:
    config = {"credentials": {"token": "s3cr3t"}}
    steps = [log("early"), log("b"), log("c"), *said, log("noise", "DEBUG"), {"hang": 600}]
    with pytest.raises(TransientError, match=f"(?s)nothing for 1 seconds.*{shown}.*Sleep") as hung:
        play(warehouse, tmp_path, "waits", [ITEM], steps, APPEND, silence=1, config=config)
    assert "allows no more calls for now" in hung.value.hint
    assert "noise" not in hung.value.what
    assert "early" not in hung.value.what


RATING = ITEM | {"name": "rating"}
FORBIDDEN = "HTTP Status Code: 403. Error: Forbidden. You have no permission."
SUMMARY = error("These streams did not sync successfully: rating: Forbidden", "config_error")
WHOLE = [record({"id": "a", "n": 1}), state(1), status("item", "COMPLETE")]
REFUSED = [error(FORBIDDEN, "config_error", "rating"), status("rating", "INCOMPLETE")]
END = [SUMMARY, {"exit": 1}]


def ids(warehouse: Warehouse, source: str, name: str) -> list[str]:
    return [key for (key,) in table(warehouse, source, name, "id")]


def sync(
    warehouse: Warehouse,
    folder: Path,
    source: str,
    steps: list[dict],
    mode: SyncMode = DEDUP,
    **more: Any,
) -> SyncResult:
    """Sync an item that must be there, and a rating that may be missing."""
    return play(warehouse, folder, source, [RATING, ITEM], steps, mode, optional=["rating"], **more)


@pytest.mark.parametrize("mode", [DEDUP, OVERWRITE])
@pytest.mark.parametrize("end", [END, [{"exit": 1}], []])
def test_an_optional_stream_that_the_vendor_refuses_is_left_out(
    warehouse: Warehouse, tmp_path: Path, mode: SyncMode, end: list[dict]
) -> None:
    source = f"left_{mode.destination_mode}_{len(end)}"
    begun = [record({"id": "old", "n": 1}, name="rating"), state(1, "rating")]
    complete = [status("rating", "COMPLETE"), *WHOLE]
    sync(warehouse, tmp_path, source, [*begun, *complete], mode)
    half = record({"id": "half", "n": 2}, name="rating")
    new = [record({"id": "b", "n": 2}), state(2), *WHOLE[2:]]
    result = sync(warehouse, tmp_path, source, [half, *REFUSED, *new, *end], mode)
    assert result.left_out == {"rating": FORBIDDEN}
    assert ids(warehouse, source, "item") == (["b"] if mode is OVERWRITE else ["a", "b"])
    assert ids(warehouse, source, "rating") == ["old"]
    query = "select stream, status, message from {}.sync_run where source = %s"
    generation = "select generation_id from {}.sync_state where source = %s and stream = 'rating'"
    assert ops(warehouse, generation, source) == [(1,)]
    last = ops(warehouse, f"{query} order by started_at desc, stream limit 2", source)
    assert last == [("item", "succeeded", None), ("rating", "failed", FORBIDDEN)]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([*REFUSED, {"exit": 1}], id="the other one is not complete"),
        pytest.param(
            [error("HTTP Status Code: 503.", name="rating"), *REFUSED[1:], *WHOLE, *END],
            id="it is no refusal",
        ),
        pytest.param(
            [*REFUSED, error("HTTP Status Code: 503.", name="rating"), *WHOLE, *END],
            id="it is not only a refusal",
        ),
        pytest.param(
            [error(FORBIDDEN, name="item"), status("rating", "COMPLETE"), {"exit": 1}],
            id="the other one is refused",
        ),
        pytest.param([*REFUSED, *WHOLE, error("out of memory"), {"exit": 1}], id="a crash"),
        pytest.param([*REFUSED, *WHOLE, {"raw": '{"type": "REC'}], id="a torn message"),
    ],
)
def test_any_other_failure_fails_the_sync(
    warehouse: Warehouse, tmp_path: Path, steps: list[dict]
) -> None:
    with pytest.raises(CopilotError, match="The source strict failed"):
        sync(warehouse, tmp_path, "strict", steps)


def test_a_stream_that_is_complete_is_replaced_though_another_one_fails(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = [record({"id": "old", "n": 1}), record({"id": "old", "n": 1}, name="rating")]
    sync(warehouse, tmp_path, "whole", first, OVERWRITE)
    begun = [status("rating", "STARTED"), record({"id": "new", "n": 2}, name="rating")]
    with pytest.raises(CopilotError):
        steps = [WHOLE[0], status("item", "COMPLETE"), *begun, {"exit": 1}]
        sync(warehouse, tmp_path, "whole", steps, OVERWRITE)
    assert ids(warehouse, "whole", "item") == ["a"]
    assert ids(warehouse, "whole", "rating") == ["old"]
    generations = "select stream, generation_id from {}.sync_state where source = 'whole'"
    assert ops(warehouse, f"{generations} order by 1") == [("item", 2), ("rating", 1)]


def test_of_a_refresh_the_streams_that_are_complete_count_with_their_states(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = [record({"id": "old", "n": 9}), state(9), record({"id": "old", "n": 9}, name="rating")]
    sync(warehouse, tmp_path, "anew", [*first, state(9, "rating")])
    begun = [record({"id": "new", "n": 2}, name="rating"), state(2, "rating"), {"exit": 1}]
    with pytest.raises(CopilotError):
        sync(warehouse, tmp_path, "anew", [*WHOLE, *begun], refresh=True)
    assert ids(warehouse, "anew", "item") == ["a"]
    assert ids(warehouse, "anew", "rating") == ["old"]
    states = "select stream, state, generation_id from {}.sync_state where source = 'anew'"
    expected = [("item", {"n": 1}, 2), ("rating", {"n": 9}, 1)]
    assert ops(warehouse, f"{states} order by 1") == expected


NO_RIGHT = "The key sk_1 does not have the required permissions for this endpoint"
WRONG_ACCOUNT = "The key sk_1 does not have access to account acct_2"
REFUSALS = (Refusal("required permissions"), Refusal("access to account", "Is the account right?"))


def feed(warehouse: Warehouse, folder: Path, source: str, steps: list[dict]) -> None:
    config = write_script(folder, [ITEM], steps) | {"api_key": "sk_1"}
    streams = [ConfiguredStream("item", feed_days=29)]
    limits = Limits(checkpoint_rows=1)
    run_sync(SCRIPTED, config, streams, warehouse, source, limits=limits, refusals=REFUSALS)


@pytest.mark.parametrize(
    ("words", "hint"),
    [(NO_RIGHT, "give them the permissions"), (WRONG_ACCOUNT, "Is the account right?")],
)
def test_a_refusal_that_only_the_log_tells_fails_before_a_state_says_that_all_was_read(
    warehouse: Warehouse, tmp_path: Path, words: str, hint: str
) -> None:
    feed(warehouse, tmp_path, "logged", WHOLE)
    known = "select state, updated_at from {}.sync_state where source = 'logged'"
    before = ops(warehouse, known)
    with pytest.raises(CopilotError) as refused:
        feed(warehouse, tmp_path, "logged", [log(words), state(2), status("item", "COMPLETE")])
    assert refused.value.what == f"The source logged failed: {words.replace('sk_1', '****')}."
    assert hint in refused.value.hint
    assert not isinstance(refused.value, TransientError)
    assert ops(warehouse, known) == before


def test_what_else_a_connector_ignores_does_not_fail_the_sync(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    feed(warehouse, tmp_path, "ignored", [log("Data was not found: no such invoice"), *WHOLE])
    assert ids(warehouse, "ignored", "item") == ["a"]
