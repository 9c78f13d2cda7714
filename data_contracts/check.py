"""Check the warehouse against a data contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data_contracts.contract import Contract, Table, contract_names, load_contract
from data_contracts.engine import EXAMPLES, Batches, datasource
from data_contracts.suites import QUERY, ROWS, Place, Rule, table_rules
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import SQLDatasource

__all__ = ["Breach", "ContractResult", "check_contract", "check_tables", "contract_names"]

_LONGEST_EXAMPLE = 60


@dataclass(frozen=True)
class Breach:
    """One rule of a contract that does not hold.

    Attributes
    ----------
    table
        Schema and table.
    columns
        What the rule is about; empty for the table as a whole.
    rule
        What must hold, in words.
    unexpected
        How many rows (of a key: how many values) break it, where that can be counted.
    examples
        Up to five of them, never of a personal column.
    """

    table: str
    columns: tuple[str, ...]
    rule: str
    unexpected: int | None = None
    examples: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The breach as one readable line."""
        where = f"{self.table}.{', '.join(self.columns)}" if self.columns else self.table
        count = "" if self.unexpected is None else f" ({self.unexpected:,} unexpected)"
        shown = f", for example {'; '.join(self.examples)}" if self.examples else ""
        return f"{where}: {self.rule}{count}{shown}"


@dataclass(frozen=True)
class ContractResult:
    """What a check found.

    Attributes
    ----------
    contract
        The contract's name.
    tables
        Tables that were looked into.
    rules
        Number of rules that were checked.
    breaches
        Those that do not hold.
    absent
        Columns, with their tables, that may be absent and are.
    """

    contract: str
    tables: tuple[str, ...]
    rules: int
    breaches: tuple[Breach, ...]
    absent: tuple[str, ...] = ()

    @property
    def success(self) -> bool:
        """Whether the contract is kept."""
        return not self.breaches

    @property
    def lines(self) -> list[str]:
        """One readable line for each broken rule."""
        return [breach.line for breach in self.breaches]

    @property
    def warnings(self) -> list[str]:
        """What a reader of the tables should know, though the contract is kept."""
        if not self.absent:
            return []
        return [f"warning: absent, and read as empty: {', '.join(self.absent)}"]


def check_contract(
    warehouse: Warehouse,
    contract_name: str,
    *,
    tables: Collection[str] | None = None,
    as_of: dt.date | None = None,
    schema: str | None = None,
) -> ContractResult:
    """Check the tables of one of the project's contracts.

    Parameters
    ----------
    contract_name
        ``raw_<source>``, ``scores`` or ``publish``.
    tables
        Only these of the contract's tables.
    as_of
        The date of the run, for rules about it; the newest date in the table if None.
    schema
        Where the tables lie, if it is not the contract's own schema.

    Raises
    ------
    CopilotError
        There is no such contract or table, or the tables may not be read.
    """
    contract = load_contract(contract_name)
    return check_tables(warehouse, contract, tables=tables, as_of=as_of, schema=schema)


def check_tables(
    warehouse: Warehouse,
    contract: Contract,
    *,
    tables: Collection[str] | None = None,
    as_of: dt.date | None = None,
    schema: str | None = None,
) -> ContractResult:
    """Check the tables of any contract; see `check_contract`."""
    asked = _asked(contract, tables)
    place = Place(schema or contract.schema_name, warehouse.schema, as_of)
    schema = warehouse.schema(place.home)
    stored = _stored_columns(warehouse, contract, schema)
    breaches = [
        Breach(f"{schema}.{table.name}", (), "table is missing")
        for table in asked
        if table.name not in stored and not table.is_optional
    ]
    present = [table for table in asked if table.name in stored]
    rules = len(breaches)
    if present:  # else Great Expectations need not be imported
        with datasource(warehouse, contract.reader) as source:
            for table in present:
                found = table_rules(table, place, stored[table.name])
                rules += len(found)
                failed = _batches(source, schema, table, stored).failed(found)
                breaches += [_breach(schema, table, rule, result) for rule, result in failed]
    names = tuple(table.name for table in asked)
    absent = tuple(_absent(present, stored))
    return ContractResult(contract.name, names, rules, tuple(breaches), absent)


