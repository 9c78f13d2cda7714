"""The outbound rows: exactly what dbt says is to go to a CRM."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import psycopg
from psycopg import sql

from connectors.destinations.common.crm import FieldCrm
from connectors.destinations.common.fields import FIELDS, Value
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError


@dataclass(frozen=True)
class OutboundRow:
    """One row of ``publish.sync_<crm>_account``: values by column, in their normal form."""

    record_id: str
    as_of_date: dt.date
    values: dict[str, Value]


def outbound_rows(
    warehouse: Warehouse, crm: FieldCrm, accounts: Collection[str] | None = None
) -> list[OutboundRow]:
    """Read the outbound rows, by record id; those of some accounts alone if they are given.

    Raises
    ------
    CopilotError
        There is no such table, it lacks a column, or two rows are for one record.
    """
    name = f"sync_{crm.name}_account"
    columns = [f"{crm.name}_id", *(field.column for field in FIELDS)]
    statement = sql.SQL("select {} from {} where {} order by 1").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(warehouse.schema("publish"), name),
        sql.SQL("true" if accounts is None else "account_id = any(%s)"),
    )
    with warehouse.connect(Role.PUBLISHER) as connection:
        try:
            asked = () if accounts is None else (list(accounts),)
            found = connection.execute(statement, asked).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
            raise CopilotError(
                f"There is no table {warehouse.schema('publish')}.{name}.",
                "`copilot build` makes it.",
            ) from error
        except psycopg.errors.UndefinedColumn as error:
            raise CopilotError(
                f"{warehouse.schema('publish')}.{name} lacks a column:"
                f" {str(error).splitlines()[0]}",
                "`copilot build` makes it anew.",
            ) from error
    place = columns.index("as_of_date")
    rows = [
        OutboundRow(
            str(record_id),
            (record_id, *values)[place],
            {
                field.column: field.normal(value)
                for field, value in zip(FIELDS, values, strict=True)
            },
        )
        for record_id, *values in found
    ]
    _refuse_doubles(crm, rows)
    return rows


def _refuse_doubles(crm: FieldCrm, rows: list[OutboundRow]) -> None:
    seen: set[str] = set()
    for row in rows:
        key = crm.canonical_id(row.record_id) if crm.is_record_id(row.record_id) else row.record_id
        if key in seen:
            raise CopilotError(
                f"Two outbound rows are for the same {crm.label} account, {row.record_id}.",
                "Its links are wrong: see marts.account_source_link.",
            )
        seen.add(key)
