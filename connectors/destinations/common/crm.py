"""What the publishing needs of a CRM; each CRM's folder implements it with its kept client."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from connectors.destinations.common.fields import OutboundField, Value
from warehouse.errors import CopilotError, TransientError


class CrmRefusalError(CopilotError):
    """The CRM refused a request as a whole, so nothing of it was applied.

    Parameters
    ----------
    crm : str
        The vendor as people write it, such as ``HubSpot``.
    code, words : str
        The vendor's own code and sentence.
    hint : str
        What to do.
    ends_run : bool
        No further request makes sense now (credentials, the day's quota): what is left is deferred.
    is_quota : bool
        It is the day's quota that is used up, so that nobody has to mend anything.
    """

    def __init__(
        self,
        crm: str,
        code: str,
        words: str,
        hint: str,
        *,
        ends_run: bool,
        is_quota: bool = False,
    ) -> None:
        super().__init__(f"{crm} refused: {code}: {words}", hint)
        self.code = code
        self.words = words
        self.ends_run = ends_run
        self.is_quota = is_quota


class CrmUnreachableError(TransientError):
    """There was no usable answer; what was sent may or may not have been applied."""


@dataclass(frozen=True)
class CrmRecord:
    """One account's record as it is in the CRM now.

    Parameters
    ----------
    record_id, name : str
        Its id there, in the CRM's canonical form, and what people call it.
    values : dict
        By `OutboundField.column`, in the form of `OutboundField.normal`; of the copilot's own
        fields only.
    is_deleted : bool
        In the recycle bin, or archived.
    merged_into : str or None
        The record that it was merged into.
    """

    record_id: str
    name: str
    values: dict[str, Value]
    is_deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True)
class Change:
    """New values of one record, by `OutboundField.column`; None empties the field there."""

    record_id: str
    values: dict[str, Value]


@dataclass(frozen=True)
class RowAnswer:
    """What the CRM said of one row: taken if ``code`` is None, else refused with its words.

    ``columns`` names those that the refusal is about, where the vendor tells; ``hint`` says what
    to do about it. ``before`` is what the changed columns were right before the write, in the form
    of `OutboundField.normal`, from a CRM that reads and writes in one request; None: not known.
    """

    record_id: str
    code: str | None = None
    words: str = ""
    columns: tuple[str, ...] = ()
    may_pass: bool = False  # a record lock, say: worth another try within this run
    is_untried: bool = False  # the CRM never came to it, the quota being used up, say
    hint: str = ""
    before: Mapping[str, Value] | None = None


@dataclass(frozen=True)
class Spending:
    """What was sent: requests, those that were tries after the first, and the vendor's own units.

    Units are API calls (Salesforce, HubSpot) or tokens (Pipedrive), first tries only.
    """

    calls: int = 0
    retries: int = 0
    units: int = 0


@dataclass(frozen=True)
class Quota:
    """The vendor's limit in its own units, as its last answers told; None where they do not."""

    limit: int | None
    remaining: int | None
    unit: str
    period: str = "day"


@dataclass(frozen=True)
class SetupResult:
    """What the set-up had to make, in words for a person; both empty if all was there."""

    fields: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskRecord:
    """A task of the copilot as it is in the CRM now.

    Parameters
    ----------
    task_id : str
        Its id there.
    marker : str
        The action's marker (`NewTask.marker`), read back from the task.
    is_open : bool
        Nobody has completed it.
    status : str
        The vendor's own word.
    """

    task_id: str
    marker: str
    is_open: bool
    status: str
    is_deleted: bool = False


@dataclass(frozen=True)
class NewTask:
    """A task to be made for an account's owner.

    Parameters
    ----------
    marker : str
        Letters and digits that no other action has; written where it can be searched for.
    record_id : str
        The account's id in the CRM.
    owner_id : str or None
        The owner's id in the CRM; None: the account's owner, as the CRM has it.
    subject, body : str
        Plain text.
    due_on : str
        ISO date.
    """

    marker: str
    record_id: str
    owner_id: str | None
    subject: str
    body: str
    due_on: str
    priority: str = "normal"  # or "high"


class FieldCrm(Protocol):
    """One CRM's records. Reads go in batches of its own limits, in as many as needed.

    All methods raise `CrmRefusalError` or `CrmUnreachableError`, with nothing of the vendor's
    client leaking through; retries and Retry-After are theirs.
    """

    name: str
    label: str
    object_name: str
    write_batch: int

    def is_record_id(self, value: object) -> bool:
        """Say whether a value has the shape of this CRM's ids."""

    def canonical_id(self, record_id: str) -> str:
        """Return the form in which ids compare (Salesforce: 15 characters)."""

    def missing_fields(self) -> tuple[OutboundField, ...]:
        """Return fields that are absent, hidden from this user, or not writable by it."""

    def set_up(self, currency: str) -> SetupResult:
        """Make, type, label, group and grant what is missing; write nothing if nothing is."""

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Return records by canonical id, deleted and merged ones included; unknown ones lack."""

    def write(self, changes: Sequence[Change]) -> list[RowAnswer]:
        """Update at most `write_batch` records in one request, each for itself, in that order.

        As many as `batch_for` says, where that is more (Salesforce: one Bulk job).
        """

    def batch_for(self, rows: int) -> int:
        """Return how many rows one `write` of a run with so many changed rows takes."""

    def estimate(self, *, reads: int, writes: int) -> int:
        """Return the units that one `read` and one `write` of so many rows spend without faults.

        What each run spends besides, whatever its rows, is added; so with no rows it is that alone.
        """

    def spending(self) -> Spending:
        """Return what this object has sent so far."""

    def quota(self) -> Quota | None:
        """Return the vendor's limit as last told; may ask once if nothing was told yet."""


@runtime_checkable
class WorksLater(Protocol):
    """A CRM that goes on working at what it was sent, though nobody waits for it any more."""

    def settle(self) -> None:
        """End what an interrupted run left working there, so that what is read stays."""


@runtime_checkable
class KeepsHistory(Protocol):
    """A CRM that tells what a field was before it was overwritten; few do, or only if asked to."""

    def clock(self) -> dt.datetime:
        """Return the CRM's own time, as its last answer told."""

    def edits(
        self, record_ids: Sequence[str], since: dt.datetime
    ) -> Mapping[str, Mapping[str, Sequence[Value]]]:
        """Return the values that others gave each field since then, by canonical id and column."""


class TaskCrm(Protocol):
    """One CRM's tasks; it refuses and fails as a `FieldCrm` does."""

    name: str
    label: str
    write_batch: int

    def find_tasks(self, markers: Sequence[str]) -> Mapping[str, TaskRecord]:
        """Return the copilot's tasks by marker, done and deleted ones where the CRM tells."""

    def create_tasks(self, tasks: Sequence[NewTask]) -> list[RowAnswer]:
        """Make tasks; `RowAnswer.record_id` holds the new task's id, or the marker if refused."""

    def close_tasks(self, task_ids: Sequence[str]) -> list[RowAnswer]:
        """Mark tasks as completed."""

    def estimate_tasks(self, make: Sequence[NewTask] = (), *, close: int = 0) -> int:
        """Return the units that one making and one closing of so many spend without faults."""

    def spending(self) -> Spending:
        """Return what this object has sent so far."""

    def quota(self) -> Quota | None:
        """Return the vendor's limit as last told; may ask once if nothing was told yet."""


class Crm(FieldCrm, TaskCrm, Protocol):
    """One CRM with its tasks."""
