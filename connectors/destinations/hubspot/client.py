"""HubSpot as one CRM of several: companies by their id, and tasks."""

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping, Sequence
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
from connectors.destinations.common.transport import RetryPolicy, is_loopback
from connectors.destinations.hubspot.batches import BATCH_SIZE, Outcome, send_rows
from connectors.destinations.hubspot.fields import COMPANIES, NAMES, from_text, name_of, to_text
from connectors.destinations.hubspot.history import BATCH_SIZE as HISTORY_SIZE
from connectors.destinations.hubspot.history import edits_since
from connectors.destinations.hubspot.refusals import (
    LABEL,
    HubspotRefusalError,
    merged_answer,
    row_answer,
)
from connectors.destinations.hubspot.setup import CALLS_TO_LOOK, Schema
from connectors.destinations.hubspot.tasks import Tasks, estimate
from connectors.destinations.hubspot.transport import HubspotTransport
from warehouse.errors import CopilotError

_HUBSPOT = "https://api.hubapi.com"
_ID = re.compile(r"[1-9][0-9]{0,19}")
_MERGED = "hs_merged_object_ids"


class HubspotCrm:
    """Reads and writes the copilot's properties of companies, and its tasks.

    Parameters
    ----------
    environment : mapping, optional
        Holds HUBSPOT_ACCESS_TOKEN, and HUBSPOT_API_URL where a stand-in on this machine takes
        HubSpot's place.
    policy : RetryPolicy, optional
        Time limits and retries.

    Raises
    ------
    CopilotError
        A variable is missing, or the address is not one of this machine.
    """

    name = "hubspot"
    label = LABEL
    object_name = "company"
    write_batch = BATCH_SIZE

    def __init__(
        self, environment: Mapping[str, str] | None = None, policy: RetryPolicy | None = None
    ) -> None:
        known = os.environ if environment is None else environment
        self._transport = HubspotTransport(_url(known), _token(known), policy or RetryPolicy())
        self._companies = self._transport.client.crm.companies.batch_api
        self._properties = self._transport.client.crm.properties.core_api
        self._schema = Schema(self._transport)
        self._tasks = Tasks(self._transport)

    # -- fields ------------------------------------------------------------------------------

    def is_record_id(self, value: object) -> bool:
        """Say whether a value has the shape of a HubSpot id (digits)."""
        return isinstance(value, str) and _ID.fullmatch(value) is not None

    def canonical_id(self, record_id: str) -> str:
        """Return the form in which ids compare: as they are."""
        return record_id

    def missing_fields(self) -> tuple[OutboundField, ...]:
        """Return fields that are absent or not writable; the tasks' marker is among them."""
        return tuple(field for fields in self._schema.unusable().values() for field in fields)

    def set_up(self, currency: str) -> SetupResult:
        """Make, type, label and group what is missing; write nothing if nothing is."""
        return self._schema.ensure(currency)

    # -- records -----------------------------------------------------------------------------

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Return records by id, archived and merged ones included; unknown ones lack."""
        wanted = list(dict.fromkeys(record_ids))
        found: dict[str, CrmRecord] = {}
        for is_archived in (False, True):
            left = [record_id for record_id in wanted if record_id not in found]
            for chunk in batches(left, BATCH_SIZE):
                found |= self._read(chunk, is_archived=is_archived)
        return found

    def write(self, changes: Sequence[Change]) -> list[RowAnswer]:
        """Update records, each for itself, 100 in a request; answer in that order."""
        answers = []
        for chunk in batches(changes, BATCH_SIZE):
            rows = {change.record_id: _input(change) for change in chunk}
            outcomes = send_rows(self._transport, self._companies.update, rows)
            answers += [_answer(change.record_id, outcomes[change.record_id]) for change in chunk]
        return answers

    def batch_for(self, rows: int) -> int:
        """Return how many rows one `write` takes."""
        return BATCH_SIZE

    def clock(self) -> dt.datetime:
        """Return HubSpot's own time, in whole seconds, as its last answer told."""
        return self._transport.told_at

    def edits(
        self, record_ids: Sequence[str], since: dt.datetime
    ) -> Mapping[str, Mapping[str, Sequence[Value]]]:
        """Return the values that people gave each field since then, by id and column."""
        names = [name for name in NAMES if name in self._schema.look()[COMPANIES]]
        return edits_since(self._transport, record_ids, names, since)

    # -- costs -------------------------------------------------------------------------------

    def estimate(self, *, reads: int, writes: int) -> int:
        """Return the calls of one reading and one writing, and of a look at the definitions.

        What is written is asked for its history afterwards (`edits`), which is in it.
        """
        written = -(-writes // BATCH_SIZE) - (-writes // HISTORY_SIZE)
        return CALLS_TO_LOOK - (-reads // BATCH_SIZE) + written

    def spending(self) -> Spending:
        """Return what was sent so far."""
        calls, retries = self._transport.calls, self._transport.retries
        return Spending(calls=calls, retries=retries, units=calls - retries)

    def quota(self) -> Quota | None:
        """Return the day's calls as the last answer told them."""
        if self._transport.daily_limit is None:
            self._transport.send(self._properties.get_by_name, COMPANIES, "name")
        limit, left = self._transport.daily_limit, self._transport.daily_remaining
        return None if limit is None else Quota(limit, left, "API calls")

    # -- tasks -------------------------------------------------------------------------------

    def find_tasks(self, markers: Sequence[str]) -> Mapping[str, TaskRecord]:
        """Return the copilot's tasks by marker, done and deleted ones included."""
        return self._tasks.find(markers)

    def create_tasks(self, tasks: Sequence[NewTask]) -> list[RowAnswer]:
        """Make tasks; `RowAnswer.record_id` holds the new task's id, or the marker if refused."""
        return self._tasks.create(tasks)

    def close_tasks(self, task_ids: Sequence[str]) -> list[RowAnswer]:
        """Mark tasks as completed."""
        return self._tasks.close(task_ids)

    def estimate_tasks(self, make: Sequence[NewTask] = (), *, close: int = 0) -> int:
        """Return the calls of one making and one closing."""
        return estimate(make, close)

    # -- how ---------------------------------------------------------------------------------

    def _read(self, record_ids: Sequence[str], *, is_archived: bool) -> dict[str, CrmRecord]:
        known = self._schema.look()[COMPANIES]
        asked = {
            "properties": ["name", _MERGED, *(name for name in NAMES if name in known)],
            "propertiesWithHistory": [],
            "inputs": [{"id": record_id} for record_id in record_ids],
        }
        try:
            answer = self._transport.send(self._companies.read, asked, archived=is_archived)
        except HubspotRefusalError as refusal:
            if refusal.status == 404:
                return {}
            raise
        return dict(_records(set(record_ids), answer.get("results") or [], is_archived))


def _records(
    asked: set[str], results: Sequence[Mapping[str, Any]], is_archived: bool
) -> Iterator[tuple[str, CrmRecord]]:
    """Yield each record under the ids it was asked for: its own, and those merged into it."""
    for result in results:
        own, properties = str(result["id"]), result["properties"]
        name = str(properties.get("name") or "")
        values = {
            field.column: from_text(field, properties[key])
            for key, field in NAMES.items()
            if key in properties
        }
        if own in asked:
            yield own, CrmRecord(own, name, values, is_deleted=is_archived)
        for merged in asked & set(str(properties.get(_MERGED) or "").split(";")):
            yield merged, CrmRecord(merged, name, values, merged_into=own)


def _input(change: Change) -> dict[str, Any]:
    fields = [(BY_COLUMN[column], value) for column, value in change.values.items()]
    values = {name_of(field): to_text(field, value) for field, value in fields}
    return {"id": change.record_id, "properties": values}


def _answer(record_id: str, outcome: Outcome) -> RowAnswer:
    if outcome.error is not None:
        return row_answer(record_id, outcome.error)
    if outcome.record_id != record_id:
        return merged_answer(record_id, outcome.record_id)
    return RowAnswer(record_id)


def _token(environment: Mapping[str, str]) -> str:
    token = environment.get("HUBSPOT_ACCESS_TOKEN", "").strip()
    if not token:
        raise CopilotError(
            "HUBSPOT_ACCESS_TOKEN is not set.",
            "Set it to the access token of a private app; README.md lists the scopes it needs.",
        )
    return token


def _url(environment: Mapping[str, str]) -> str:
    url = environment.get("HUBSPOT_API_URL", "").strip().rstrip("/") or _HUBSPOT
    if url != _HUBSPOT and not is_loopback(url):
        raise CopilotError(
            f"HUBSPOT_API_URL is {url}, which is neither HubSpot nor this machine.",
            "Leave it out; it only names a stand-in on this machine.",
        )
    return url
