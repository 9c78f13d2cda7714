"""The copilot's tasks in Salesforce: made, found by their marker, closed."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.destinations.common.batches import batches, task_calls
from connectors.destinations.common.crm import NewTask, RowAnswer, TaskRecord
from connectors.destinations.common.fields import GROUP
from connectors.destinations.salesforce import refusals
from connectors.destinations.salesforce.client import BATCH_SIZE, SalesforceClient

OBJECT = "Task"
ENTITY = "Activity"  # tasks and events share their custom fields
MARKER = "Copilot_Marker__c"
MARKER_METADATA: dict[str, Any] = {
    "type": "Text",
    "label": "Copilot Marker",
    "length": 40,
    "unique": True,
    "externalId": True,
    "required": False,
    "description": f"{GROUP}. Tells which recommendation a task is for.",
}
_CLOSED = "Completed"
_PRIORITIES = {"high": "High", "normal": "Normal"}


class SalesforceTasks:
    """Tasks of accounts.

    The marker is an external id, so a task is made by an upsert: sent twice, it is there once. In
    an org whose activities have none it is plain text, and what makes tasks is sent once.

    Parameters
    ----------
    client : SalesforceClient
        Reaches the org.
    """

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def find(self, markers: Sequence[str]) -> dict[str, TaskRecord]:
        """Return the tasks that bear some markers, those in the recycle bin too."""
        found: dict[str, TaskRecord] = {}
        for chunk in batches(markers, BATCH_SIZE):
            listed = ", ".join(f"'{marker}'" for marker in chunk if marker.isalnum())
            soql = (
                f"SELECT Id, Status, IsClosed, IsDeleted, {MARKER} FROM {OBJECT}"  # noqa: S608
                f" WHERE {MARKER} IN ({listed}) ORDER BY IsDeleted DESC"
            )
            for record in self._client.query(soql, include_deleted=True):
                found[record[MARKER]] = TaskRecord(
                    task_id=record["Id"],
                    marker=record[MARKER],
                    is_open=not record["IsClosed"],
                    status=str(record["Status"]),
                    is_deleted=record["IsDeleted"],
                )
        return found

    def create(self, tasks: Sequence[NewTask]) -> list[RowAnswer]:
        """Make tasks for the owners of their accounts."""
        owners = self._owners([task.record_id for task in tasks if task.owner_id is None])
        has_external_id = self._client.describe(OBJECT)[MARKER]["externalId"]
        answers: list[RowAnswer] = []
        for chunk in batches(tasks, BATCH_SIZE):
            rows = [_payload(task, owners.get(task.record_id[:15])) for task in chunk]
            if has_external_id:
                results = self._client.upsert(OBJECT, MARKER, rows)
            else:
                results = self._client.create_once(OBJECT, rows)
            answers += [_made(task.marker, result)
                        for task, result in zip(chunk, results, strict=True)]  # fmt: skip
        return answers

    def close(self, task_ids: Sequence[str]) -> list[RowAnswer]:
        """Mark tasks as completed."""
        answers: list[RowAnswer] = []
        for chunk in batches(task_ids, BATCH_SIZE):
            rows = [{"Id": task_id, "Status": _CLOSED} for task_id in chunk]
            results = self._client.update(OBJECT, rows)
            answers += [refusals.answer(task_id, result)
                        for task_id, result in zip(chunk, results, strict=True)]  # fmt: skip
        return answers

    def _owners(self, record_ids: Sequence[str]) -> dict[str, str]:
        """Return the owners of accounts by the first 15 characters of the accounts' ids."""
        found: dict[str, str] = {}
        for chunk in batches(list(dict.fromkeys(record_ids)), BATCH_SIZE):
            listed = ", ".join(f"'{record_id}'" for record_id in chunk if record_id.isalnum())
            soql = f"SELECT Id, OwnerId FROM Account WHERE Id IN ({listed})"  # noqa: S608
            found |= {row["Id"][:15]: row["OwnerId"] for row in self._client.query(soql)}
        return found


def estimate(make: Sequence[NewTask], close: int) -> int:
    """Return the calls of making and closing: a look at the marker, the owners, the tasks."""
    return task_calls(make, close, BATCH_SIZE, each=2)


def _payload(task: NewTask, account_owner: str | None) -> dict[str, Any]:
    owner_id = task.owner_id or account_owner
    return {
        MARKER: task.marker,
        "WhatId": task.record_id,
        "Subject": task.subject[:255],
        "Description": task.body[:32_000],
        "ActivityDate": task.due_on,
        "Priority": _PRIORITIES[task.priority],
        **({"OwnerId": owner_id} if owner_id else {}),
    }


def _made(marker: str, result: Mapping[str, Any]) -> RowAnswer:
    return refusals.answer(str(result["id"]) if result["success"] else marker, result)
