"""Tasks in the CRM: what is to be made and closed.

dbt says which reasons hold and for which of them a task is wanted (``publish.sync_task``). An
account has at most one open task for a reason. What a person completed or deleted is not made again
while its reason lasts; what a person deferred is left as it is.
"""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from connectors.destinations.common.batches import batches
from connectors.destinations.common.crm import NewTask, TaskCrm, TaskRecord
from connectors.destinations.common.planned import Plan, PlannedRow, counted
from connectors.destinations.common.task_ledger import LIVE, KnownTask, TaskLedger
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import BrakeSettings, Settings

READ_BACK = "Read back after an interruption."
NOT_APPLIED = "Not applied when read back after an interruption."
NEVER_MADE = "Its reason was gone before it could be made."
PARKED = "The CRM has refused it too often."
ENOUGH = "Its owner gets enough new tasks today (tasks.most_per_owner_and_day)."


@dataclass(frozen=True)
class Reason:
    """A row of ``publish.sync_task``: a reason that holds for an account.

    Parameters
    ----------
    marker : str
        Hash of account, reason and the day since which it holds.
    opened_on : date
        That day.
    is_wanted : bool
        Whether a task is to be made if there is none; one that is there stays as long as the row.
    """

    marker: str
    account_id: str
    record_id: str
    owner_id: str | None
    reason_key: str
    playbook: str
    opened_on: dt.date
    is_wanted: bool
    subject: str
    body: str
    due_on: dt.date
    priority: str
    as_of_date: dt.date

    @property
    def reason(self) -> tuple[str, str]:
        """What it is for: account and reason."""
        return self.account_id, self.reason_key

    def as_task(self, attempts: int = 0) -> KnownTask:
        """Return what the ledger keeps of a task that is about to be made for it."""
        names = {entry.name for entry in dataclasses.fields(KnownTask)}
        values = {name: value for name, value in vars(self).items() if name in names}
        return KnownTask(**values, made_on=self.as_of_date, state="making", attempts=attempts)

    def as_new_task(self) -> NewTask:
        """Return what the CRM is asked to make."""
        return NewTask(
            marker=self.marker,
            record_id=self.record_id,
            owner_id=self.owner_id,
            subject=self.subject,
            body=self.body,
            due_on=self.due_on.isoformat(),
            priority=self.priority,
        )


@dataclass(frozen=True)
class TaskPlan:
    """What is to be done about tasks.

    Parameters
    ----------
    settled : tuple of KnownTask
        What the CRM tells, and the ledger does not know yet.
    make : tuple of (Reason, KnownTask)
        Tasks to make.
    close : tuple of KnownTask
        Open ones whose reason is gone.
    kept, deferred, parked : tuple of KnownTask
        Open ones that stay; wanted ones above the limit of an owner's day; those refused too often.
    brake : str
        Why a person has to confirm first; empty if nobody has to.
    cost : int
        Units of the vendor that finding, making and closing them spends without faults.
    unit : str
        What these are, such as ``calls``.
    """

    settled: tuple[KnownTask, ...] = ()
    make: tuple[tuple[Reason, KnownTask], ...] = ()
    close: tuple[KnownTask, ...] = ()
    kept: tuple[KnownTask, ...] = ()
    deferred: tuple[KnownTask, ...] = ()
    parked: tuple[KnownTask, ...] = ()
    brake: str = ""
    cost: int = 0
    unit: str = "calls"

    def lines(self) -> list[str]:
        """Return the plan in words: a line for each task, and a sum."""
        answers = Counter(task.state for task in self.settled)
        return [
            *(f"{row.record_id}  + task due {row.due_on}: {row.subject}" for row, _ in self.make),
            *(f"{task.record_id}  - task, its reason is gone: {task.subject}"
              for task in self.close),
            f"Tasks: {len(self.make)} to make, {len(self.close)} to close, {len(self.kept)} stay"
            f" open, {answers['done']} completed and {answers['dismissed']} deleted by people,"
            f" {len(self.deferred)} deferred, {len(self.parked)} parked."
            f" They cost {counted(self.cost, self.unit)}.",
            *([f"Held until confirmed: {self.brake}"] if self.brake else []),
        ]  # fmt: skip

    def as_plan(self, crm: TaskCrm, as_of: dt.date) -> Plan:
        """Return the plan in the form in which plans are kept, with their hash."""
        rows = [PlannedRow(task.marker, task.subject, "change", message=f"make, due {task.due_on}")
                for _, task in self.make]  # fmt: skip
        rows += [PlannedRow(t.marker, t.subject, "change", message="close") for t in self.close]
        rows += [PlannedRow(t.marker, t.subject, message=t.state)
                 for t in (*self.kept, *self.settled)]  # fmt: skip
        rows += [PlannedRow(t.marker, t.subject, "park", message=PARKED) for t in self.parked]
        rows += [PlannedRow(t.marker, t.subject, "park", message=ENOUGH) for t in self.deferred]
        brakes = (self.brake,) if self.brake else ()
        return Plan(crm.name, f"{crm.label} tasks", as_of, tuple(rows), brakes=brakes,
                    cost=self.cost, unit=self.unit)  # fmt: skip


