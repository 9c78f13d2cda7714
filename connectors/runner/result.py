"""What a sync may take, and what it did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.runner.process import SILENCE_SECONDS

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Limits:
    """When a sync commits, and when it gives a source up.

    Parameters
    ----------
    checkpoint_rows : int
        Commit at the first state after so many rows ...
    checkpoint_seconds : float
        ... or so many seconds since the last commit.
    silence_seconds : float
        A source without output for so long counts as hung.
    """

    checkpoint_rows: int = 50_000
    checkpoint_seconds: float = 30.0
    silence_seconds: float = SILENCE_SECONDS


@dataclass(frozen=True)
class StreamCount:
    """Rows of one stream in one sync."""

    read: int
    kept: int
    rejected: int


@dataclass(frozen=True)
class SyncResult:
    """What a sync did, by stream.

    Parameters
    ----------
    left_out : mapping
        Optional streams that the vendor refused, and its words.
    """

    source: str
    run_id: str
    streams: Mapping[str, StreamCount] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """Rows written in all."""
        return sum(count.kept for count in self.streams.values())
