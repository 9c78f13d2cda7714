"""A CRM in memory, an empty ledger, and what plans and applies between them."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.planned import Plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.result import PublishResult
from tests.integration.publish.memory_crm import MemoryCrm
from tests.integration.publish.outbound import (
    AS_OF,
    empty_ledgers,
    ledger_rows,
    make_outbound_table,
    set_outbound,
)
from warehouse.database import Warehouse
from warehouse.settings import Settings


@dataclass
class Engine:
    """Plans and applies as the daily run does, or as a person."""

    warehouse: Warehouse
    settings: Settings
    crm: MemoryCrm
    run_date: dt.date = AS_OF

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.warehouse, self.crm.name, self.crm.object_name)

    @property
    def plans(self) -> Plans:
        return Plans(self.ledger)

    def say(self, **publish: Any) -> None:
        """Change `publish` of the settings."""
        changed = self.settings.publish.model_validate(
            {**self.settings.publish.model_dump(), **publish}
        )
        self.settings = self.settings.model_copy(update={"publish": changed})

    def outbound(self, **records: dict[str, Any]) -> None:
        """Replace the outbound rows by these, all with the same columns."""
        columns = dict.fromkeys(column for row in records.values() for column in row)
        set_outbound(
            self.warehouse,
            [
                {"salesforce_id": record_id, "account_id": f"account-{record_id}",
                 "as_of_date": AS_OF, **dict.fromkeys(columns), **row}
                for record_id, row in records.items()
            ],
        )  # fmt: skip

    def plan(self, *, is_by_hand: bool = True) -> Plan:
        plan = make_plan(
            self.crm, self.warehouse, self.settings, self.run_date, is_by_hand=is_by_hand
        )
        self.plans.save(plan, "person" if is_by_hand else "run")
        return plan

    def apply(self, plan: Plan, run_id: str = "run", **how: Any) -> PublishResult:
        return apply_plan(self.crm, self.warehouse, self.settings, plan, run_id, **how)

    def run(self, run_id: str = "run", **how: Any) -> PublishResult:
        return self.apply(self.plan(is_by_hand=False), run_id, **how)

    def states(self, run_id: str = "run") -> Counter[str]:
        return Counter(row["state"] for row in ledger_rows(self.warehouse) if _is(row, run_id))

    def message(self, record_id: str, run_id: str = "run") -> str:
        (row,) = [
            row
            for row in ledger_rows(self.warehouse)
            if _is(row, run_id) and row["record_id"] == record_id
        ]
        return str(row["message"])


def _is(row: dict[str, Any], run_id: str) -> bool:
    return bool(row["run_id"] == run_id)


@pytest.fixture
def engine(warehouse: Warehouse, settings: Settings) -> Engine:
    """Two accounts that nobody has written to, and an outbound table without rows."""
    empty_ledgers(warehouse)
    make_outbound_table(warehouse)
    return Engine(warehouse, settings, MemoryCrm({"r1": {}, "r2": {}}))
