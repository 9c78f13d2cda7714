"""A CRM in memory: as strict as the stand-ins about what a request does, and much faster.

People edit it, and the copilot's process dies, at any request: ``script`` says which.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from connectors.destinations.common.crm import (
    Change,
    CrmRecord,
    CrmRefusalError,
    CrmUnreachableError,
    Quota,
    RowAnswer,
    SetupResult,
    Spending,
)
from connectors.destinations.common.fields import FIELDS, OutboundField, Value

Fault = Literal["kill_before", "kill_after", "lost_before", "lost_after", "refuse", "quota"]


T = TypeVar("T")


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing of it runs any more."""


@dataclass
class Overwrite:
    """The copilot overwrote what a person had written."""

    record_id: str
    column: str
    value: Value
    was_seen: bool
    at_request: int


@dataclass
class MemoryCrm:
    """Records by id; each request is counted, and may be disturbed.

    Parameters
    ----------
    records : dict
        Values by id and column.
    before : callable
        Called with each request's number before it is carried out: where people edit.
    faults : dict
        What befalls the request of a number.
    refused : callable
        The code with which a change is refused, or None.
    keeps_history : bool
        What people wrote can be asked for afterwards; otherwise each write tells what it found.
    """

    records: dict[str, dict[str, Value]]
    before: Callable[[int], None] = lambda _: None
    faults: dict[int, Fault] = field(default_factory=dict)
    refused: Callable[[Change], str | None] = lambda _: None
    keeps_history: bool = True
    name: str = "salesforce"
    label: str = "Memory"
    object_name: str = "Account"
    write_batch: int = 2
    requests: int = 0
    limit: int | None = None
    deleted: set[str] = field(default_factory=set)
    missing: tuple[OutboundField, ...] = ()
    authors: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: dict[str, dict[str, Value]] = field(default_factory=dict)
    overwrites: list[Overwrite] = field(default_factory=list)
    history: list[tuple[dt.datetime, str, str, Value]] = field(default_factory=list)
    pending: list[Overwrite] = field(default_factory=list)

    def edit(self, record_id: str, column: str, value: Value) -> None:
        """Let a person write into a field."""
        self.records[record_id][column] = value
        self.authors[record_id, column] = "person"
        self.history.append((dt.datetime.now(dt.UTC), record_id, column, value))

    def _request(self, act: Callable[[], T]) -> T:
        number = self.requests
        self.requests += 1
        self.before(number)
        fault = self.faults.get(number)
        if fault == "kill_before":
            raise Killed
        if fault == "lost_before":
            raise CrmUnreachableError("No answer.", "Run it again.")
        if fault in ("refuse", "quota"):
            raise CrmRefusalError(
                self.label,
                "NO",
                "Not now.",
                "Wait.",
                ends_run=fault == "quota",
                is_quota=fault == "quota",
            )
        answer = act()
        if fault == "kill_after":
            raise Killed
        if fault == "lost_after":
            raise CrmUnreachableError("No answer.", "Run it again.")
        return answer

    def is_record_id(self, value: object) -> bool:
        """Ids here begin with an r."""
        return str(value).startswith("r")

    def canonical_id(self, record_id: str) -> str:
        """They are what they are."""
        return record_id

    def missing_fields(self) -> tuple[OutboundField, ...]:
        """Return what was said to be missing."""
        return self.missing

    def set_up(self, currency: str) -> SetupResult:
        """Make what is missing."""
        del currency
        made = tuple(found.label for found in self.missing)
        self.missing = ()
        return SetupResult(made)

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Read all in one request."""
        return self._request(lambda: self._read(record_ids))

    def _read(self, record_ids: Sequence[str]) -> dict[str, CrmRecord]:
        found = {}
        for record_id in record_ids:
            if record_id in self.records:
                values = {item.column: self.records[record_id].get(item.column) for item in FIELDS}
                self.seen[record_id] = dict(values)
                gone = record_id in self.deleted
                found[record_id] = CrmRecord(record_id, f"Account {record_id}", values, gone)
        return found

    def write(self, changes: Sequence[Change]) -> list[RowAnswer]:
        """Write at most a batch, each for itself."""
        assert len(changes) <= self.write_batch
        return self._request(lambda: [self._write(change) for change in changes])

    def _write(self, change: Change) -> RowAnswer:
        code = self.refused(change)
        if code is not None or change.record_id in self.deleted:
            return RowAnswer(
                change.record_id, code or "DELETED", "No.", may_pass=code == "BUSY", hint="Mend it."
            )
        record = self.records[change.record_id]
        before = {column: record.get(column) for column in change.values}
        for column, value in change.values.items():
            if self.authors.get((change.record_id, column)) == "person":
                was_seen = self.seen[change.record_id].get(column) == record.get(column)
                self.overwrites.append(
                    Overwrite(
                        change.record_id, column, record.get(column), was_seen, self.requests - 1
                    )
                )
            record[column] = value
            self.authors[change.record_id, column] = "copilot"
        return RowAnswer(change.record_id, before=None if self.keeps_history else before)

    def clock(self) -> dt.datetime:
        """Return the time."""
        return dt.datetime.now(dt.UTC)

    def edits(
        self, record_ids: Sequence[str], since: dt.datetime
    ) -> Mapping[str, Mapping[str, Sequence[Value]]]:
        """Return what people wrote; part of the same request as a reading."""
        found: dict[str, dict[str, list[Value]]] = {}
        if not self.keeps_history:
            return found
        for at, record_id, column, value in self.history:
            if at >= since and record_id in record_ids:
                found.setdefault(record_id, {}).setdefault(column, []).append(value)
        return found

    def batch_for(self, rows: int) -> int:
        """Return the batch."""
        del rows
        return self.write_batch

    def estimate(self, *, reads: int, writes: int) -> int:
        """Return one request a reading, one a batch written."""
        return (1 if reads else 0) - (-writes // self.write_batch)

    def spending(self) -> Spending:
        """Return the requests so far."""
        return Spending(self.requests, 0, self.requests)

    def quota(self) -> Quota | None:
        """Return what is left of the limit, if there is one."""
        if self.limit is None:
            return None
        return Quota(self.limit, max(0, self.limit - self.requests), "calls")
