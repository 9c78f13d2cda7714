"""What a plan says: a line for each thing on the server, and never a secret."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from connectors.airbyte.session import Document

Action = Literal["create", "update", "keep", "unused"]
_WORDS = {"create": "make", "update": "change", "keep": "keep", "unused": "unused"}


@dataclass(frozen=True)
class Step:
    """One thing on the server, and what is to be done about it.

    Parameters
    ----------
    kind : str
        ``source``, ``destination`` or ``connection``.
    name : str
        Its name on the server.
    action : str
        ``create``, ``update``, ``keep`` or ``unused``.
    changes : tuple of str
        What of it, in words.
    """

    kind: str
    name: str
    action: Action
    changes: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the step as one line."""
        about = f": {'; '.join(self.changes)}" if self.changes else ""
        return f"{_WORDS[self.action]:<7} {self.kind:<12} {self.name}{about}"


@dataclass(frozen=True)
class Plan:
    """All steps, and the sources for which no plan could be made."""

    steps: tuple[Step, ...]
    failures: tuple[str, ...] = field(default=())

    @property
    def is_done(self) -> bool:
        """Whether the server stands as it should."""
        return not self.failures and all(s.action in ("keep", "unused") for s in self.steps)

    def lines(self, *, applied: bool = False) -> Iterator[str]:
        """Return the plan, or what was done, for a person to read."""
        yield from (step.line() for step in self.steps)
        counts = {action: sum(s.action == action for s in self.steps) for action in _WORDS}
        made, changed = ("made", "changed") if applied else ("to make", "to change")
        yield (
            f"{counts['create']} {made}, {counts['update']} {changed},"
            f" {counts['keep']} as they should be"
        )


def differing(wanted: Document, found: Document, keys: Iterable[str]) -> list[str]:
    """Return which of some plain fields differ; null and empty are the same."""
    return [key for key in keys if (found.get(key) or None) != (wanted.get(key) or None)]
