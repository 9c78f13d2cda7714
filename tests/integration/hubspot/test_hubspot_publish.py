"""Plans are carried out in HubSpot as in any CRM: the ledger and the account agree."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.fields import FIELDS
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.planned import Plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.result import PublishResult
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.hubspot.client import HubspotCrm
from tests.integration.hubspot.conftest import Account, company
from tests.integration.salesforce.publishing import AS_OF, outbound
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

UPDATE = "POST /crm/v3/objects/companies/batch/update"
_TYPES = {"number": "numeric", "percent": "numeric", "money": "numeric", "date": "date"}


class Publisher:
    """Plans and applies with the test's warehouse and account."""

    def __init__(self, warehouse: Warehouse, settings: Settings, account: Account) -> None:
        self.warehouse, self.settings, self.account = warehouse, settings, account
        self.table = sql.Identifier(warehouse.schema("publish"), "sync_hubspot_account")

    def make_table(self) -> None:
        columns = ", ".join(f"{field.column} {_TYPES.get(field.kind, 'text')}" for field in FIELDS)
        with self.warehouse.connect() as connection:
            connection.execute(sql.SQL("drop table if exists {}").format(self.table))
            made = sql.SQL("create table {} (hubspot_id text, {})")
            connection.execute(made.format(self.table, sql.SQL(columns)))
            if self.warehouse.acting_role(Role.PUBLISHER):
                role = sql.Identifier(self.warehouse.role_name(Role.PUBLISHER))
                connection.execute(sql.SQL("grant select on {} to {}").format(self.table, role))

    def send(self, numbers: range, **changes: Any) -> None:
        """Replace the outbound rows by those of these companies."""
        rows = [outbound("", **changes) for _ in numbers]
        with self.warehouse.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("delete from {}").format(self.table))
            for number, row in zip(numbers, rows, strict=True):
                values = {"hubspot_id": str(1000 + number), **row}
                values.pop("salesforce_id")
                names = sql.SQL(", ").join(map(sql.Identifier, values))
                marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
                cursor.execute(
                    sql.SQL("insert into {} ({}) values ({})").format(self.table, names, marks),
                    list(values.values()),
                )

    def run(self, run_id: str) -> tuple[Plan, PublishResult]:
        crm = HubspotCrm(self.account.environment(), RetryPolicy(3, 0.0, read_timeout=5.0))
        ledger = Ledger(self.warehouse, crm.name, crm.object_name)
        plan = make_plan(crm, self.warehouse, self.settings, AS_OF)
        Plans(ledger).save(plan, "run")
        return plan, apply_plan(crm, self.warehouse, self.settings, plan, run_id)

    def states(self, run_id: str) -> dict[str, str]:
        """Return the state of each company in a run."""
        table = sql.Identifier(self.warehouse.schema("ops"), "sync_row")
        query = sql.SQL("select record_id, state from {} where run_id = %s").format(table)
        with self.warehouse.connect() as connection:
            return dict(connection.execute(query, [run_id]).fetchall())

    def scores(self) -> dict[str, float]:
        """Return the health score of each company that has one, as HubSpot tells it."""
        asked = {"limit": 100, "properties": "copilot_health_score"}
        found = self.account.call("GET", "/crm/v3/objects/companies", **asked).json()["results"]
        held = {row["id"]: row["properties"]["copilot_health_score"] for row in found}
        return {key: float(value) for key, value in held.items() if value}


@pytest.fixture
def publisher(warehouse: Warehouse, settings: Settings, account: Account) -> Iterator[Publisher]:
    opened = Publisher(warehouse, settings, account)
    opened.make_table()
    names = ("sync_row", "publish_intent", "audit_log", "publish_plan")
    tables = [sql.Identifier(warehouse.schema("ops"), name) for name in names]
    with warehouse.connect() as connection:
        listed = sql.SQL(", ").join(tables)
        connection.execute(sql.SQL("truncate {} cascade").format(listed))
    yield opened


def test_a_run_spends_what_its_plan_says_and_the_next_one_sends_nothing(
    publisher: Publisher, account: Account
) -> None:
    account.seed(*(company(number) for number in range(1, 231)))
    publisher.send(range(1, 231))
    publisher.run("set up")
    publisher.send(range(1, 231), health_score=72)
    account.forget()
    plan, result = publisher.run("first")
    assert (result.applied, result.failed) == (230, 0)
    assert account.seen()[UPDATE] == 3  # the ceiling of 230 rows by 100
    assert plan.cost == result.units == sum(account.seen().values())
    account.forget()
    _, again = publisher.run("second")
    assert (again.applied, again.unchanged) == (0, 230)
    assert UPDATE not in account.seen()


def test_a_partial_failure_is_kept_row_by_row(publisher: Publisher, account: Account) -> None:
    account.seed(*(company(number) for number in range(1, 5)))
    publisher.send(range(1, 5))
    publisher.run("set up")
    account.call("DELETE", "/crm/v3/objects/companies/1002")
    body = {"primaryObjectId": "1004", "objectIdToMerge": "1003"}
    account.call("POST", "/crm/v3/objects/companies/merge", body)
    publisher.send(range(1, 5), health_score=33)
    publisher.run("run")
    states = publisher.states("run")
    assert states == {"1001": "applied", "1002": "rejected", "1003": "rejected", "1004": "applied"}
    assert publisher.scores() == {"1001": 33.0, "1004": 33.0}


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_an_interrupted_write_is_settled_by_reading_it_back(
    publisher: Publisher, account: Account, kind: str
) -> None:
    account.seed(*(company(number) for number in range(1, 4)))
    publisher.send(range(1, 4))
    publisher.run("set up")
    publisher.send(range(1, 4), health_score=12)
    account.fault(path="companies/batch/update$", kind=kind, times=3)
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("cut")
    assert set(publisher.states("cut").values()) == {"unknown"}
    _, result = publisher.run("next")
    assert result.reconciled == 3
    assert publisher.scores() == dict.fromkeys(("1001", "1002", "1003"), 12.0)
    assert set(publisher.states("next").values()) <= {"applied", "unchanged"}
