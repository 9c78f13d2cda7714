"""The copilot's tasks as activities of Pipedrive."""

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.destinations.common.crm import NewTask, TaskRecord
from connectors.destinations.pipedrive.transport import Sender

ACTIVITIES = "/api/v2/activities"
_MARK = "Copilot action"  # an activity has no custom fields: the marker is its note's last line
_MARKED = re.compile(rf"{_MARK} ([0-9A-Za-z]+)")
_ORGANIZATIONS = "/api/v2/organizations"
_ACTIVITY_FIELDS = "/api/v2/activityFields"
_IDS, _LIST, _PAGE = 100, 10, 500
_DAYS_BACK = 90  # what was done before is known from an earlier run


def listed_activities(sender: Sender) -> Iterator[Mapping[str, Any]]:
    """Yield activities page by page, the newest first: the open ones, then those done lately."""
    lately = dt.datetime.now(dt.UTC) - dt.timedelta(days=_DAYS_BACK)
    since = lately.strftime("%Y-%m-%dT%H:%M:%SZ")
    for which in ({"done": "false"}, {"done": "true", "updated_since": since}):
        cursor: str | None = None
        while True:
            asked = {"limit": _PAGE, "sort_by": "id", "sort_direction": "desc", **which}
            params = {**asked, "cursor": cursor} if cursor else asked
            page = sender.call("GET", ACTIVITIES, cost=_LIST, params=params)
            yield from page["data"] or ()
            cursor = (page.get("additional_data") or {}).get("next_cursor")
            if not cursor:
                break


def found_task(row: Mapping[str, Any]) -> TaskRecord | None:
    """Return what an activity is to the copilot; None if it is somebody else's."""
    marked = _MARKED.findall(str(row.get("note") or ""))
    if not marked:
        return None
    is_done = bool(row.get("done"))
    return TaskRecord(
        task_id=str(row["id"]),
        marker=marked[-1],
        is_open=not is_done,
        status="done" if is_done else "to do",
        is_deleted=bool(row.get("is_deleted")),
    )


@dataclass(frozen=True)
class Owners:
    """Who the accounts belong to, and which number a high priority has (None: it has none)."""

    by_record: Mapping[str, int]
    high: int | None


def owners(sender: Sender, tasks: Sequence[NewTask]) -> Owners:
    """Ask who owns the accounts of tasks that name no owner, and for the number of high priority.

    Parameters
    ----------
    sender : Sender
        Asks only for what these tasks need.
    """
    ids = list(dict.fromkeys(task.record_id for task in tasks if task.owner_id is None))
    found: dict[str, int] = {}
    for start in range(0, len(ids), _IDS):
        params = {"ids": ",".join(ids[start : start + _IDS]), "limit": _IDS}
        page = sender.call("GET", _ORGANIZATIONS, cost=_LIST, params=params)
        found |= {str(row["id"]): row["owner_id"] for row in page["data"] or () if row["owner_id"]}
    is_needed = any(task.priority == "high" for task in tasks)
    return Owners(found, _high(sender) if is_needed else None)


def _high(sender: Sender) -> int | None:
    page = sender.call("GET", _ACTIVITY_FIELDS, cost=_LIST, params={"limit": 500})
    for field in page["data"] or ():
        if field["field_code"] == "priority":
            for option in field.get("options") or ():
                if str(option["label"]).lower() == "high":
                    return int(option["id"])
    return None


def owners_cost(tasks: Sequence[NewTask]) -> int:
    """Return the tokens that `owners` spends on these tasks."""
    ids = {task.record_id for task in tasks if task.owner_id is None}
    return _LIST * (-(-len(ids) // _IDS) + any(task.priority == "high" for task in tasks))


def body_of(task: NewTask, known: Owners) -> dict[str, Any]:
    """Return what is sent to make a task; its text is escaped, for a note is HTML."""
    text = html.escape(task.body, quote=False).replace("\n", "<br>")
    owner = known.by_record.get(task.record_id) if task.owner_id is None else int(task.owner_id)
    body: dict[str, Any] = {
        "subject": task.subject,
        "type": "task",
        "org_id": int(task.record_id),
        "due_date": task.due_on,
        "note": f"{text}<br><br>{_MARK} {task.marker}",
        "done": False,
    }
    if owner is not None:
        body["owner_id"] = owner
    if task.priority == "high" and known.high is not None:
        body["priority"] = known.high
    return body
