"""Sources that read a feed of changes once they have a state (`ConfiguredStream.feed_days`).

What a first read left out, because it failed in the middle, no later sync of theirs brings; nor do
they bring what happened before the feed begins. Both take a read from the beginning.
"""

import datetime as dt
from collections.abc import Sequence

from connectors.airbyte.jobs import began
from connectors.airbyte.session import Document
from connectors.runner import ConfiguredStream

_READS = ("sync", "refresh")


def feed_days(streams: Sequence[ConfiguredStream]) -> int | None:
    """Return how far back the shortest feed of a source reaches; None if none is read."""
    return min((s.feed_days for s in streams if s.feed_days is not None), default=None)


def last_whole(jobs: Sequence[Document]) -> Document | None:
    """Return the newest read that succeeded, of jobs that begin with the newest."""
    for job in jobs:
        if job["status"] == "succeeded":
            return job if job.get("jobType", "sync") in _READS else None  # a clearing forgets it
    return None


def must_read_anew(jobs: Sequence[Document], days: int, now: dt.datetime) -> bool:
    """Return whether a sync would leave a gap.

    Parameters
    ----------
    jobs : sequence of dict
        All jobs of the connection, the newest first.
    days : int
        How far back the feed reaches.
    now : datetime
        The current instant.
    """
    whole = last_whole(jobs)
    if whole is not None:
        return now - began(whole) > dt.timedelta(days=days)
    for job in jobs:
        if job["status"] == "succeeded":
            return False  # everything was cleared: the next sync begins at the beginning
        if job["status"] in ("failed", "cancelled") and job.get("jobType", "sync") in _READS:
            return True
    return False
