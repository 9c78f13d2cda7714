"""What one call of a CRM may hold."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from connectors.destinations.common.crm import NewTask

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield items in slices of at most so many."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def task_calls(make: Sequence[NewTask], close: int, size: int, *, each: int) -> int:
    """Return the calls of making and closing tasks in batches of a size.

    A batch of new ones takes ``each``, and one more where owners have to be asked for.
    """
    making = [each + any(task.owner_id is None for task in chunk) for chunk in batches(make, size)]
    return sum(making) - (-close // size)
