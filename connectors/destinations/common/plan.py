"""What would change in the CRM: the outbound rows against the values that are there now."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace

from connectors.destinations.common.brake import brakes
from connectors.destinations.common.crm import CrmRecord, FieldCrm
from connectors.destinations.common.drift import has_jumped
from connectors.destinations.common.fields import Value
from connectors.destinations.common.ledger import Ledger, Refusal, Remembered
from connectors.destinations.common.outbound import OutboundRow, outbound_rows
from connectors.destinations.common.planned import Plan, PlannedRow
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.policy import FieldPolicies
from connectors.destinations.common.reconcile import missing_words, reconcile
from warehouse.database import Warehouse
from warehouse.settings import Settings

_UNKNOWN = Remembered()


def make_plan(
    crm: FieldCrm,
    warehouse: Warehouse,
    settings: Settings,
    run_date: dt.date,
    *,
    is_by_hand: bool = False,
    accounts: Collection[str] | None = None,
) -> Plan:
    """Compare the outbound rows with the CRM; nothing is written there.

    What an interrupted run left open is settled first, so that its values are known as the
    copilot's own and not taken for a person's edit.

    Parameters
    ----------
    crm : FieldCrm
        Where the rows are to go.
    warehouse : Warehouse
        Holds ``publish.sync_<crm>_account`` and the ledger.
    settings : Settings
        ``publish``.
    run_date : date
        The date that the outbound rows should be as of.
    is_by_hand : bool
        It will be carried out later, by a person: its cost is that of the carrying out alone.
    accounts : collection of str, optional
        Plan for these alone. No others can vanish, and the brake counts them among all.

    Raises
    ------
    CopilotError
        There are no outbound rows to read, one account stands in two of them, a setting is wrong,
        or the CRM cannot be asked.
    """
    ledger = Ledger(warehouse, crm.name, crm.object_name)
    plans, policies = Plans(ledger), FieldPolicies(settings.publish)
    rows = outbound_rows(warehouse, crm, accounts)
    reconciled = reconcile(crm, ledger)
    plans.close_interrupted()
    planner = _Planner(crm, policies, ledger.remembered(), settings.publish.attempts)
    planned = planner.rows(rows)
    dates = [row.as_of_date for row in rows]
    held = brakes(
        settings.publish.brake,
        planned,
        planner.written,
        plans.last() if accounts is None else None,
        (min(dates, default=None), run_date),
        among=None if accounts is None else len(planner.written),
    )
    quota = crm.quota()
    return Plan(
        crm=crm.name,
        label=crm.label,
        as_of_date=max(dates, default=None),
        rows=tuple(planned),
        missing_fields=tuple(field.label for field in planner.missing),
        brakes=tuple(held),
        cost=_cost(crm, len(rows), sum(row.action == "change" for row in planned), is_by_hand),
        unit=quota.unit if quota else "calls",
        remaining=quota.remaining if quota else None,
        reconciled=reconciled,
    )


def _cost(crm: FieldCrm, rows: int, changed: int, is_by_hand: bool) -> int:
    """Return the units of a run: reading all rows (by hand the changed), then each batch."""
    size = crm.batch_for(changed)
    whole, rest = divmod(changed, size)
    total = crm.estimate(reads=changed if is_by_hand else rows, writes=0)
    return total + whole * batch_cost(crm, size) + (batch_cost(crm, rest) if rest else 0)


def batch_cost(crm: FieldCrm, rows: int) -> int:
    """Return the units of one batch."""
    fixed = crm.estimate(reads=0, writes=0)
    reading = crm.estimate(reads=rows, writes=0) - fixed
    return 2 * reading + crm.estimate(reads=0, writes=rows) - fixed


class _Planner:
    """Puts each outbound row where it belongs."""

    def __init__(
        self,
        crm: FieldCrm,
        policies: FieldPolicies,
        remembered: Mapping[str, Remembered],
        attempts: int,
    ) -> None:
        self.missing = crm.missing_fields()
        self._crm = crm
        self._policies = policies
        self._remembered = remembered
        self._attempts = attempts
        self._missing = frozenset(field.column for field in self.missing)

    @property
    def written(self) -> dict[str, Mapping[str, Value]]:
        """What the copilot wrote last, by record; those alone that it ever wrote to."""
        return {
            record_id: known.written
            for record_id, known in self._remembered.items()
            if known.written
        }

    def rows(self, rows: list[OutboundRow]) -> list[PlannedRow]:
        crm = self._crm
        current = crm.read([row.record_id for row in rows if crm.is_record_id(row.record_id)])
        return [self._placed(row, current) for row in rows]

    def _placed(self, row: OutboundRow, current: Mapping[str, CrmRecord]) -> PlannedRow:
        known = self._remembered.get(row.record_id, _UNKNOWN)
        if not self._crm.is_record_id(row.record_id):
            words = f"This is not the id of a {self._crm.label} account."
            return self._stuck(PlannedRow(row.record_id, message=words), known)
        record = current.get(self._crm.canonical_id(row.record_id))
        words = missing_words(self._crm, record)
        if record is None or words:
            name = record.name if record else ""
            return self._stuck(PlannedRow(row.record_id, name, message=words), known)
        return self._compared(row, record, known)

    def _stuck(self, row: PlannedRow, known: Remembered) -> PlannedRow:
        """Return a row that cannot be sent, counted, and parked after some runs."""
        refusal = known.refused
        before = refusal.attempts if refusal and not refusal.values else 0
        if before < self._attempts:
            return replace(row, action="reject", refusals=before)
        return replace(
            row, action="park", message=parked_words(row.message, before), refusals=before
        )

    def _compared(self, row: OutboundRow, record: CrmRecord, known: Remembered) -> PlannedRow:
        changes, edits, adopted = {}, {}, {}
        for column, wanted in row.values.items():
            there = record.values.get(column)
            last = None if column in self._missing else known.written.get(column)
            if there == wanted:
                if last != wanted:
                    adopted[column] = wanted
                continue
            if there != last:
                edits[column] = (there, wanted)
                if not self._policies.overwrites_edit(column):
                    continue
            if wanted is None and not self._policies.clears(column):
                continue
            changes[column] = (there, wanted)
        return self._decided(
            PlannedRow(
                row.record_id, record.name, "change" if changes else "none", changes, edits, adopted
            ),
            known,
        )

    def _decided(self, row: PlannedRow, known: Remembered) -> PlannedRow:
        refusal = known.refused
        if not row.changes or refusal is None or not _is_same(refusal, row.payload):
            return row
        if refusal.attempts < self._attempts:
            return replace(row, refusals=refusal.attempts)
        return replace(
            row,
            action="park",
            message=parked_words(known.message, refusal.attempts),
            refusals=refusal.attempts,
        )


def parked_words(message: str, attempts: int) -> str:
    """Return why a row is not sent any more."""
    return (
        f"Parked after {attempts} tries, until its value changes or `copilot publish retry`:"
        f" {message}"
    )


def _is_same(refusal: Refusal, payload: Mapping[str, Value]) -> bool:
    """Say whether what was refused would be sent again."""
    return bool(refusal.values) and all(
        column in payload
        and (
            payload[column] == value
            if refusal.is_named
            else not has_jumped(column, value, payload[column])
        )
        for column, value in refusal.values.items()
    )
