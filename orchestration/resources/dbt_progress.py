"""What a watcher sees of dbt: how far it is and what went wrong, not a line a node."""

import contextlib
import io
import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

_FINISHED = re.compile(r"^\d+ of (\d+) (?!START)([A-Z]+) ")
_WORTH_A_LINE = ("ERROR", "FAIL", "WARN")

Event = TypeVar("Event")


class DbtProgress(io.TextIOBase):
    """Take dbt's console lines; keep the failures and, now and then, a count.

    Every line stays in dbt's own log file.

    Parameters
    ----------
    every : float
        Seconds between two counts.
    """

    def __init__(self, every: float = 10.0) -> None:
        super().__init__()
        self._every = every
        self._last = time.monotonic()
        self._finished = 0
        self._kept: list[str] = []

    def write(self, text: str) -> int:
        """Read one or more lines of dbt's console."""
        for line in text.splitlines():
            if match := _FINISHED.match(line):
                self._take_finished(line, *match.groups())
        return len(text)

    def _take_finished(self, line: str, total: str, status: str) -> None:
        self._finished += 1
        if status in _WORTH_A_LINE:
            self._kept.append(line)
        elif time.monotonic() - self._last >= self._every:
            self._last = time.monotonic()
            self._kept.append(f"{self._finished} of {total} done")

    def take(self) -> list[str]:
        """Return what was kept since the last call."""
        kept, self._kept = self._kept, []
        return kept


def watched(
    events: Iterator[Event], say: Callable[[str], None], progress: DbtProgress
) -> Iterator[Event]:
    """Yield ``events``, and ``say`` what ``progress`` keeps of the lines that their making prints.

    dagster-dbt writes each line of dbt to stdout while it is asked for the next event.
    """
    while True:
        with contextlib.redirect_stdout(progress):
            event = next(events, None)
        for line in progress.take():
            say(f"dbt: {line}")
        if event is None:
            return
        yield event
