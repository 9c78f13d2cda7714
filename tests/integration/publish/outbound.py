"""The outbound table and the ledger, as tests need them."""

import datetime as dt
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from connectors.destinations.common.fields import FIELDS
from warehouse.database import Role, Warehouse

AS_OF = dt.date(2026, 6, 30)
LEDGERS = (
    "sync_row",
    "publish_intent",
    "publish_record",
    "publish_plan_row",
    "publish_plan",
    "audit_log",
)
_TYPES = {"number": "numeric", "percent": "numeric", "money": "numeric", "date": "date"}


def empty_ledgers(warehouse: Warehouse) -> None:
    """Forget all that was ever published."""
    with warehouse.connect() as connection:
        for name in LEDGERS:
            table = sql.Identifier(warehouse.schema("ops"), name)
            connection.execute(sql.SQL("delete from {}").format(table))


def make_outbound_table(warehouse: Warehouse) -> None:
    """Make ``publish.sync_salesforce_account`` as dbt would, empty."""
    typed = [f"{field.column} {_TYPES.get(field.kind, 'text')}" for field in FIELDS]
    columns = ", ".join(["salesforce_id text", "account_id text", *typed])
    table = f'"{warehouse.schema("publish")}".sync_salesforce_account'
    with warehouse.connect() as connection:
        connection.execute(f"drop table if exists {table}".encode())
        connection.execute(f"create table {table} ({columns})".encode())
        role = warehouse.role_name  # the table is made by the owner here, not by the transformer
        if warehouse.acting_role(Role.PUBLISHER):
            connection.execute(f'grant select on {table} to "{role(Role.PUBLISHER)}"'.encode())


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


def ledger_rows(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return ``ops.sync_row``."""
    table = sql.Identifier(warehouse.schema("ops"), "sync_row")
    with (
        warehouse.engine(Role.PUBLISHER).connect() as pooled,
        pooled.connection.driver_connection.cursor(row_factory=dict_row) as cursor,  # type: ignore[union-attr]
    ):
        return cursor.execute(sql.SQL("select * from {} order by at").format(table)).fetchall()  # type: ignore[no-any-return]
