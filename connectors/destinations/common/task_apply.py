"""The making and closing of tasks: intent, request, answer, batch by batch."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.destinations.common.crm import CrmRefusalError, NewTask, RowAnswer
from connectors.destinations.common.task_ledger import ANSWERED, KnownTask, TaskLedger
from connectors.destinations.common.tasks import Reason, TaskCrm, TaskPlan
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

_WORDS = {
    "made": "made",
    "closed": "closed as their reason is gone",
    "kept": "still open",
    "done": "completed by people",
    "dismissed": "deleted by people",
    "rejected": "rejected",
    "deferred": "deferred",
    "parked": "parked",
}


@dataclass
class TaskResult:
    """What became of the tasks: how many were made, closed, kept, rejected, and so on."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """Tasks that the CRM refused to make or to close."""
        return self.counts["rejected"]

    def sentence(self) -> str:
        """Return the counts in words."""
        said = [name for name in _WORDS if self.counts[name] or name in {"made", "closed"}]
        return f"tasks: {', '.join(f'{self.counts[name]} {_WORDS[name]}' for name in said)}."


def apply_tasks(
    warehouse: Warehouse, crm: TaskCrm, plan: TaskPlan, run_id: str, *, is_confirmed: bool = False
) -> TaskResult:
    """Make the CRM's tasks as the plan says.

    Each request's intent stands in ``ops.task`` before it and its answer after; what is cut off
    between is read back by the next plan.

    Raises
    ------
    CopilotError
        A person has to confirm; or as the `Crm` does.
    """
    if plan.brake and not is_confirmed:
        raise CopilotError(
            f"No task was made or closed: {plan.brake}", "If that is right, apply with --confirm."
        )
    applying = _Applying(TaskLedger(warehouse, crm.name), crm, run_id)
    applying.ledger.keep(run_id, plan.settled)
    applying.counts.update(task.state for task in plan.settled if task.state in ANSWERED)
    applying.counts.update(kept=plan.kept, deferred=plan.deferred, parked=plan.parked)
    size = crm.write_batch
    for start in range(0, len(plan.make), size):
        applying.make(plan.make[start : start + size])
    for start in range(0, len(plan.close), size):
        applying.close(plan.close[start : start + size])
    return TaskResult(applying.counts)


@dataclass
class _Applying:
    """One run's writes; after a refusal that ends it, what is left is deferred."""

    ledger: TaskLedger
    crm: TaskCrm
    run_id: str
    counts: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    def make(self, chunk: Sequence[tuple[Reason, KnownTask]]) -> None:
        if self.is_over:
            self.counts["deferred"] += len(chunk)
            return
        tasks = [task for _, task in chunk]
        self.ledger.keep(self.run_id, tasks)
        try:
            answers = self.crm.create_tasks([_new_task(row) for row, _ in chunk])
        except CrmRefusalError as error:
            answers = self._refused(error, len(tasks))
        tries = 0 if self.is_over else 1
        self._settle("made", [_made(*pair, tries) for pair in zip(tasks, answers, strict=True)])

    def close(self, tasks: Sequence[KnownTask]) -> None:
        if self.is_over:
            self.counts["deferred"] += len(tasks)
            return
        self.ledger.keep(self.run_id, [dataclasses.replace(t, state="closing") for t in tasks])
        try:
            answers = self.crm.close_tasks([str(task.task_id) for task in tasks])
        except CrmRefusalError as error:
            answers = self._refused(error, len(tasks))
        self._settle("closed", [_closed(*pair) for pair in zip(tasks, answers, strict=True)])

    def _refused(self, error: CrmRefusalError, rows: int) -> list[RowAnswer]:
        self.is_over = error.ends_run
        return [RowAnswer("", error.code, error.words)] * rows

    def _settle(self, good: str, tasks: list[KnownTask]) -> None:
        self.ledger.keep(self.run_id, tasks)
        refused = sum(task.message is not None for task in tasks)
        self.counts[good] += len(tasks) - refused
        self.counts["deferred" if self.is_over else "rejected"] += refused


def _new_task(row: Reason) -> NewTask:
    return NewTask(
        marker=row.marker,
        record_id=row.record_id,
        owner_id=row.owner_id,
        subject=row.subject,
        body=row.body,
        due_on=row.due_on.isoformat(),
        priority=row.priority,
    )


def _made(task: KnownTask, answer: RowAnswer, tries: int) -> KnownTask:
    if answer.code is None:
        return dataclasses.replace(task, state="open", task_id=answer.record_id, message=None)
    words = f"{answer.code}: {answer.words}"
    return dataclasses.replace(
        task, state="rejected", attempts=task.attempts + tries, message=words
    )


def _closed(task: KnownTask, answer: RowAnswer) -> KnownTask:
    if answer.code is None:
        return dataclasses.replace(task, state="closed", message=None)
    words = f"{answer.code}: {answer.words}"
    return dataclasses.replace(task, state="open", ended_on=None, message=words)
