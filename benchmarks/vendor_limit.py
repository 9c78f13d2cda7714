"""A publish's time against what the CRM's own documented limit takes, alike for each CRM."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MOST = 1.25  # less than a fifth of the time lies outside of the limit


@dataclass
class Spent:
    """Seconds by the clock, and of this process's own computing."""

    seconds: float = 0.0
    own: float = 0.0

    def is_within(self, least: float, limit: str) -> bool:
        """Print the ratio to what the limit takes; return whether it is what is promised."""
        ratio = self.seconds / least
        print(f"  {self.seconds:.1f} s, {self.own:.1f} s ({self.own / self.seconds:.0%}) of them"
              f" own computing\n  {limit} takes {least:.1f} s: ratio {ratio:.3f}"
              f" (at most {MOST})")  # fmt: skip
        return ratio <= MOST


@contextmanager
def spent() -> Iterator[Spent]:
    """Measure a block."""
    taken, began, own = Spent(), time.monotonic(), time.process_time()
    yield taken
    taken.seconds, taken.own = time.monotonic() - began, time.process_time() - own