def plan_tasks(warehouse: Warehouse, crm: TaskCrm, settings: Settings, as_of: dt.date) -> TaskPlan:
    """Read what is wanted, what is known and what the CRM has, and say what is to be done.

    Parameters
    ----------
    settings : Settings
        ``tasks``; tries and brake of ``publish``.
    as_of : date
        The run's date; rows of another are refused.

    Raises
    ------
    CopilotError
        The outbound rows are not there or of another date; or as `Crm.find_tasks` does.
    """
    reasons = {row.reason: row for row in _reasons(warehouse, as_of)}
    known = TaskLedger(warehouse, crm.name).all()
    live = [task for task in known if task.state in LIVE]
    fresh = _fresh(reasons.values(), known)
    markers = [task.marker for task in (*live, *(task for _, task in fresh))]
    before_looking = crm.spending().units
    seen = crm.find_tasks(markers) if markers else {}

    now = {task.reason: _as_seen(task, seen.get(task.marker), as_of) for task in live}
    now |= {task.reason: _as_seen(task, seen[task.marker], as_of)
            for _, task in fresh if task.marker in seen}  # fmt: skip
    lost = {reason: task for reason, task in now.items() if task.state == "making"}
    again = [(dataclasses.replace(reasons[reason], marker=task.marker), task)
             for reason, task in lost.items()
             if reason in reasons and reasons[reason].is_wanted]  # fmt: skip
    wanted_again = {row.reason for row, _ in again}
    parked = [pair for pair in fresh if pair[1].attempts >= settings.publish.attempts]
    to_make = [pair for pair in fresh if pair[1].marker not in seen and pair not in parked]
    chosen = _within_limit(to_make, known, as_of, settings.tasks.most_per_owner_and_day)
    still_open = [task for task in now.values() if task.state == "open"]
    close = [dataclasses.replace(task, ended_on=as_of)
             for task in still_open if task.reason not in reasons]  # fmt: skip
    before = {task.marker: task for task in live}
    given_up = [dataclasses.replace(task, state="closed", ended_on=as_of, message=NEVER_MADE)
                for reason, task in lost.items() if reason not in wanted_again]  # fmt: skip
    told = [task for task in now.values()
            if task.state != "making" and task != before.get(task.marker)]  # fmt: skip
    looked = crm.spending().units - before_looking
    quota = crm.quota()
    return TaskPlan(
        settled=(*told, *given_up),
        make=(*again, *chosen),
        close=tuple(close),
        kept=tuple(task for task in still_open if task.reason in reasons),
        deferred=tuple(task for row, task in to_make if (row, task) not in chosen),
        parked=tuple(task for _, task in parked),
        brake=_brake(settings.publish.brake, len(close), len(still_open)),
        cost=looked + _cost(crm, [row for row, _ in (*again, *chosen)], len(close)),
        unit=quota.unit if quota else "calls",
    )


