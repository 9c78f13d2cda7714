"""A fresh org with the marker's field, wanted tasks as dbt would say them, and an empty ledger."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from connectors.destinations.common.task_apply import apply_tasks
from connectors.destinations.common.tasks import TaskPlan, plan_tasks
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.salesforce.crm import SalesforceCrm
from connectors.destinations.salesforce.tasks import MARKER_METADATA
from tests.integration.salesforce.conftest import Sandbox, serving_org
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

AS_OF = dt.date(2026, 6, 30)
_COLUMNS = (
    "marker text, account_id text, record_id text, owner_id text, reason_key text, playbook text,"
    " opened_on date, is_wanted boolean, subject text, body text, due_on date, priority text,"
    " as_of_date date, place integer"
)


class SmallBatches(SalesforceCrm):
    """Salesforce, one try a request, with batches so small that a few tasks need several."""

    write_batch = 2


class Desk:
    """Says what is wanted, runs, and looks at what became of it."""

    def __init__(self, warehouse: Warehouse, sandbox: Sandbox) -> None:
        self.warehouse, self.sandbox = warehouse, sandbox
        policy = RetryPolicy(attempts=1, read_timeout=10.0)
        self.crm = SmallBatches(sandbox.info.environment(), policy)
        self.crm.set_up("EUR")
        self.accounts = sandbox.seed_accounts(5)

    def want(self, *rows: dict[str, Any]) -> None:
        """Replace the rows of ``publish.sync_task``."""
        table = sql.Identifier(self.warehouse.schema("publish"), "sync_task")
        with self.warehouse.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("delete from {}").format(table))
            for row in rows:
                names = sql.SQL(", ").join(map(sql.Identifier, row))
                marks = sql.SQL(", ").join([sql.Placeholder()] * len(row))
                cursor.execute(
                    sql.SQL("insert into {} ({}) values ({})").format(table, names, marks),
                    list(row.values()),
                )

    def row(self, number: int = 0, **changes: Any) -> dict[str, Any]:
        """Return a wanted task of one account."""
        opened_on = changes.get("opened_on", dt.date(2026, 6, 25))
        key = changes.get("reason_key", "payment_failed")
        return {
            "marker": f"m{number}{key.replace('_', '')}{opened_on:%Y%m%d}",
            "account_id": f"account{number}",
            "record_id": self.accounts[number],
            "owner_id": None,
            "reason_key": key,
            "playbook": "payment_follow_up",
            "opened_on": opened_on,
            "is_wanted": True,
            "subject": "An open invoice",
            "body": "1 invoice overdue",
            "due_on": dt.date(2026, 7, 3),
            "priority": "high",
            "as_of_date": AS_OF,
            "place": number,
        } | changes

    def plan(
        self, as_of: dt.date = AS_OF, most_per_owner: int = 5, brake_rows: int = 20
    ) -> TaskPlan:
        settings = Settings(
            sources=["salesforce"],
            tasks={"most_per_owner_and_day": most_per_owner},
            publish={"brake": {"rows": brake_rows}},
        )
        return plan_tasks(self.warehouse, self.crm, settings, as_of)

    def run(self, run_id: str = "run", **settings: Any) -> dict[str, int]:
        """Plan and apply; return what was counted."""
        plan = self.plan(**settings)
        return dict(+apply_tasks(self.warehouse, self.crm, plan, run_id).counts)

    def cost(self) -> tuple[int, int]:
        """Plan and apply; return the units that the plan tells, and those that were spent."""
        before = self.crm.spending().units
        plan = self.plan()
        apply_tasks(self.warehouse, self.crm, plan, "run")
        return plan.cost, self.crm.spending().units - before

    def rows(self, run_id: str) -> dict[str, str]:
        """Return the state of each row of a run in ``ops.sync_row``, by marker."""
        table = f'"{self.warehouse.schema("ops")}".sync_row'
        statement = f"select record_id, state from {table} where run_id = %s and object = 'task'"
        with self.warehouse.connect() as connection:
            return dict(connection.execute(statement.encode(), (run_id,)).fetchall())

    def there(self, columns: str = "WhatId, Status") -> list[tuple[Any, ...]]:
        """Return what the org has of each task, oldest first."""
        soql = f"SELECT {columns} FROM Task ORDER BY Id"
        names = columns.split(", ")
        return [tuple(row[name] for name in names) for row in self.sandbox.query(soql)]

    def change(self, **values: Any) -> None:
        """Change the org's only task as a person would."""
        ((task_id,),) = self.there("Id")
        answer = self.sandbox.http.patch(self.sandbox.url(f"sobjects/Task/{task_id}"), json=values)
        assert answer.status_code == 204, answer.text

    def delete(self) -> None:
        ((task_id,),) = self.there("Id")
        assert self.sandbox.http.delete(self.sandbox.url(f"sobjects/Task/{task_id}")).ok

    def make_marker_plain(self) -> None:
        """Take from the marker what an org may not allow, and let requests be tried again."""
        found = self.sandbox.http.get(
            self.sandbox.url("tooling/query"),
            params={"q": "SELECT Id FROM CustomField WHERE DeveloperName = 'Copilot_Marker'"},
        ).json()["records"]
        metadata = {**MARKER_METADATA, "unique": False, "externalId": False}
        answer = self.sandbox.http.patch(
            self.sandbox.url(f"tooling/sobjects/CustomField/{found[0]['Id']}"),
            json={"Metadata": metadata},
        )
        assert answer.ok, answer.text
        self.crm = SmallBatches(self.sandbox.info.environment(), RetryPolicy(first_wait=0.0))

    def ledger(self, columns: str = "state") -> list[tuple[Any, ...]]:
        schema = self.warehouse.schema("ops")
        with self.warehouse.connect() as connection:
            statement = f'select {columns} from "{schema}".task order by account_id, made_on'
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture
def desk(warehouse: Warehouse, tmp_path: Path) -> Iterator[Desk]:
    """Yield a desk whose org, outbound table and ledger are empty."""
    table = f'"{warehouse.schema("publish")}".sync_task'
    with warehouse.connect() as connection:
        connection.execute(f"drop table if exists {table}".encode())
        connection.execute(f"create table {table} ({_COLUMNS})".encode())
        for name in ("task", "sync_row"):
            connection.execute(f'truncate "{warehouse.schema("ops")}".{name}'.encode())
        if warehouse.acting_role(Role.PUBLISHER):
            role = warehouse.role_name(Role.PUBLISHER)
            connection.execute(f'grant select on {table} to "{role}"'.encode())
    with serving_org(tmp_path) as sandbox:
        yield Desk(warehouse, sandbox)
