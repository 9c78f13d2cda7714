"""A source whose vendor refuses: what is said, what is left out, what is kept."""

from pathlib import Path

import pytest

from tests.integration.runner_help import APPEND, log, play, status, stream
from warehouse.database import Warehouse
from warehouse.errors import TransientError

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
