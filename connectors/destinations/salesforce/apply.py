"""Carry out a plan: intent, write, outcome, batch by batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.destinations.salesforce.client import (
    SalesforceClient,
    SalesforceRefusalError,
    SalesforceUnreachableError,
    batches,
    refusal_words,
)
from connectors.destinations.salesforce.fields import OBJECT
from connectors.destinations.salesforce.ledger import Ledger, Outcome
from connectors.destinations.salesforce.plan import Plan, PlannedRow
from connectors.destinations.salesforce.reconcile import reconcile
from connectors.destinations.salesforce.setup import ensure_fields
from connectors.destinations.salesforce.transport import RetryPolicy
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

_RUN_ENDERS = frozenset({"REQUEST_LIMIT_EXCEEDED", "INVALID_SESSION_ID", "API_DISABLED_FOR_ORG"})


@dataclass
class PublishResult:
    """The outcome of each row of a publish, counted.

    Parameters
    ----------
    counts : Counter
        Rows by state.
    write_calls : int
        Calls that changed records, retries left out.
    reconciled : int
        Rows of interrupted runs that were settled first.
    fields_made : tuple of str
        Fields that had to be made.
    """

    counts: Counter[str] = field(default_factory=Counter)
    write_calls: int = 0
    reconciled: int = 0
    fields_made: tuple[str, ...] = ()

    @property
    def applied(self) -> int:
        """Rows that Salesforce took."""
        return self.counts["applied"]

    @property
    def unchanged(self) -> int:
        """Rows that were there already."""
        return self.counts["unchanged"]

    @property
    def rejected(self) -> int:
        """Rows that could not be sent, or that Salesforce refused."""
        return self.counts["rejected"]

    @property
    def failed(self) -> int:
        """Rows that are not in Salesforce as they should be."""
        return self.counts.total() - self.applied - self.unchanged

    def sentence(self) -> str:
        """Return the counts in words."""
        parts = [
            f"{self.applied} accounts updated in {self.write_calls} calls",
            f"{self.unchanged} unchanged",
        ]
        if self.failed:
            parts.append(f"{self.failed} rejected")
        if self.reconciled:
            parts.append(f"{self.reconciled} of an interrupted run read back")
        if self.fields_made:
            parts.append(f"{len(self.fields_made)} fields made")
        return ", ".join(parts) + "."


def publish_apply(
    warehouse: Warehouse,
    settings: Settings,
    plan: Plan,
    run_id: str,
    *,
    environment: Mapping[str, str] | None = None,
    policy: RetryPolicy | None = None,
) -> PublishResult:
    """Make Salesforce as the plan says; a plan without changes sends no write.

    Parameters
    ----------
    warehouse : Warehouse
        Holds the ledger.
    settings : Settings
        Names the org where the environment does not, and the reporting currency.
    plan : Plan
        From `publish_plan`.
    run_id : str
        Under which the ledger keeps the outcomes.
    environment : mapping, optional
        SALESFORCE_* variables; the process's own if absent.
    policy : RetryPolicy, optional
        Time limits and retries.

    Returns
    -------
    PublishResult
        ``failed`` > 0 if any row is not in Salesforce as it should be; the caller raises on it.

    Raises
    ------
    CopilotError
        The run could not go on. The ledger then says which rows are ``deferred`` (not sent) and
        which ``unknown`` (sent, no answer): the next run reads those back first.
    """
    client = SalesforceClient(environment, settings.salesforce.instance_url, policy)
    ledger = Ledger(warehouse)
    result = PublishResult(reconciled=reconcile(client, ledger))
    if plan.missing_fields:
        result.fields_made = _make_fields(client, ledger, settings, run_id)
    settled = [
        *(Outcome(record_id, "unchanged") for record_id in plan.unchanged),
        *(Outcome(row.record_id, "rejected", row.message) for row in plan.rejected),
    ]
    _keep(ledger, result, run_id, settled)
    remaining = list(batches(plan.changed))
    while remaining:
        batch = remaining[0]
        try:
            _send(client, ledger, result, run_id, batch)
        except CopilotError:
            left = [row for rest in remaining[1:] for row in rest]
            _defer(ledger, run_id, left, "Not sent: the run ended before.")
            raise
        remaining.pop(0)
    return result


def _make_fields(
    client: SalesforceClient, ledger: Ledger, settings: Settings, run_id: str
) -> tuple[str, ...]:
    made = ensure_fields(client, settings.reporting_currency)
    detail = {"fields": list(made.fields), "permission_sets": list(made.permission_sets)}
    ledger.record(run_id, [], audit=("set_up", detail))
    return made.fields


def _keep(
    ledger: Ledger,
    result: PublishResult,
    run_id: str,
    outcomes: Sequence[Outcome],
    *,
    settled: Sequence[str] = (),
    audit: tuple[str, Mapping[str, Any]] | None = None,
) -> None:
    ledger.record(run_id, outcomes, settled=settled, audit=audit)
    result.counts.update(outcome.state for outcome in outcomes)


def _defer(ledger: Ledger, run_id: str, rows: Sequence[PlannedRow], why: str) -> None:
    ledger.record(run_id, [Outcome(row.record_id, "deferred", why) for row in rows])


def _send(
    client: SalesforceClient,
    ledger: Ledger,
    result: PublishResult,
    run_id: str,
    batch: Sequence[PlannedRow],
) -> None:
    """Write one batch; the intent stays open if no answer says what became of it."""
    intents = ledger.intend(run_id, {row.record_id: row.payload() for row in batch})
    try:
        answers = client.update(OBJECT, [{"Id": row.record_id, **row.payload()} for row in batch])
    except SalesforceUnreachableError as error:
        unknown = [Outcome(row.record_id, "unknown", error.what, _shown(row)) for row in batch]
        ledger.record(run_id, unknown)
        raise
    except SalesforceRefusalError as error:
        is_over = error.code in _RUN_ENDERS
        words = f"{error.code}: {error.words}"
        state = "deferred" if is_over else "rejected"
        refused = [Outcome(row.record_id, state, words, _shown(row)) for row in batch]
        _keep(ledger, result, run_id, refused, settled=intents)
        if is_over:
            raise
        return
    outcomes = [
        Outcome(row.record_id, "applied", None, _shown(row))
        if answer["success"]
        else Outcome(row.record_id, "rejected", refusal_words(answer), _shown(row))
        for row, answer in zip(batch, answers, strict=True)
    ]
    result.write_calls += 1
    _keep(ledger, result, run_id, outcomes, settled=intents, audit=("update", _audit(outcomes)))


def _shown(row: PlannedRow) -> dict[str, Any]:
    return {name: {"old": old, "new": new} for name, (old, new) in row.changes.items()}


def _audit(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "applied": [outcome.record_id for outcome in outcomes if outcome.state == "applied"],
        "rejected": [outcome.record_id for outcome in outcomes if outcome.state == "rejected"],
    }
