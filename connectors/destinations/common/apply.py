"""Carry out a plan: read once more, intent, write, read back, outcome, batch by batch."""

import datetime as dt
from collections.abc import Sequence

from connectors.destinations.common.batches import batches
from connectors.destinations.common.crm import (
    Change,
    CrmRefusalError,
    FieldCrm,
    RowAnswer,
)
from connectors.destinations.common.ledger import Ledger, Outcome
from connectors.destinations.common.outcomes import (
    moved_words,
    not_sent,
    read_back,
    refused_row,
    refused_whole,
    still,
)
from connectors.destinations.common.plan import batch_cost
from connectors.destinations.common.planned import Plan, PlannedRow
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.quota import over_quota
from connectors.destinations.common.reconcile import missing_words
from connectors.destinations.common.result import PublishResult
from connectors.destinations.common.slipped import clock, edits_since, told_by
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def apply_plan(
    crm: FieldCrm,
    warehouse: Warehouse,
    settings: Settings,
    plan: Plan,
    run_id: str,
    *,
    is_by_hand: bool = False,
    is_confirmed: bool = False,
) -> PublishResult:
    """Make the CRM as the plan says; a plan without changes sends no write.

    Parameters
    ----------
    crm : FieldCrm
        Where to.
    warehouse : Warehouse
        Holds the ledger.
    settings : Settings
        ``publish`` and the reporting currency.
    plan : Plan
        From `make_plan`, saved.
    run_id : str
        Under which the ledger keeps the outcomes.
    is_by_hand : bool
        A person asked for just this plan: it is refused whole if any of its rows has moved.
        Otherwise only the rows that moved stay unsent.
    is_confirmed : bool
        A person has seen why the brake holds, and lets it go.

    Returns
    -------
    PublishResult
        ``failed`` > 0 if any row is not in the CRM as it should be; the caller raises on it.

    Raises
    ------
    CopilotError
        The brake holds, rows have moved, or the run could not go on. The ledger then says which
        rows are ``deferred`` (not sent) and which ``unknown`` (sent, and not known to be there):
        the next run reads those back first.
    """
    return _Publication(crm, warehouse, settings, plan, run_id).run(
        is_by_hand=is_by_hand, is_confirmed=is_confirmed
    )


