"""Plan and apply as the daily run does, into any CRM, and read what the ledger says of it."""

from collections.abc import Callable, Sequence
from typing import Any

from psycopg import sql

from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.crm import FieldCrm
from connectors.destinations.common.fields import FIELDS
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.planned import Plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.common.result import PublishResult
from tests.integration.salesforce.publishing import AS_OF, outbound
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

_TYPES = {"number": "numeric", "percent": "numeric", "money": "numeric", "date": "date"}
_LEDGERS = ("sync_row", "publish_intent", "audit_log", "publish_plan")


class Publisher:
    """Plans and applies with the test's warehouse and CRM.

    Parameters
    ----------
    name : str
        The CRM's, as in ``publish.sync_<name>_account``.
    make : callable
        Opens its client.
    """

    def __init__(
        self, warehouse: Warehouse, settings: Settings, name: str, make: Callable[[], FieldCrm]
    ) -> None:
        self.warehouse, self.settings, self.make = warehouse, settings, make
        self.key = f"{name}_id"
        self.table = sql.Identifier(warehouse.schema("publish"), f"sync_{name}_account")

    def begin(self) -> None:
        """Make the outbound table as dbt would, empty, and forget what the ledgers know."""
        columns = ", ".join(f"{field.column} {_TYPES.get(field.kind, 'text')}" for field in FIELDS)
        known = [sql.Identifier(self.warehouse.schema("ops"), name) for name in _LEDGERS]
        with self.warehouse.connect() as connection:
            connection.execute(sql.SQL("drop table if exists {}").format(self.table))
            made = sql.SQL("create table {} ({} text, account_id text, {})")
            key = sql.Identifier(self.key)
            connection.execute(made.format(self.table, key, sql.SQL(columns)))
            if self.warehouse.acting_role(Role.PUBLISHER):
                role = sql.Identifier(self.warehouse.role_name(Role.PUBLISHER))
                connection.execute(sql.SQL("grant select on {} to {}").format(self.table, role))
            emptied = sql.SQL("truncate {} cascade").format(sql.SQL(", ").join(known))
            connection.execute(emptied)

    def send(self, record_ids: Sequence[str], **changes: Any) -> None:
        """Replace the outbound rows by those of these records."""
        with self.warehouse.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("delete from {}").format(self.table))
            for record_id in record_ids:
                row = outbound("", **changes)
                del row["salesforce_id"]
                values = {self.key: record_id, **row}
                names = sql.SQL(", ").join(map(sql.Identifier, values))
                marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
                cursor.execute(
                    sql.SQL("insert into {} ({}) values ({})").format(self.table, names, marks),
                    list(values.values()),
                )

    def run(self, run_id: str) -> tuple[Plan, PublishResult]:
        """Plan and apply, as the daily run does."""
        crm = self.make()
        ledger = Ledger(self.warehouse, crm.name, crm.object_name)
        plan = make_plan(crm, self.warehouse, self.settings, AS_OF)
        Plans(ledger).save(plan, "run")
        return plan, apply_plan(crm, self.warehouse, self.settings, plan, run_id)

    def states(self, run_id: str) -> dict[str, str]:
        """Return the state of each record in a run."""
        return self._told(run_id, "state")

    def messages(self, run_id: str) -> dict[str, str | None]:
        """Return what the ledger says of each record in a run."""
        return self._told(run_id, "message")

    def _told(self, run_id: str, column: str) -> dict[str, Any]:
        table = sql.Identifier(self.warehouse.schema("ops"), "sync_row")
        query = sql.SQL("select record_id, {} from {} where run_id = %s order by record_id")
        with self.warehouse.connect() as connection:
            statement = query.format(sql.Identifier(column), table)
            return dict(connection.execute(statement, [run_id]).fetchall())
