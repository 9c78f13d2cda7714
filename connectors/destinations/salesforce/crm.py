"""Salesforce as the publishing sees it: accounts read and written by Id."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.destinations.common.batches import batches
from connectors.destinations.common.crm import (
    Change,
    CrmRecord,
    NewTask,
    Quota,
    RowAnswer,
    SetupResult,
    Spending,
    TaskRecord,
)
from connectors.destinations.common.fields import BY_COLUMN, OutboundField, Value
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.salesforce import refusals
from connectors.destinations.salesforce.bulk import CALLS, JOB_ROWS, end_jobs, write_in_bulk
from connectors.destinations.salesforce.client import (
    BATCH_SIZE,
    LABEL,
    READ_SIZE,
    SalesforceClient,
    is_record_id,
)
from connectors.destinations.salesforce.composite import read_and_update
from connectors.destinations.salesforce.fields import API_NAMES, OBJECT
from connectors.destinations.salesforce.history import CALLS as HISTORY_CALLS
from connectors.destinations.salesforce.history import edits_since
from connectors.destinations.salesforce.setup import ensure_fields, unusable_fields
from connectors.destinations.salesforce.tasks import SalesforceTasks, estimate

BULK_FROM = 2000


class SalesforceCrm:
    """One Salesforce org.

    Parameters
    ----------
    environment : mapping, optional
        SALESFORCE_* variables; the process's own if absent.
    policy : RetryPolicy, optional
        Time limits and retries.
    instance_url : str, optional
        Used where the environment names none.
    tracks_edits : bool
        Account's field history is on for the copilot's fields, and is to be asked. Without it, what
        was there right before a write is told by the write itself, but for bulk jobs.
    """

    name = "salesforce"
    label = LABEL
    object_name = OBJECT
    write_batch = BATCH_SIZE

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        policy: RetryPolicy | None = None,
        instance_url: str | None = None,
        *,
        tracks_edits: bool = False,
    ) -> None:
        self._tracks_edits = tracks_edits
        self._user_id = ""
        self.client = SalesforceClient(environment, instance_url, policy)
        self._tasks = SalesforceTasks(self.client)
        self._described: dict[str, dict[str, Any]] | None = None

    def is_record_id(self, value: object) -> bool:
        """Say whether a value has the shape of a Salesforce Id (15 or 18 letters and digits)."""
        return is_record_id(value)

    def canonical_id(self, record_id: str) -> str:
        """Return the first 15 characters: the other three only repeat their case."""
        return record_id[:15]

    def missing_fields(self) -> tuple[OutboundField, ...]:
        """Return fields that are absent, hidden from this user, or not writable by it."""
        return tuple(unusable_fields(self._describe()))

    def set_up(self, currency: str) -> SetupResult:
        """Make the fields and the permission sets that show them."""
        made = ensure_fields(self.client, currency)
        self._described = None
        self._describe()
        return made

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Return records; those that are gone are looked for in the recycle bin."""
        columns = [column for column, name in API_NAMES.items() if name in self._describe()]
        names = ["Name", *(API_NAMES[column] for column in columns)]
        found: dict[str, CrmRecord] = {}
        for chunk in batches(record_ids, READ_SIZE):
            for record in self.client.read(OBJECT, chunk, names):
                found[record["Id"][:15]] = _record(record, columns)
        gone = [record_id for record_id in record_ids if record_id[:15] not in found]
        return {**found, **self._deleted(gone)}

    def write(self, changes: Sequence[Change]) -> list[RowAnswer]:
        """Update records, each for itself; more than a collection holds go as one bulk job."""
        if len(changes) > BATCH_SIZE:
            return write_in_bulk(self.client, changes)
        records = [{"Id": change.record_id, **_payload(change)} for change in changes]
        results, before = read_and_update(self.client, OBJECT, records)
        answers = []
        for change, result in zip(changes, results, strict=True):
            answer = refusals.answer(change.record_id, result)
            found = before.get(change.record_id[:15])
            was = None if found is None else _values(found, change.values)
            answers.append(replace(answer, before=was))
        return answers

    def batch_for(self, rows: int) -> int:
        """Return how many rows one write takes: from 2,000 on they go in bulk jobs."""
        return JOB_ROWS if rows >= BULK_FROM else BATCH_SIZE

    def clock(self) -> dt.datetime:
        """Return Salesforce's own time, in whole seconds, as its last answer told."""
        return self.client.told_at

    def edits(
        self, record_ids: Sequence[str], since: dt.datetime
    ) -> Mapping[str, Mapping[str, Sequence[Value]]]:
        """Return what others wrote since then; nothing where no history is kept."""
        if not self._tracks_edits:
            return {}
        self._user_id = self._user_id or self.client.user_id()
        return edits_since(self.client, self._user_id, record_ids, since)

    def estimate(self, *, reads: int, writes: int) -> int:
        """Return the calls of one reading and one writing, with a look at fields and history."""
        fixed = 2 if self._tracks_edits else 1
        write = CALLS if writes > BATCH_SIZE else min(writes, 1)
        told = min(writes, HISTORY_CALLS) if self._tracks_edits else 0
        return fixed - (-reads // READ_SIZE) + write + told

    def settle(self) -> None:
        """End the bulk jobs that an interrupted run left working."""
        end_jobs(self.client)

    def spending(self) -> Spending:
        """Return what was sent so far; opening a session is no call of the API."""
        session = self.client.session
        first_tries = session.calls - session.retries - self.client.log_ins
        return Spending(calls=session.calls, retries=session.retries, units=first_tries)

    def quota(self) -> Quota | None:
        """Return the org's calls of the day, as the last answer told."""
        return self.client.quota()

    def find_tasks(self, markers: Sequence[str]) -> Mapping[str, TaskRecord]:
        """Return tasks by marker, those in the recycle bin too."""
        return self._tasks.find(markers)

    def create_tasks(self, tasks: Sequence[NewTask]) -> list[RowAnswer]:
        """Make tasks; one whose marker is there already is not made again."""
        return self._tasks.create(tasks)

    def close_tasks(self, task_ids: Sequence[str]) -> list[RowAnswer]:
        """Mark tasks as completed."""
        return self._tasks.close(task_ids)

    def estimate_tasks(self, make: Sequence[NewTask] = (), *, close: int = 0) -> int:
        """Return the calls of one making and one closing."""
        return estimate(make, close)

    def _describe(self) -> dict[str, dict[str, Any]]:
        if self._described is None:
            self._described = self.client.describe(OBJECT)
        return self._described

    def _deleted(self, record_ids: Sequence[str]) -> dict[str, CrmRecord]:
        found: dict[str, CrmRecord] = {}
        for chunk in batches(record_ids, BATCH_SIZE):
            listed = ", ".join(f"'{record_id}'" for record_id in chunk if is_record_id(record_id))
            soql = (
                f"SELECT Id, Name, MasterRecordId FROM {OBJECT}"  # noqa: S608
                f" WHERE Id IN ({listed}) AND IsDeleted = true"
            )
            for record in self.client.query(soql, include_deleted=True) if listed else []:
                found[record["Id"][:15]] = CrmRecord(
                    record["Id"], str(record["Name"]), {}, True, record["MasterRecordId"]
                )
        return found


def _record(record: Mapping[str, Any], columns: Sequence[str]) -> CrmRecord:
    return CrmRecord(record["Id"], str(record["Name"]), _values(record, columns))


def _values(record: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Value]:
    """Return the values of columns, in the form in which they compare."""
    return {column: BY_COLUMN[column].normal(record.get(API_NAMES[column])) for column in columns}


def _payload(change: Change) -> dict[str, Any]:
    return {API_NAMES[column]: value for column, value in change.values.items()}
