"""Plan and apply as the daily run does, against a test's own org, and read what became of it."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.crm import FieldCrm
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.planned import Plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.result import PublishResult
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.salesforce.crm import SalesforceCrm
from tests.integration.publish.outbound import AS_OF, set_outbound
from warehouse.database import Warehouse
from warehouse.settings import Settings

Read = Callable[[str], list[tuple[Any, ...]]]


class Publisher:
    """Plans and applies with the test's warehouse, org and policy."""

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        environment: dict[str, str],
        policy: RetryPolicy,
    ) -> None:
        self.warehouse = warehouse
        self.settings = settings
        self.environment = environment
        self.policy = policy

    def open(self) -> FieldCrm:
        return SalesforceCrm(self.environment, self.policy)

    def plans(self) -> Plans:
        return Plans(Ledger(self.warehouse, "salesforce", "Account"))

    def plan(self, crm: FieldCrm | None = None, **how: Any) -> Plan:
        plan = make_plan(crm or self.open(), self.warehouse, self.settings, AS_OF, **how)
        self.plans().save(plan, "person")
        return plan

    def apply(
        self, plan: Plan, run_id: str = "run", crm: FieldCrm | None = None, **how: Any
    ) -> PublishResult:
        opened = crm or self.open()
        return apply_plan(opened, self.warehouse, self.settings, plan, run_id, **how)

    def run(self, run_id: str = "run", **how: Any) -> PublishResult:
        crm = self.open()
        return self.apply(self.plan(crm), run_id, crm, **how)

    def send(self, *rows: dict[str, Any]) -> None:
        set_outbound(self.warehouse, list(rows))


def states(ledger: Read, run_id: str = "run") -> Counter[str]:
    return Counter(
        row[0] for row in ledger(f"select state from sync_row where run_id = '{run_id}'")
    )


def rejections(ledger: Read) -> dict[str, str]:
    rows = ledger("select record_id, message from sync_row where state = 'rejected'")
    return {str(row[0]): str(row[1]) for row in rows}


def outbound(record_id: str, **changes: Any) -> dict[str, Any]:
    """Return one outbound row with plausible values."""
    row: dict[str, Any] = {
        "salesforce_id": record_id,
        "health_score": 71.5,
        "health_band": "watch",
        "health_change_30d": -4.2,
        "health_trend": "steady",
        "churn_probability": 12.3,
        "risk_tier": "medium",
        "score_basis": "model",
        "reasons": "Logins fell by 40% in 28 days.\nTwo invoices are overdue.",
        "next_action": "Call the champion",
        "expansion_propensity": 30.0,
        "expansion_product": "Analytics",
        "arr_at_risk": 1234.56,
        "renewal_date": dt.date(2026, 9, 1),
        "expected_renewal_arr": 9000.5,
        "as_of_date": AS_OF,
        "report_url": "http://127.0.0.1:3000/accounts/x",
    }
    return {**row, **changes}