def _absent(tables: list[Table], stored: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for table in tables:
        for column in table.columns:
            if column.is_optional and column.name not in stored[table.name]:
                yield f"{table.name}.{column.name}"


def _batches(
    source: SQLDatasource, schema: str, table: Table, stored: Mapping[str, Mapping[str, str]]
) -> Batches:
    present = [column.name for column in table.columns if column.name in stored[table.name]]
    return Batches(source, schema, table.name, present)


def _asked(contract: Contract, tables: Collection[str] | None) -> list[Table]:
    unknown = sorted(set(tables or ()) - {table.name for table in contract.tables})
    if unknown:
        raise CopilotError(
            f"The data contract '{contract.name}' knows no table {', '.join(unknown)}.",
            f"It covers {', '.join(table.name for table in contract.tables)}.",
        )
    return [table for table in contract.tables if tables is None or table.name in tables]


def _stored_columns(
    warehouse: Warehouse, contract: Contract, schema: str
) -> dict[str, dict[str, str]]:
    """Return the types by column by table of what the database has of a contract."""
    query = """
        select relation.relname, attribute.attname,
            format_type(attribute.atttypid, attribute.atttypmod),
            has_schema_privilege(namespace.oid, 'usage')
                and has_table_privilege(relation.oid, 'select')
        from pg_catalog.pg_class as relation
        join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
        join pg_catalog.pg_attribute as attribute on attribute.attrelid = relation.oid
        where namespace.nspname = %s and relation.relname = any(%s)
            and relation.relkind in ('r', 'p', 'v', 'm', 'f')
            and attribute.attnum > 0 and not attribute.attisdropped
        order by relation.relname, attribute.attnum
    """
    found: dict[str, dict[str, str]] = {}
    names = [table.name for table in contract.tables]
    with warehouse.connect(contract.reader) as connection:
        for table, column, kind, is_readable in connection.execute(query, (schema, names)):
            if not is_readable:
                raise CopilotError(
                    f"{schema}.{table} may not be read by the role"
                    f" {warehouse.acting_role(contract.reader)}, so its contract"
                    f" '{contract.name}' cannot be checked.",
                    "Grant it usage on the schema and select on the table.",
                )
            found.setdefault(table, {})[column] = kind
    return found


def _breach(schema: str, table: Table, rule: Rule, result: Mapping[str, Any]) -> Breach:
    where, columns, text = f"{schema}.{table.name}", rule.columns, rule.text
    if rule.is_structural:
        return Breach(where, columns, text)
    if "error" in result or not result:  # not the server's own words: they may quote a value
        reason = result.get("error", "unknown error")
        return Breach(where, columns, f"{text}: could not be evaluated ({reason})")
    if rule.kind == "ExpectTableRowCountToBeBetween":
        return Breach(where, columns, f"{text}, found {result['observed_value']}")
    if rule.kind == QUERY:
        rows = result.get("details", {}).get("unexpected_rows", [])
        shown = _row_examples(table, rows)
        return Breach(where, columns, text, result["observed_value"], shown)
    count = result.get("unexpected_count")
    values = result.get("partial_unexpected_list", [])
    return Breach(where, columns, text, count, _value_examples(table, rule, values))


def _value_examples(table: Table, rule: Rule, values: list[Any]) -> tuple[str, ...]:
    column = table.column(rule.columns[0])
    if column is None or column.is_personal:
        return ()
    shown = dict.fromkeys(_shortened(value) for value in values if value is not None)
    return tuple(shown)[:EXAMPLES]


def _row_examples(table: Table, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return rows as words: of each only what the contract knows and does not call personal."""
    shown = []
    for row in rows:
        parts = []
        for name, value in row.items():
            column = table.column(name)
            if name == ROWS or (column is not None and not column.is_personal):
                parts.append(f"{name} {_shortened(value)}")
        if any(not part.startswith(f"{ROWS} ") for part in parts):
            shown.append(", ".join(parts))
    return tuple(dict.fromkeys(shown))[:EXAMPLES]


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}..."
