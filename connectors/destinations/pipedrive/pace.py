"""Pipedrive's burst limit: no more than so many requests of one token in two seconds."""

import threading
import time
from collections import deque

FIRST_LIMIT = 20  # of the smallest plan, until an answer tells the plan's own
WINDOW = 2.1  # seconds; the vendor counts two, and requests take a while to get there


class Pace:
    """Lets requests of many threads go as soon as the limit allows, and no sooner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit = FIRST_LIMIT
        self._sent: deque[float] = deque()
        self._not_before = 0.0

    def learn(self, limit: int) -> None:
        """Take the limit that an answer told."""
        with self._lock:
            self._limit = max(1, limit)

    def hold(self, seconds: float) -> None:
        """Let nothing go for a while: somebody else's requests with this token count too."""
        with self._lock:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def wait(self) -> None:
        """Return when a request may be sent; it is counted as sent."""
        while (seconds := self._take()) > 0:
            time.sleep(seconds)

    def _take(self) -> float:
        with self._lock:
            now = time.monotonic()
            if now < self._not_before:
                return self._not_before - now
            while self._sent and now - self._sent[0] >= WINDOW:
                self._sent.popleft()
            if len(self._sent) < self._limit:
                self._sent.append(now)
                return 0.0
            return self._sent[-self._limit] + WINDOW - now
