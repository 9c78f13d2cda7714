"""Pipedrive as the publishing sees it: organisations read and written by id, tasks as activities.

Version 2 of the API has no batch update, so each record is a request of its own; many are under way
at once, within the burst limit.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from connectors.destinations.common.batches import batches
from connectors.destinations.common.crm import (
    Change,
    CrmRecord,
    CrmRefusalError,
    NewTask,
    Quota,
    RowAnswer,
    SetupResult,
    Spending,
    TaskRecord,
)
from connectors.destinations.common.fields import OutboundField, Value
from connectors.destinations.common.transport import RetryPolicy, is_loopback
from connectors.destinations.pipedrive import refusals
from connectors.destinations.pipedrive.fields import PipedriveField
from connectors.destinations.pipedrive.history import COST as TOLD
from connectors.destinations.pipedrive.history import edits_since
from connectors.destinations.pipedrive.setup import ensure_fields, list_fields, unusable
from connectors.destinations.pipedrive.tasks import (
    ACTIVITIES,
    body_of,
    found_task,
    listed_activities,
    owners,
    owners_cost,
)
from connectors.destinations.pipedrive.transport import WORKERS, Sender
from warehouse.errors import CopilotError

URL = "https://api.pipedrive.com"
ORGANIZATIONS = "/api/v2/organizations"
BATCH = 100  # ids of one list; rows of one `write`
READ, CHANGE, LIST = 1, 5, 10  # tokens, by the reference of version 2
_MOST_KEYS = 15  # custom fields that a list may be asked for
_ID = re.compile(r"[1-9][0-9]{0,17}")
Item = TypeVar("Item")
Made = TypeVar("Made")


class PipedriveCrm:
    """One Pipedrive company, as the user sees it whose token is used.

    The fields are listed once, when the object is made: their keys differ from company to company.

    Parameters
    ----------
    environment : mapping, optional
        Holds PIPEDRIVE_API_TOKEN, and PIPEDRIVE_API_URL where the company's own address
        (``https://NAME.pipedrive.com``) or a stand-in on this machine is to be asked; the
        process's own if absent.
    policy : RetryPolicy, optional
        Time limits and retries.
    tracks_edits : bool
        The changelog of each organisation that was written is to be asked.

    Raises
    ------
    CopilotError
        A variable is missing or wrong, the token is refused, or there is no answer.
    """

    name = "pipedrive"
    label = refusals.LABEL
    object_name = "organization"
    write_batch = BATCH

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        policy: RetryPolicy | None = None,
        *,
        tracks_edits: bool = False,
    ) -> None:
        given = os.environ if environment is None else environment
        token = given.get("PIPEDRIVE_API_TOKEN", "").strip()
        if not token:
            raise CopilotError(
                "PIPEDRIVE_API_TOKEN is not set.",
                "Pipedrive shows it under Personal preferences, API.",
            )
        self._sender = Sender(_url(given), token, policy or RetryPolicy())
        self._tracks_edits = tracks_edits
        self._fields = list_fields(self._sender)
        self._opening = self._sender.spending().units

    # -- records -----------------------------------------------------------------------------

    def is_record_id(self, value: object) -> bool:
        """Say whether a value has the shape of Pipedrive's ids: a whole number from 1."""
        return _ID.fullmatch(str(value)) is not None

    def canonical_id(self, record_id: str) -> str:
        """Return the form in which ids compare: as it is."""
        return record_id

    def missing_fields(self) -> tuple[OutboundField, ...]:
        """Return the fields that are absent, or lack an option."""
        return unusable(self._fields)

    def set_up(self, currency: str) -> SetupResult:
        """Make the fields that are missing, with their options; never two of one name.

        A field cannot be put into a group, nor given a help text, through the API.
        """
        made = ensure_fields(self._sender, currency)
        self._fields = list_fields(self._sender)
        return made

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """Return records by id.

        A list tells only of those that are there, so each that lacks is asked for by itself: a
        deleted one is told of for thirty days. Pipedrive does not tell what one was merged into.
        """
        found: dict[str, CrmRecord] = {}
        for chunk in batches(list(dict.fromkeys(record_ids)), BATCH):
            params = {"ids": ",".join(chunk), "limit": BATCH, **self._asked()}
            page = self._sender.call("GET", ORGANIZATIONS, cost=LIST, params=params)
            found |= {str(row["id"]): self._record(row) for row in page["data"] or ()}
        lacking = [record_id for record_id in dict.fromkeys(record_ids) if record_id not in found]
        for record in _each(self._read_one, lacking):
            if record is not None:
                found[record.record_id] = record
        return found

    def write(self, changes: Sequence[Change]) -> list[RowAnswer]:
        """Update at most `write_batch` records, each by a request of its own.

        Where the day's tokens end in the midst, the rows that were not sent may pass another time.
        """
        return _row_by_row(self._write_one, changes, [change.record_id for change in changes])

    def batch_for(self, rows: int) -> int:
        """Return how many rows one `write` takes."""
        del rows
        return BATCH

    def estimate(self, *, reads: int, writes: int) -> int:
        """Return the tokens of one reading and one writing, and of the look at the fields."""
        each = CHANGE + TOLD if self._tracks_edits else CHANGE
        return self._opening + LIST * -(-reads // BATCH) + each * writes

    def clock(self) -> dt.datetime:
        """Return Pipedrive's own time, in whole seconds, as its last answer told."""
        return self._sender.told_at

    def edits(
        self, record_ids: Sequence[str], since: dt.datetime
    ) -> Mapping[str, Mapping[str, Sequence[Value]]]:
        """Return what others wrote since then, a request a record; nothing if not to be asked."""
        if not self._tracks_edits:
            return {}

        def ask(record_id: str) -> Mapping[str, Sequence[Value]]:
            return edits_since(self._sender, self._fields, record_id, since)

        return dict(zip(record_ids, _each(ask, record_ids), strict=True))

    def spending(self) -> Spending:
        """Return what was sent so far; units are tokens."""
        return self._sender.spending()

    def quota(self) -> Quota | None:
        """Return the company's tokens of the day, as the last answers told."""
        return self._sender.quota()

    # -- tasks -------------------------------------------------------------------------------

    def find_tasks(self, markers: Sequence[str]) -> Mapping[str, TaskRecord]:
        """Return the copilot's tasks by marker; those done long ago and deleted ones lack.

        The marker stands in the note, and Pipedrive searches no activities. So they are listed,
        the newest first, until all are found: the open ones, then those done lately.
        """
        wanted, found = set(markers), dict[str, TaskRecord]()
        for row in listed_activities(self._sender) if wanted else ():
            task = found_task(row)
            if task is not None and task.marker in wanted:
                found.setdefault(task.marker, task)
            if not wanted - found.keys():
                break
        return found

    def create_tasks(self, tasks: Sequence[NewTask]) -> list[RowAnswer]:
        """Make activities of type task; none is sent twice, whatever becomes of the answer."""
        known = owners(self._sender, tasks)

        def make(task: NewTask) -> RowAnswer:
            body = body_of(task, known)
            answer = self._sender.send(
                "POST", ACTIVITIES, cost=CHANGE, json=body, is_repeatable=False
            )
            if answer.is_success:
                return RowAnswer(str(self._sender.payload(answer)["data"]["id"]))
            return self._row(task.marker, answer)

        return _row_by_row(make, tasks, [task.marker for task in tasks])

    def close_tasks(self, task_ids: Sequence[str]) -> list[RowAnswer]:
        """Mark activities as done."""

        def close(task_id: str) -> RowAnswer:
            path = f"{ACTIVITIES}/{task_id}"
            return self._changed(task_id, path, {"done": True})

        return _row_by_row(close, task_ids, task_ids)

    def estimate_tasks(self, make: Sequence[NewTask] = (), *, close: int = 0) -> int:
        """Return the tokens of one making and one closing."""
        return owners_cost(make) + CHANGE * (len(make) + close)

    # -- how ---------------------------------------------------------------------------------

    def _asked(self) -> dict[str, str]:
        keys = [field.key for field in self._fields.values() if not field.outbound.is_peoples]
        return {"custom_fields": ",".join(keys)} if 0 < len(keys) <= _MOST_KEYS else {}

    def _record(self, row: Mapping[str, Any]) -> CrmRecord:
        held = row.get("custom_fields") or {}
        values = {
            column: field.read(held.get(field.key))
            for column, field in self._fields.items()
            if not field.outbound.is_peoples
        }
        return CrmRecord(str(row["id"]), str(row["name"]), values, bool(row.get("is_deleted")))

    def _read_one(self, record_id: str) -> CrmRecord | None:
        path = f"{ORGANIZATIONS}/{record_id}"
        answer = self._sender.send("GET", path, cost=READ, params=self._asked())
        if answer.status_code in {404, 410}:
            return None
        if not answer.is_success:
            raise refusals.refusal(answer)
        return self._record(self._sender.payload(answer)["data"])

    def _write_one(self, change: Change) -> RowAnswer:
        unknown = [column for column in change.values if not self._can_hold(column, change)]
        if unknown:
            return RowAnswer(
                change.record_id,
                "MISSING_FIELD",
                f"Pipedrive has no field, or no such option of it, for {', '.join(unknown)}",
                tuple(unknown),
                hint="`copilot publish setup pipedrive` makes it.",
            )
        values = {
            self._fields[column].key: self._fields[column].sent(value)
            for column, value in change.values.items()
        }
        path = f"{ORGANIZATIONS}/{change.record_id}"
        return self._changed(change.record_id, path, {"custom_fields": values})

    def _can_hold(self, column: str, change: Change) -> bool:
        field: PipedriveField | None = self._fields.get(column)
        if field is None:
            return False
        value = change.values[column]
        return field.outbound.kind != "choice" or value is None or str(value) in field.options

    def _changed(self, record_id: str, path: str, body: Mapping[str, Any]) -> RowAnswer:
        answer = self._sender.send("PATCH", path, cost=CHANGE, json=body)
        if answer.is_success:
            self._sender.payload(answer)
            return RowAnswer(record_id)
        return self._row(record_id, answer)

    def _row(self, record_id: str, answer: httpx.Response) -> RowAnswer:
        if answer.status_code not in refusals.OF_A_ROW:
            raise refusals.refusal(answer)
        columns = {field.key: column for column, field in self._fields.items()}
        return refusals.row_answer(record_id, answer, columns)


def _row_by_row(
    act: Callable[[Item], RowAnswer], items: Sequence[Item], names: Sequence[str]
) -> list[RowAnswer]:
    """Act on each item until one is refused for good; what was not sent may pass another time.

    Raises
    ------
    CrmRefusalError
        Nothing at all was done.
    """
    ended: list[CrmRefusalError] = []

    def attempt(item: Item) -> RowAnswer | CrmRefusalError:
        if ended:
            return ended[0]
        try:
            return act(item)
        except CrmRefusalError as error:
            ended.append(error)
            return error

    answers = _each(attempt, items)
    if ended and all(isinstance(answer, CrmRefusalError) for answer in answers):
        raise ended[0]
    return [
        RowAnswer(name, answer.code, answer.words, may_pass=True, hint=answer.hint)
        if isinstance(answer, CrmRefusalError)
        else answer
        for name, answer in zip(names, answers, strict=True)
    ]


def _each(act: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """Act on each item, several at once; return the results in the items' order.

    The first error ends it: what has not begun is left out, what has is waited for.
    """
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        futures = [pool.submit(act, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _url(environment: Mapping[str, str]) -> str:
    """Return the address to ask.

    Raises
    ------
    CopilotError
        It is neither Pipedrive's nor on this machine: the token would go to somebody else.
    """
    url = environment.get("PIPEDRIVE_API_URL", "").strip().rstrip("/") or URL
    parts = urlsplit(url)
    is_vendor = parts.scheme == "https" and (parts.hostname or "").endswith(".pipedrive.com")
    if is_vendor or (parts.scheme in {"http", "https"} and is_loopback(url)):
        return url
    raise CopilotError(
        f"PIPEDRIVE_API_URL is {url}, which is not Pipedrive.",
        "Leave it out, or name your company's own address, https://NAME.pipedrive.com.",
    )
