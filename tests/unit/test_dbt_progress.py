"""What `copilot run` shows of dbt's many lines."""

from collections.abc import Iterator

import pytest

from orchestration.resources.dbt_progress import DbtProgress, watched

LINES = [
    "Running with dbt=1.11.16",
    "1 of 3 START sql table model marts.dim_account ... [RUN]",
    "1 of 3 OK created sql table model marts.dim_account ... [INSERT 0 5 in 0.24s]",
    "2 of 3 FAIL 4 unique_dim_account_account_id ... [FAIL 4 in 0.04s]",
    "3 of 3 PASS not_null_dim_account_account_id ... [PASS in 0.04s]",
]


def printing(lines: list[str]) -> Iterator[int]:
    for number, line in enumerate(lines):
        print(line)
        yield number


def test_failures_are_shown_and_the_rest_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    events = list(watched(printing(LINES), said.append, DbtProgress(every=3600)))
    assert events == [0, 1, 2, 3, 4]
    assert said == [f"dbt: {LINES[3]}"]
    assert capsys.readouterr().out == ""


def test_progress_is_counted_at_finished_nodes() -> None:
    said: list[str] = []
    list(watched(printing(LINES), said.append, DbtProgress(every=0)))
    assert said == ["dbt: 1 of 3 done", f"dbt: {LINES[3]}", "dbt: 3 of 3 done"]


def test_what_others_print_meanwhile_stays_visible(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in watched(printing(LINES[:1]), print, DbtProgress()):
        print("seen")
    assert capsys.readouterr().out == "seen\n"
