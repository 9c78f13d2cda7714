"""What one call of a CRM may hold."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield items in slices of at most so many."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
