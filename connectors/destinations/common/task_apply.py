"""The making and closing of tasks: intent, request, answer, batch by batch."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from connectors.destinations.common.batches import batches
from connectors.destinations.common.crm import CrmRefusalError, RowAnswer, TaskCrm
from connectors.destinations.common.ledger import Ledger, Outcome, State
from connectors.destinations.common.planned import counted
from connectors.destinations.common.quota import over_quota
from connectors.destinations.common.task_ledger import ANSWERED, KnownTask, TaskLedger
from connectors.destinations.common.tasks import (
    ENOUGH,
    NEVER_MADE,
    NOT_APPLIED,
    PARKED,
    READ_BACK,
    Reason,
    TaskPlan,
)
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

OBJECT = "task"
T = TypeVar("T")
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
    """What became of the tasks.

    Parameters
    ----------
    counts : Counter
        How many were made, closed, kept, rejected, and so on.
    units : int
        What was spent in the vendor's units, finding them included; the caller knows it.
    ended : str
        Why the rest was left to the next run; empty if nothing was.
    """

    counts: Counter[str] = field(default_factory=Counter)
    units: int = 0
    unit: str = "calls"
    ended: str = ""

    @property
    def failed(self) -> int:
        """Tasks that the CRM refused to make or to close."""
        return self.counts["rejected"]

    def sentence(self) -> str:
        """Return the counts in words."""
        said = [name for name in _WORDS if self.counts[name] or name in {"made", "closed"}]
        parts = [f"{self.counts[name]} {_WORDS[name]}" for name in said]
        spent = f"{counted(self.units, self.unit)} spent"
        return f"tasks: {', '.join([*parts, spent])}." + (f" {self.ended}" if self.ended else "")


def apply_tasks(
    warehouse: Warehouse,
    crm: TaskCrm,
    plan: TaskPlan,
    run_id: str,
    *,
    quota_share: float = 1.0,
    is_confirmed: bool = False,
) -> TaskResult:
    """Make the CRM's tasks as the plan says.

    Each request's intent stands in ``ops.task`` before it and its answer after; what is cut off
    between is read back by the next plan.

    Parameters
    ----------
    quota_share : float
        Part of the vendor's limit that may be spent (``publish.quota_share``); what does not fit
        is deferred.

    Raises
    ------
    CopilotError
        A person has to confirm; or as the `Crm` does.
    """
    return _Applying(warehouse, crm, plan, run_id, quota_share).run(is_confirmed=is_confirmed)


class _Applying:
    """One plan of tasks being carried out; after a refusal that ends it, the rest is deferred."""

    def __init__(
        self, warehouse: Warehouse, crm: TaskCrm, plan: TaskPlan, run_id: str, quota_share: float
    ) -> None:
        self._tasks = TaskLedger(warehouse, crm.name)
        self._rows = Ledger(warehouse, crm.name, OBJECT)
        self._crm, self._plan, self._run_id = crm, plan, run_id
        self._quota_share = quota_share
        self._result = TaskResult(unit=plan.unit)
        self._ended = ""  # why nothing more is sent

    def run(self, *, is_confirmed: bool) -> TaskResult:
        plan = self._plan
        self._settle_earlier()
        self._say("unchanged", plan.kept)
        self._say("deferred", plan.deferred, ENOUGH)
        self._say("deferred", plan.parked, PARKED)
        counts = self._result.counts
        counts.update(kept=len(plan.kept), deferred=len(plan.deferred), parked=len(plan.parked))
        if plan.brake and not is_confirmed:
            self._say("deferred", [*(task for _, task in plan.make), *plan.close], plan.brake)
            raise CopilotError(
                f"No task was made or closed in {self._crm.label}: {plan.brake}",
                "Look at `copilot publish plan`. If it is right, `copilot publish apply --confirm`"
                " carries it out.",
            )
        for chunk in batches(plan.make, self._crm.write_batch):
            self._make(chunk)
        for closing in batches(plan.close, self._crm.write_batch):
            self._close(closing)
        self._result.ended = self._ended
        return self._result

    def _settle_earlier(self) -> None:
        """Put down what the CRM told, also for the run whose request it was about."""
        settled = self._plan.settled
        self._tasks.keep(self._run_id, settled)
        self._result.counts.update(task.state for task in settled if task.state in ANSWERED)
        lost = [task for _, task in self._plan.make]
        lost += [task for task in settled if task.message in {NEVER_MADE, NOT_APPLIED}]
        found = [task for task in settled if task.message == READ_BACK]
        self._correct("applied", READ_BACK, found)
        self._correct("deferred", NOT_APPLIED, lost)
        self._say("unchanged", [task for task in settled if task.state != "open"])

    def _correct(self, state: State, words: str, tasks: Sequence[KnownTask]) -> None:
        """Say what became of a request of another run, of which that did not know."""
        for task in tasks:
            if task.run_id not in {"", self._run_id}:
                self._rows.record(task.run_id, [Outcome(task.marker, state, words)])

    def _make(self, chunk: Sequence[tuple[Reason, KnownTask]]) -> None:
        tasks = [task for _, task in chunk]
        new = [row.as_new_task() for row, _ in chunk]
        if not self._affords(self._crm.estimate_tasks(new)):
            return self._defer(tasks)
        self._tasks.keep(self._run_id, tasks)
        answers = self._asked(tasks, lambda: self._crm.create_tasks(new))
        tries = 0 if self._ended else 1
        outcomes = [_made(*pair, tries) for pair in zip(tasks, answers, strict=True)]
        return self._put_down("made", outcomes)

    def _close(self, tasks: Sequence[KnownTask]) -> None:
        if not self._affords(self._crm.estimate_tasks(close=len(tasks))):
            return self._defer(tasks)
        self._tasks.keep(self._run_id, [dataclasses.replace(t, state="closing") for t in tasks])
        ids = [str(task.task_id) for task in tasks]
        answers = self._asked(tasks, lambda: self._crm.close_tasks(ids))
        outcomes = [_closed(*pair) for pair in zip(tasks, answers, strict=True)]
        return self._put_down("closed", outcomes)

    def _asked(
        self, tasks: Sequence[KnownTask], ask: Callable[[], list[RowAnswer]]
    ) -> list[RowAnswer]:
        try:
            return ask()
        except CrmRefusalError as error:
            if error.ends_run:
                self._ended = f"{error.what} {error.hint}"
            return [RowAnswer("", error.code, error.words, hint=error.hint)] * len(tasks)
        except CopilotError as error:
            self._say("unknown", tasks, error.what)
            raise

    def _affords(self, cost: int) -> bool:
        """Say whether one more request may be sent."""
        if not self._ended:
            self._ended = over_quota(self._crm.quota(), cost, self._quota_share)
        return not self._ended

    def _defer(self, tasks: Sequence[KnownTask]) -> None:
        self._result.counts["deferred"] += len(tasks)
        self._say("deferred", tasks, f"Not sent: {self._ended}")

    def _put_down(self, good: str, tasks: list[KnownTask]) -> None:
        self._tasks.keep(self._run_id, tasks)
        taken = [task for task in tasks if task.message is None]
        refused = [task for task in tasks if task.message is not None]
        state: State = "deferred" if self._ended else "rejected"
        self._result.counts[good] += len(taken)
        self._result.counts[state] += len(refused)
        self._say("applied", taken, good)
        for task in refused:
            self._say(state, [task], str(task.message))

    def _say(self, state: State, tasks: Sequence[KnownTask], words: str | None = None) -> None:
        outcomes = [Outcome(task.marker, state, words) for task in tasks]
        if outcomes:
            self._rows.record(self._run_id, outcomes)


def _made(task: KnownTask, answer: RowAnswer, tries: int) -> KnownTask:
    if answer.code is None:
        return dataclasses.replace(task, state="open", task_id=answer.record_id, message=None)
    return dataclasses.replace(
        task, state="rejected", attempts=task.attempts + tries, message=_words(answer)
    )


def _closed(task: KnownTask, answer: RowAnswer) -> KnownTask:
    if answer.code is None:
        return dataclasses.replace(task, state="closed", message=None)
    return dataclasses.replace(task, state="open", ended_on=None, message=_words(answer))


def _words(answer: RowAnswer) -> str:
    return f"{answer.code}: {answer.words}" + (f"\n-> {answer.hint}" if answer.hint else "")
