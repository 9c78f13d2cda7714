"""The copilot's tasks in HubSpot, found again by a property whose values are unique."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.destinations.common.batches import batches, task_calls
from connectors.destinations.common.crm import NewTask, RowAnswer, TaskRecord
from connectors.destinations.hubspot.batches import BATCH_SIZE, send_rows
from connectors.destinations.hubspot.fields import MARKER, name_of
from connectors.destinations.hubspot.refusals import HubspotRefusalError, row_answer
from connectors.destinations.hubspot.transport import HubspotTransport

_DONE = "COMPLETED"
_TO_COMPANY = 192  # HubSpot's type of association, from a task to a company
_MARKER = name_of(MARKER)


class Tasks:
    """Finds, makes and closes tasks.

    A task is read by its marker rather than searched for: HubSpot's search knows a new record only
    after some seconds, a batch read at once.

    Parameters
    ----------
    transport : HubspotTransport
        Acts as a private app that may read and write contacts, which is HubSpot's scope for tasks.
    """

    def __init__(self, transport: HubspotTransport) -> None:
        self._transport = transport
        crm = transport.client.crm
        self._api, self._companies = crm.objects.tasks.batch_api, crm.companies.batch_api

    def find(self, markers: Sequence[str]) -> Mapping[str, TaskRecord]:
        """Return tasks by marker, done and deleted ones included."""
        found: dict[str, TaskRecord] = {}
        for chunk in batches(list(dict.fromkeys(markers)), BATCH_SIZE):
            self._read(chunk, found, is_archived=False)
        absent = [marker for marker in dict.fromkeys(markers) if marker not in found]
        for chunk in batches(absent, BATCH_SIZE):
            self._read(chunk, found, is_archived=True)
        return found

    def create(self, tasks: Sequence[NewTask]) -> list[RowAnswer]:
        """Make tasks; one whose marker is there already counts as made."""
        owners = self._owners([task.record_id for task in tasks if task.owner_id is None])
        answers: dict[str, RowAnswer] = {}
        for chunk in batches(tasks, BATCH_SIZE):
            rows = {task.marker: _input(task, owners) for task in chunk}
            for marker, outcome in send_rows(self._transport, self._api.create, rows).items():
                answers[marker] = (
                    RowAnswer(outcome.record_id)
                    if outcome.error is None
                    else row_answer(marker, outcome.error)
                )
        refused = [marker for marker, answer in answers.items() if answer.code is not None]
        there = self.find(refused) if refused else {}
        answers |= {marker: RowAnswer(task.task_id) for marker, task in there.items()}
        return [answers[task.marker] for task in tasks]

    def close(self, task_ids: Sequence[str]) -> list[RowAnswer]:
        """Mark tasks as completed."""
        answers = []
        for chunk in batches(task_ids, BATCH_SIZE):
            rows = {key: {"id": key, "properties": {"hs_task_status": _DONE}} for key in chunk}
            outcomes = send_rows(self._transport, self._api.update, rows)
            answers += [
                RowAnswer(key) if outcome.error is None else row_answer(key, outcome.error)
                for key, outcome in outcomes.items()
            ]
        return answers

    def _read(
        self, markers: Sequence[str], found: dict[str, TaskRecord], *, is_archived: bool
    ) -> None:
        asked = {
            "idProperty": _MARKER,
            "properties": [_MARKER, "hs_task_status"],
            "propertiesWithHistory": [],
            "inputs": [{"id": marker} for marker in markers],
        }
        try:
            answer = self._transport.send(self._api.read, asked, archived=is_archived)
        except HubspotRefusalError as refusal:
            if refusal.status == 404 or (is_archived and refusal.status == 400):
                return  # none of them is there; or deleted ones cannot be asked for in this way
            raise
        for record in answer.get("results") or []:
            marker = str(record["properties"].get(_MARKER))
            status = str(record["properties"].get("hs_task_status") or "")
            found[marker] = TaskRecord(
                str(record["id"]),
                marker,
                is_open=not is_archived and status != _DONE,
                status=status,
                is_deleted=is_archived,
            )

    def _owners(self, company_ids: Sequence[str]) -> dict[str, str]:
        """Return the owner of each company that has one."""
        owners = {}
        for chunk in batches(list(dict.fromkeys(company_ids)), BATCH_SIZE):
            asked = {
                "properties": ["hubspot_owner_id"],
                "propertiesWithHistory": [],
                "inputs": [{"id": company_id} for company_id in chunk],
            }
            answer = self._transport.send(self._companies.read, asked)
            for record in answer.get("results") or []:
                owners[str(record["id"])] = str(record["properties"].get("hubspot_owner_id") or "")
        return owners


def estimate(make: Sequence[NewTask], close: int) -> int:
    """Return the calls of making and closing: the owners, the tasks."""
    return task_calls(make, close, BATCH_SIZE, each=1)


def _input(task: NewTask, owners: Mapping[str, str]) -> dict[str, Any]:
    """Return what makes a task; its body is HTML in HubSpot, and noon is the same day anywhere."""
    owner = task.owner_id or owners.get(task.record_id, "")
    link = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TO_COMPANY}
    return {
        "properties": {
            _MARKER: task.marker,
            "hs_task_subject": task.subject,
            "hs_task_body": html.escape(task.body, quote=False).replace("\n", "<br>"),
            "hs_timestamp": f"{task.due_on}T12:00:00Z",
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": "HIGH" if task.priority == "high" else "MEDIUM",
            "hs_task_type": "TODO",
            **({"hubspot_owner_id": owner} if owner else {}),
        },
        "associations": [{"to": {"id": task.record_id}, "types": [link]}],
    }