def _cost(crm: TaskCrm, make: Sequence[Reason], close: int) -> int:
    """Return the units of making and closing, request by request."""
    new = [row.as_new_task() for row in make]
    making = sum(crm.estimate_tasks(chunk) for chunk in batches(new, crm.write_batch))
    return making + sum(
        crm.estimate_tasks(close=len(chunk)) for chunk in batches(range(close), crm.write_batch)
    )


def _reasons(warehouse: Warehouse, as_of: dt.date) -> list[Reason]:
    """Return the outbound rows, the most pressing first."""
    columns = [sql.Identifier(entry.name) for entry in dataclasses.fields(Reason)]
    statement = sql.SQL("select {} from {} order by place, marker").format(
        sql.SQL(", ").join(columns), sql.Identifier(warehouse.schema("publish"), "sync_task")
    )
    with (
        warehouse.connect(Role.PUBLISHER) as connection,
        connection.cursor(row_factory=class_row(Reason)) as cursor,
    ):
        try:
            rows = cursor.execute(statement).fetchall()
        except psycopg.errors.UndefinedTable as error:
            raise CopilotError(
                "publish.sync_task does not exist, so nothing is known of tasks.",
                "`copilot build` makes it.",
            ) from error
    strange = {row.as_of_date for row in rows} - {as_of}
    if strange:
        raise CopilotError(
            f"publish.sync_task is as of {max(strange)}, and this run as of {as_of}.",
            "`copilot build` makes it anew.",
        )
    return rows


def _fresh(rows: Iterable[Reason], known: list[KnownTask]) -> list[tuple[Reason, KnownTask]]:
    """Return the wanted tasks that are not there, unless a person has answered one already.

    A task that was closed as its reason was gone, and whose reason turns out to have lasted after
    all, is made again under another marker.
    """
    last = {task.reason: task for task in known}
    used = {task.marker for task in known if task.state == "closed"}
    found = []
    for row in rows:
        task = last.get(row.reason)
        if not row.is_wanted or (task is not None and task.stands_for(row.opened_on)):
            continue
        times = sum(marker.startswith(row.marker) for marker in used)
        marker = f"{row.marker}{times}" if times else row.marker
        attempts = task.attempts if task is not None and task.marker == marker else 0
        row = dataclasses.replace(row, marker=marker)  # noqa: PLW2901
        found.append((row, row.as_task(attempts)))
    return found


def _as_seen(task: KnownTask, there: TaskRecord | None, as_of: dt.date) -> KnownTask:
    """Return a task as the CRM now has it."""
    if there is None and (task.state == "making" or task.made_on == as_of):
        return task  # a search may not know yet what was made a moment ago
    if there is not None:
        task = dataclasses.replace(task, task_id=there.task_id)
    if task.state != "open":
        task = dataclasses.replace(task, message=READ_BACK)
    if there is not None and there.is_open and not there.is_deleted:
        message = NOT_APPLIED if task.state == "closing" else task.message
        return dataclasses.replace(task, state="open", ended_on=None, message=message)
    by_person = "dismissed" if there is None or there.is_deleted else "done"
    state = "closed" if task.state == "closing" else by_person
    return dataclasses.replace(task, state=state, ended_on=as_of)


def _within_limit(
    wanted: list[tuple[Reason, KnownTask]],
    known: list[KnownTask],
    as_of: dt.date,
    most_per_owner: int,
) -> list[tuple[Reason, KnownTask]]:
    """Return the most pressing ones of each owner's day; who has no owner has no limit."""
    made = Counter(task.owner_id for task in known
                   if task.made_on == as_of and task.task_id is not None)  # fmt: skip
    chosen = []
    for row, task in wanted:
        made[row.owner_id] += 1
        if row.owner_id is None or made[row.owner_id] <= most_per_owner:
            chosen.append((row, task))
    return chosen


def _brake(settings: BrakeSettings, closing: int, there: int) -> str:
    if closing < settings.rows or closing <= there * settings.vanished / 100:
        return ""
    most = f"at most {settings.vanished:g}%, publish.brake"
    return f"{closing} of {there} open tasks would be closed at once ({most})."
