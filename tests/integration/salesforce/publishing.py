"""Plan and apply as the daily run does, against a test's own org, and read what became of it."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from psycopg import sql

from connectors.destinations.salesforce.apply import PublishResult, publish_apply
from connectors.destinations.salesforce.fields import FIELDS
from connectors.destinations.salesforce.plan import Plan, publish_plan
from connectors.destinations.salesforce.transport import RetryPolicy
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

AS_OF = dt.date(2026, 6, 30)
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

    def plan(self) -> Plan:
        return publish_plan(
            self.warehouse, self.settings, environment=self.environment, policy=self.policy
        )

    def apply(self, plan: Plan, run_id: str = "run") -> PublishResult:
        return publish_apply(
            self.warehouse,
            self.settings,
            plan,
            run_id,
            environment=self.environment,
            policy=self.policy,
        )

    def run(self, run_id: str = "run") -> PublishResult:
        return self.apply(self.plan(), run_id)

    def send(self, *rows: dict[str, Any]) -> None:
        set_outbound(self.warehouse, list(rows))


def states(ledger: Read, run_id: str = "run") -> Counter[str]:
    return Counter(
        row[0] for row in ledger(f"select state from sync_row where run_id = '{run_id}'")
    )


def rejections(ledger: Read) -> dict[str, str]:
    rows = ledger("select record_id, message from sync_row where state = 'rejected'")
    return {str(row[0]): str(row[1]) for row in rows}


_TYPES = {"Number": "numeric", "Percent": "numeric", "Currency": "numeric", "Date": "date"}


def make_outbound_table(warehouse: Warehouse) -> None:
    """Make ``publish.sync_salesforce_account`` as dbt would, empty."""
    columns = ", ".join(f"{field.column} {_TYPES.get(field.kind, 'text')}" for field in FIELDS)
    table = f'"{warehouse.schema("publish")}".sync_salesforce_account'
    with warehouse.connect() as connection:
        connection.execute(f"drop table if exists {table}".encode())
        connection.execute(f"create table {table} (salesforce_id text, {columns})".encode())
        role = warehouse.role_name  # the table is made by the owner here, not by the transformer
        if warehouse.acting_role(Role.PUBLISHER):
            connection.execute(f'grant select on {table} to "{role(Role.PUBLISHER)}"'.encode())


def outbound(record_id: str, **changes: Any) -> dict[str, Any]:
    """Return one outbound row with plausible values."""
    row: dict[str, Any] = {
        "salesforce_id": record_id,
        "health_score": 71.5,
        "health_band": "watch",
        "health_change_30d": -4.2,
        "churn_probability": 12.3,
        "risk_tier": "medium",
        "score_basis": "model",
        "reasons": "Logins fell by 40% in 28 days.\nTwo invoices are overdue.",
        "next_action": "Call the champion",
        "expansion_propensity": 30.0,
        "expansion_product": "Analytics",
        "arr_at_risk": 1234.56,
        "renewal_date": dt.date(2026, 9, 1),
        "as_of_date": AS_OF,
        "report_url": "http://127.0.0.1:3000/accounts/x",
    }
    return {**row, **changes}


def set_outbound(warehouse: Warehouse, rows: list[dict[str, Any]]) -> None:
    """Replace the outbound rows."""
    table = sql.Identifier(warehouse.schema("publish"), "sync_salesforce_account")
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("delete from {}").format(table))
        if rows:
            names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
            cursor.executemany(
                sql.SQL("insert into {} ({}) values ({})").format(table, names, marks),
                [list(row.values()) for row in rows],
            )
