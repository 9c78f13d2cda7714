"""One sync of an unmodified connector that is sent to stand-ins."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from connectors.runner import ConfiguredStream, Limits, SyncResult, run_sync
from connectors.runner.process import SourceProcess
from tests.integration.runner_help import ops, table
from warehouse.database import Warehouse

REDIRECT = Path(__file__).parent / "redirect"
SILENCE_SECONDS = 90.0  # start-up takes a slow machine half a minute; a hung read ends here


def redirected(standins: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which a connector meets stand-ins instead of its vendor.

    Parameters
    ----------
    standins : mapping
        Address on this machine by a regular expression of host names.
    """
    return {"PYTHONPATH": str(REDIRECT), "STANDINS": json.dumps(dict(standins))}


@dataclass(frozen=True)
class Connector:
    """An installed connector, its configuration, and where its calls go."""

    source: str
    command: list[str]
    config: dict[str, Any]
    standins: Mapping[str, str] = field(default_factory=dict)

    def sync(
        self, warehouse: Warehouse, streams: Sequence[ConfiguredStream], **more: Any
    ) -> SyncResult:
        """Read streams into ``raw_<source>``, committing at every state."""
        limits = Limits(checkpoint_rows=1, silence_seconds=SILENCE_SECONDS)
        return run_sync(
            self.command,
            self.config,
            streams,
            warehouse,
            self.source,
            env=redirected(self.standins),
            limits=limits,
            **more,
        )

    def messages(self, verb: str, **files: Any) -> list[dict[str, Any]]:
        """Run one verb without a database and return what the connector says."""
        process = SourceProcess(
            self.command,
            self.config,
            self.source,
            env=redirected(self.standins),
            silence_seconds=SILENCE_SECONDS,
        )
        with process:
            return [message for _, message in process.messages(verb, **files)]


def keyed(warehouse: Warehouse, source: str, name: str, columns: str) -> dict[Any, Any]:
    """Return the rows of a raw table by their first column, which no two may share."""
    rows = table(warehouse, source, name, columns)
    found = {row[0]: row[1:] for row in rows}
    assert len(found) == len(rows), f"{name} holds a record twice"
    return found


def nul_removed(*fields: str) -> list[dict[str, str]]:
    """Return what ``_airbyte_meta.changes`` says of fields that came with a NUL."""
    how = {"change": "TRUNCATED", "reason": "DESTINATION_SERIALIZATION_ERROR"}
    return [{"field": field, **how} for field in fields]


@dataclass(frozen=True)
class Remains:
    """What a sync that failed has left: rows by table, and the state of each stream."""

    rows: dict[str, int]
    states: dict[str, Any]


def remains(warehouse: Warehouse, source: str, names: Sequence[str]) -> Remains:
    """Look at what a failed sync kept."""
    query = "select stream, state from {}.sync_state where source = %s"
    states = dict(ops(warehouse, query, source))
    counts = {name: len(table(warehouse, source, name, "_airbyte_raw_id")) for name in names}
    return Remains(counts, states)


@dataclass
class Story:
    """What each of three syncs said, what the first one left, and the rows after the others."""

    failure: str = ""
    kept: Remains = field(default_factory=lambda: Remains({}, {}))
    second: SyncResult | None = None
    third: SyncResult | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    later_calls: dict[str, int] = field(default_factory=dict)

    def read(self, which: Literal["second", "third"]) -> dict[str, int]:
        """Return how many records of each stream one of the syncs read."""
        result: SyncResult | None = getattr(self, which)
        assert result is not None
        return {name: count.read for name, count in result.streams.items()}
