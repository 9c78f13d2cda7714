"""What would change in Salesforce: the outbound rows against the values that are there now."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from connectors.destinations.salesforce.client import (
    BATCH_SIZE,
    SalesforceClient,
    is_record_id,
)
from connectors.destinations.salesforce.fields import FIELDS, OBJECT, OutboundField, Value
from connectors.destinations.salesforce.setup import unusable_fields
from connectors.destinations.salesforce.transport import RetryPolicy
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

DESTINATION = "salesforce"
TABLE = "sync_salesforce_account"
_SHOWN_ROWS = 20
_COLUMNS = ("salesforce_id", *(outbound.column for outbound in FIELDS))


@dataclass(frozen=True)
class PlannedRow:
    """One account to change: API name to (value there, value to be)."""

    record_id: str
    name: str
    changes: dict[str, tuple[Value, Value]]

    def payload(self) -> dict[str, Value]:
        """Return the new values by API name."""
        return {name: new for name, (_, new) in self.changes.items()}


@dataclass(frozen=True)
class RejectedRow:
    """One row that cannot be sent, and why."""

    record_id: str
    message: str


@dataclass(frozen=True)
class Plan:
    """What a publish would do.

    Parameters
    ----------
    as_of_date : date or None
        Date of the outbound rows; None if there are none.
    changed, unchanged, rejected : list
        Each outbound row stands in exactly one of them.
    missing_fields : tuple of str
        Fields that the publish has to make, or make writable, first.
    """

    as_of_date: dt.date | None
    changed: list[PlannedRow] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    missing_fields: tuple[str, ...] = ()

    @property
    def write_calls(self) -> int:
        """Calls that change records."""
        return -(-len(self.changed) // BATCH_SIZE)

    def lines(self) -> Iterator[str]:
        """Yield the plan as a person reads it: counts, then field by field, old -> new."""
        yield (
            f"Salesforce, as of {self.as_of_date}: {len(self.changed)} accounts to change,"
            f" {len(self.unchanged)} unchanged, {len(self.rejected)} that cannot be sent;"
            f" {self.write_calls} calls to write."
        )
        if self.missing_fields:
            yield f"Fields to make first: {', '.join(self.missing_fields)}"
        for row in self.changed[:_SHOWN_ROWS]:
            yield f"{row.record_id} {row.name}"
            for name, (old, new) in row.changes.items():
                yield f"    {name}: {_shown(old)} -> {_shown(new)}"
        if len(self.changed) > _SHOWN_ROWS:
            yield f"... and {len(self.changed) - _SHOWN_ROWS} more accounts"
        for rejected in self.rejected[:_SHOWN_ROWS]:
            yield f"{rejected.record_id}: {rejected.message}"
        if len(self.rejected) > _SHOWN_ROWS:
            yield f"... and {len(self.rejected) - _SHOWN_ROWS} more that cannot be sent"


def publish_plan(
    warehouse: Warehouse,
    settings: Settings,
    *,
    environment: Mapping[str, str] | None = None,
    policy: RetryPolicy | None = None,
) -> Plan:
    """Compare the outbound rows with Salesforce; nothing is written anywhere.

    Parameters
    ----------
    warehouse : Warehouse
        Holds ``publish.sync_salesforce_account``.
    settings : Settings
        Names the org where the environment does not.
    environment : mapping, optional
        SALESFORCE_* variables; the process's own if absent.
    policy : RetryPolicy, optional
        Time limits and retries.

    Raises
    ------
    CopilotError
        There are no outbound rows to read, one account stands in two of them, or Salesforce
        cannot be asked.
    """
    rows = _outbound_rows(warehouse)
    client = SalesforceClient(environment, settings.salesforce.instance_url, policy)
    missing = unusable_fields(client.describe(OBJECT))
    readable = [outbound for outbound in FIELDS if outbound not in missing]
    sendable = [row for row in rows if is_record_id(row["salesforce_id"])]
    _refuse_doubles(sendable)
    current = client.read(
        OBJECT,
        [row["salesforce_id"] for row in sendable],
        ["Name", *(outbound.api_name for outbound in readable)],
    )
    plan = Plan(
        as_of_date=max((row["as_of_date"] for row in rows), default=None),
        missing_fields=tuple(outbound.api_name for outbound in missing),
    )
    for row in rows:
        _place(plan, row, current)
    return plan


def _outbound_rows(warehouse: Warehouse) -> list[dict[str, Any]]:
    table = sql.Identifier(warehouse.schema("publish"), TABLE)
    statement = sql.SQL("select {} from {} order by salesforce_id").format(
        sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)), table
    )
    with warehouse.connect(Role.PUBLISHER) as connection:
        try:
            found = connection.execute(statement).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
            raise CopilotError(
                f"There is no table {warehouse.schema('publish')}.{TABLE}.",
                "`copilot build` makes it.",
            ) from error
        except psycopg.errors.UndefinedColumn as error:
            raise CopilotError(
                f"{warehouse.schema('publish')}.{TABLE} lacks a column:"
                f" {str(error).splitlines()[0]}",
                "`copilot build` makes it anew.",
            ) from error
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found]


def _refuse_doubles(rows: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for row in rows:
        key = row["salesforce_id"][:15]
        if key in seen:
            raise CopilotError(
                f"Two outbound rows are for the same Salesforce account, {row['salesforce_id']}.",
                "Its links are wrong: see marts.account_source_link.",
            )
        seen.add(key)


def _place(plan: Plan, row: Mapping[str, Any], current: Mapping[str, Mapping[str, Any]]) -> None:
    """Put one outbound row where it belongs."""
    record_id = str(row["salesforce_id"])
    if not is_record_id(record_id):
        plan.rejected.append(RejectedRow(record_id, "This is not a Salesforce Id."))
        return
    there = current.get(record_id[:15])
    problem = missing_words(there)
    if there is None or problem:
        plan.rejected.append(RejectedRow(record_id, problem))
        return
    changes = {}
    for outbound in FIELDS:
        old, new = both_values(outbound, there, row[outbound.column])
        if old != new:
            changes[outbound.api_name] = (old, new)
    if changes:
        plan.changed.append(PlannedRow(record_id, str(there["Name"]), changes))
    else:
        plan.unchanged.append(record_id)


def missing_words(there: Mapping[str, Any] | None) -> str:
    """Return why a record cannot be written; empty if it can."""
    if there is None:
        return "Salesforce has no such account, or the copilot's user may not see it."
    return "The account is deleted in Salesforce." if there["IsDeleted"] else ""


def both_values(
    outbound: OutboundField, there: Mapping[str, Any], wanted: Any
) -> tuple[Value, Value]:
    """Return Salesforce's value and the wanted one, in the form in which they compare."""
    return outbound.normal(there.get(outbound.api_name)), outbound.normal(wanted)


def _shown(value: Value) -> str:
    text = "(empty)" if value is None else str(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
