"""Pipedrive's burst limit: no more than so many requests of one token in two seconds."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

FIRST_LIMIT = 20  # of the smallest plan, until an answer tells the plan's own
WINDOW = 2.02  # seconds; the vendor counts two
_SOON = 0.005  # seconds after which to look again while requests are under way


class Pace:
    """Lets requests of many threads go as soon as the limit allows, and no sooner.

    A request counts from when it is sent until two seconds after its answer. The vendor has counted
    it at some moment between the two, so however long it was on the way, the limit is kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit = FIRST_LIMIT
        self._under_way = 0
        self._answered: deque[float] = deque()
        self._not_before = 0.0

    def learn(self, limit: int) -> None:
        """Take the limit that an answer told."""
        with self._lock:
            self._limit = max(1, limit)

    def hold(self, seconds: float) -> None:
        """Let nothing go for a while: somebody else's requests with this token count too."""
        with self._lock:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent; it is to be sent and answered within the block."""
        while (seconds := self._take()) > 0:
            time.sleep(seconds)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._answered.append(time.monotonic())

    def _take(self) -> float:
        """Count a request as under way, or return the seconds after which to ask again."""
        with self._lock:
            now = time.monotonic()
            if now < self._not_before:
                return self._not_before - now
            while self._answered and now - self._answered[0] >= WINDOW:
                self._answered.popleft()
            if self._under_way + len(self._answered) < self._limit:
                self._under_way += 1
                return 0.0
            return self._answered[0] + WINDOW - now if self._answered else _SOON
