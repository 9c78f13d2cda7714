"""Pipedrive's burst limit: no more than so many requests of one token in two seconds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

FIRST_LIMIT = 20  # of the smallest plan, until an answer tells the plan's own
WINDOW = 2.02  # seconds; the vendor counts two
FIRST_DELAY = 0.1  # seconds that a request is thought to take to get there
_SOON = 0.005  # seconds after which to look again at the soonest


@dataclass
class _Request:
    sent: float
    answered: float | None = None

    def counts_until(self, delay: float) -> float:
        """Return when the vendor has surely forgotten it, if it gets there within the delay."""
        latest = self.sent + delay
        return WINDOW + (latest if self.answered is None else min(self.answered, latest))


class Pace:
    """Lets requests of many threads go as soon as the limit allows, and no sooner.

    When the vendor counts a request is not known, only that it is before its answer. It is thought
    to be soon after it was sent; each 429 doubles how late that may be.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit = FIRST_LIMIT
        self._delay = FIRST_DELAY
        self._counted: list[_Request] = []
        self._not_before = 0.0

    def learn(self, limit: int) -> None:
        """Take the limit that an answer told."""
        with self._lock:
            self._limit = max(1, limit)

    def hold(self, seconds: float) -> None:
        """Let nothing go for a while, and be more careful then.

        Either requests take longer to get there, or somebody else's with this token count too.
        """
        with self._lock:
            self._delay *= 2
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent; it is to be sent and answered within the block."""
        while isinstance(taken := self._take(), float):
            time.sleep(taken)
        try:
            yield
        finally:
            with self._lock:
                taken.answered = time.monotonic()

    def _take(self) -> _Request | float:
        """Count a request as sent, or return the seconds after which to ask again."""
        with self._lock:
            now = time.monotonic()
            if now < self._not_before:
                return self._not_before - now
            ends = [(one, one.counts_until(self._delay)) for one in self._counted]
            self._counted = [one for one, end in ends if end > now]
            if len(self._counted) < self._limit:
                self._counted.append(_Request(now))
                return self._counted[-1]
            return max(_SOON, min(end for _, end in ends if end > now) - now)