class _Publication:
    """One plan being carried out."""

    def __init__(
        self, crm: FieldCrm, warehouse: Warehouse, settings: Settings, plan: Plan, run_id: str
    ) -> None:
        self._crm = crm
        self._settings = settings
        self._plan = plan
        self._run_id = run_id
        self._ledger = Ledger(warehouse, crm.name, crm.object_name)
        self._plans = Plans(self._ledger)
        self._result = PublishResult(unit=plan.unit, reconciled=plan.reconciled)

    def run(self, *, is_by_hand: bool, is_confirmed: bool) -> PublishResult:
        plan = self._plan
        if plan.brakes and not is_confirmed:
            self._hold()
        if is_by_hand:
            self._refuse_if_moved()
        self._plans.mark(plan, self._run_id, "applying")
        if plan.missing_fields:
            self._make_fields()
        self._keep([still(row) for row in plan.rows if row.action != "change"])
        self._send_all(plan.changed)
        self._plans.mark(plan, self._run_id, "applied")
        return self._counted()

    def _counted(self) -> PublishResult:
        result, rows, spent = self._result, self._plan.rows, self._crm.spending()
        result.units, result.retries = spent.units - result.set_up_units, spent.retries
        result.parked = len(self._plan.of("park"))
        result.edits_kept = sum(len(row.kept_edits) for row in rows)
        result.edits_overwritten = sum(len(row.edits) for row in rows) - result.edits_kept
        return result

    def _hold(self) -> None:
        reasons = " ".join(self._plan.brakes)
        self._keep([still(row) for row in self._plan.rows if row.action != "change"])
        self._keep([not_sent(row, f"Held: {reasons}") for row in self._plan.changed])
        self._plans.mark(self._plan, self._run_id, "held")
        raise CopilotError(
            f"Nothing was sent to {self._crm.label}: {reasons}",
            "Look at `copilot publish plan`. If it is right, `copilot publish apply --confirm`"
            " sends it.",
        )

    def _refuse_if_moved(self) -> None:
        """Refuse the whole plan, before anything is written, if one of its rows has moved."""
        rows = self._plan.changed
        there = self._crm.read([row.record_id for row in rows])
        moved = []
        for row in rows:
            record = there.get(self._crm.canonical_id(row.record_id))
            words = missing_words(self._crm, record) or moved_words(row, record)
            if words:
                moved.append(f"{row.record_id} {row.name}: {words}")
        if moved:
            self._plans.mark(self._plan, self._run_id, "refused")
            shown = "\n  ".join(moved[:10])
            raise CopilotError(
                f"{len(moved)} of {len(rows)} accounts of plan {self._plan.hash} are not as they"
                f" were when it was made, so nothing of it was sent:\n  {shown}",
                "`copilot publish plan` makes a new one.",
            )

    def _make_fields(self) -> None:
        missing = [field.column for field in self._crm.missing_fields()]
        self._ledger.forget_values(missing)
        before = self._crm.spending().units
        made = self._crm.set_up(self._settings.reporting_currency)
        detail = {"fields": list(made.fields), "other": list(made.other)}
        self._ledger.record(self._run_id, [], audit=("set_up", detail))
        self._result.fields_made = made.fields
        self._result.set_up_units = self._crm.spending().units - before

    def _send_all(self, rows: Sequence[PlannedRow]) -> None:
        """Send batch by batch; what is worth another try goes once more, at the end."""
        first = self._batches(rows, self._crm.batch_for(len(rows)), may_try_again=True)
        remaining, again = list(first), list[PlannedRow]()
        while remaining:
            batch, may_try_again = remaining[0]
            try:
                if not self._affords(len(batch)):
                    break
                again += self._send(batch, may_try_again=may_try_again)
            except CopilotError as error:
                is_quota = isinstance(error, CrmRefusalError) and error.is_quota
                self._result.ended = f"{error.what} {error.hint}" if is_quota else ""
                remaining.pop(0)
                self._defer(remaining, again)
                if is_quota:
                    return
                raise
            remaining.pop(0)
            if not remaining and again:
                remaining = self._batches(again, self._crm.write_batch, may_try_again=False)
                again = []
        self._defer(remaining, again)

    def _batches(
        self, rows: Sequence[PlannedRow], size: int, *, may_try_again: bool
    ) -> list[tuple[Sequence[PlannedRow], bool]]:
        return [(batch, may_try_again) for batch in batches(rows, size)]

    def _affords(self, rows: int) -> bool:
        """Say whether the day's quota, less what is left to others, holds one more batch."""
        cost, share = batch_cost(self._crm, rows), self._settings.publish.quota_share
        self._result.ended = self._result.ended or over_quota(self._crm.quota(), cost, share)
        return not self._result.ended

    def _defer(
        self,
        batches: Sequence[tuple[Sequence[PlannedRow], bool]],
        rows: Sequence[PlannedRow],
    ) -> None:
        why = self._result.ended or "Not sent: the run ended before."
        left = [*(row for batch, _ in batches for row in batch), *rows]
        self._keep([not_sent(row, why) for row in left])

    def _send(self, batch: Sequence[PlannedRow], *, may_try_again: bool) -> list[PlannedRow]:
        """Write one batch; return the rows that are worth another try.

        The intents stay open if nothing says what became of it.
        """
        since = clock(self._crm)  # before the look: a look of several requests takes its time
        try:
            rows = self._still_as_planned(batch)
        except CopilotError as error:
            self._keep([not_sent(row, error.what) for row in batch])
            raise
        if not rows:
            return []
        shown = {row.record_id: dict(row.changes) for row in rows}
        intents = self._ledger.intend(self._run_id, shown)
        answers = self._written(rows, intents)
        if answers is None:
            return []
        self._result.write_calls += 1
        untried = [answer.words for answer in answers if answer.is_untried]
        if untried:  # the next batch would fare no better
            self._result.ended = f"{self._crm.label} came no further: {untried[0]}"
        taken = [pair for pair in zip(rows, answers, strict=True) if pair[1].code is None]
        again = [
            row
            for row, answer in zip(rows, answers, strict=True)
            if answer.code is not None and answer.may_pass and may_try_again
        ]
        refused = [
            refused_row(row, answer)
            for row, answer in zip(rows, answers, strict=True)
            if answer.code is not None and row not in again
        ]
        self._read_back(taken, refused, [intents[row.record_id] for row in again], since, intents)
        return again

    def _written(
        self, rows: Sequence[PlannedRow], intents: dict[str, str]
    ) -> list[RowAnswer] | None:
        try:
            return self._crm.write([Change(row.record_id, row.payload) for row in rows])
        except CrmRefusalError as error:
            self._keep([refused_whole(row, error) for row in rows], settled=list(intents.values()))
            if error.ends_run:
                raise
            return None
        except CopilotError as error:
            self._keep([not_sent(row, error.what, state="unknown") for row in rows])
            raise

    def _read_back(
        self,
        taken: Sequence[tuple[PlannedRow, RowAnswer]],
        refused: Sequence[Outcome],
        settled: list[str],
        since: dt.datetime | None,
        intents: dict[str, str],
    ) -> None:
        """Put down what the answers and one more look say; only what is seen counts as applied."""
        settled += [intents[outcome.record_id] for outcome in refused]
        ids = [row.record_id for row, _ in taken]
        try:
            there = self._crm.read(ids) if ids else {}
            edits = edits_since(self._crm, ids, since)
        except CopilotError as error:
            unknown = [
                not_sent(row, f"Taken, and not read back: {error.what}", state="unknown")
                for row, _ in taken
            ]
            self._keep([*refused, *unknown], settled=settled)
            raise
        outcomes = [
            read_back(self._crm, row, there.get(key), told_by(answer, edits.get(key, {})))
            for row, answer in taken
            for key in (self._crm.canonical_id(row.record_id),)
        ]
        detail = {
            "applied": [item.record_id for item in outcomes if item.state == "applied"],
            "rejected": [item.record_id for item in refused],
        }
        settled += [intents[row.record_id] for row, _ in taken]
        self._keep([*refused, *outcomes], settled=settled, audit=("update", detail))

    def _still_as_planned(self, batch: Sequence[PlannedRow]) -> list[PlannedRow]:
        """Read the batch once more; what moved since the plan is left as it is."""
        there = self._crm.read([row.record_id for row in batch])
        rows, left = [], []
        for row in batch:
            record = there.get(self._crm.canonical_id(row.record_id))
            gone = missing_words(self._crm, record)
            moved = moved_words(row, record)
            if gone:
                left.append(not_sent(row, gone, state="rejected"))
            elif moved:
                left.append(not_sent(row, moved))
            else:
                rows.append(row)
        self._keep(left)
        return rows

    def _keep(
        self,
        outcomes: Sequence[Outcome],
        *,
        settled: Sequence[str] = (),
        audit: tuple[str, dict[str, list[str]]] | None = None,
    ) -> None:
        if outcomes or settled or audit:
            self._ledger.record(self._run_id, outcomes, settled=settled, audit=audit)
            self._result.counts.update(outcome.state for outcome in outcomes)
