"""Great Expectations suites made from a contract: the contract is the only place of a rule."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from data_contracts.contract import Column, Contract, Quality, Table
from data_contracts.types import accepted_types, is_compatible
from warehouse.errors import CopilotError

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

ROWS = "rows"
QUERY = "UnexpectedRowsExpectation"
_PLACEHOLDER = re.compile(r"\$\{(?:as_of|schema\.(?P<schema>\w+))\}")


@dataclass(frozen=True)
class Rule:
    """One expectation, and its words.

    Attributes
    ----------
    columns
        What it is about; empty for the table as a whole.
    text
        What must hold, in words.
    kind
        Class name of the expectation in Great Expectations.
    arguments
        Its arguments.
    is_structural
        Whether it is about the column itself, not about values.
    """

    columns: tuple[str, ...]
    text: str
    kind: str
    arguments: Mapping[str, Any]
    is_structural: bool = False


@dataclass(frozen=True)
class Place:
    """Where and for which date the rules are checked.

    Attributes
    ----------
    home
        The schema of the tables, as the contract calls it.
    schema
        From a schema's name to its name in this installation.
    as_of
        The date of the run; the newest date in the table if None.
    """

    home: str
    schema: Callable[[str], str]
    as_of: dt.date | None = None


def build_suite(
    contract: Contract,
    table: Table,
    place: Place,
    found: Mapping[str, str] | None = None,
) -> ExpectationSuite:
    """Return the suite of one table.

    Parameters
    ----------
    found : mapping, optional
        Types by name of the columns that the table has: rules that could not be evaluated,
        since a column is absent or of another type, are then left out.
    """
    return as_suite(f"{contract.name}.{table.name}", table_rules(table, place, found))


def as_suite(
    name: str, rules: Sequence[Rule], aliases: Mapping[str, str] | None = None
) -> ExpectationSuite:
    """Return rules as a suite; ``meta.rule`` of each expectation is its place in the list.

    Parameters
    ----------
    aliases : mapping, optional
        What columns are called in the batch.
    """
    import great_expectations as gx  # noqa: PLC0415  (9 s)
    import great_expectations.expectations as gxe  # noqa: PLC0415

    expectations = []
    for index, rule in enumerate(rules):
        arguments = dict(rule.arguments)
        if aliases is not None and "column" in arguments:
            arguments["column"] = aliases[arguments["column"]]
        meta = {"rule": index, "text": rule.text}
        expectations.append(getattr(gxe, rule.kind)(**arguments, meta=meta))
    return gx.ExpectationSuite(name=name, expectations=expectations)


def table_rules(table: Table, place: Place, found: Mapping[str, str] | None = None) -> list[Rule]:
    """Return all rules of a table; see `build_suite`."""
    rules: list[Rule] = []
    for column in table.columns:
        rules += _column_rules(table, column, place, found)
        rules += _custom_rules(table, (column.name,), column.quality, place, found)
    rules += _key_rules(table, found)
    for quality in table.quality:
        if quality.type == "library":
            rules += _table_metric(table, quality, found)
    rules += _custom_rules(table, (), table.quality, place, found)
    return rules


def _has(column: Column, found: Mapping[str, str] | None, *, typed: bool = False) -> bool:
    if found is None:
        return True
    kind = found.get(column.name)
    return kind is not None and (not typed or is_compatible(column.physical_type, kind))


def _column_rules(
    table: Table, column: Column, place: Place, found: Mapping[str, str] | None
) -> Iterator[Rule]:
    names = (column.name,)
    only = {"column": column.name}
    if not _has(column, found):
        if not column.is_optional:
            text = f"column is missing, expected {column.physical_type}"
            yield Rule(names, text, "ExpectColumnToExist", only, is_structural=True)
        return
    if not column.is_optional:
        yield Rule(names, "column must exist", "ExpectColumnToExist", only, is_structural=True)
    yield _type_rule(table, column, place, found)
    if column.required or column.primary_key:
        yield Rule(names, "must not be null", "ExpectColumnValuesToNotBeNull", only)
    if _has(column, found, typed=True):
        yield from _value_rules(column)


def _type_rule(table: Table, column: Column, place: Place, found: Mapping[str, str] | None) -> Rule:
    """Return the rule on a column's type, read from the catalogue.

    The expectations on types of Great Expectations take names of columns that differ in case
    only for one another.
    """
    types, is_exact = accepted_types(column.physical_type)
    modifier = "atttypmod" if is_exact else "null"
    relation = sql.Identifier(place.schema(place.home), table.name).as_string()
    query = (
        "select format_type(atttypid, atttypmod) as found from pg_catalog.pg_attribute"  # noqa: S608
        f" where attrelid = to_regclass({_literal(relation)}) and attname = {_literal(column.name)}"
        f" and format_type(atttypid, {modifier}) not in ({', '.join(map(_literal, types))})"
        " and not exists (select 1 from {batch} where false)"  # it insists on a batch
    )
    text = f"type must be {column.physical_type}"
    text += f", found {found[column.name]}" if found else ""
    arguments = {"unexpected_rows_query": query}
    return Rule((column.name,), text, QUERY, arguments, is_structural=True)


def _value_rules(column: Column) -> Iterator[Rule]:
    names, only, limits = (column.name,), {"column": column.name}, column.logical_type_options
    if limits.minimum is not None or limits.maximum is not None:
        between = {"min_value": limits.minimum, "max_value": limits.maximum}
        text = "must be " + _span(limits.minimum, limits.maximum)
        yield Rule(names, text, "ExpectColumnValuesToBeBetween", {**only, **between})
    if limits.min_length is not None or limits.max_length is not None:
        between = {"min_value": limits.min_length, "max_value": limits.max_length}
        text = "its length must be " + _span(limits.min_length, limits.max_length)
        yield Rule(names, text, "ExpectColumnValueLengthsToBeBetween", {**only, **between})
    if limits.pattern is not None:
        text = f"must match {limits.pattern}"
        yield Rule(names, text, "ExpectColumnValuesToMatchRegex", {**only, "regex": limits.pattern})
    if column.enum:
        yield _one_of(names, [item.value for item in column.enum], 1.0)
    for quality in column.quality:
        if quality.type == "library":
            yield _column_metric(column, quality)


def _column_metric(column: Column, quality: Quality) -> Rule:
    names, mostly = (column.name,), _share(quality)
    if quality.metric == "nullValues":
        text = "must not be null" + _tolerance(mostly)
        arguments = {"column": column.name, "mostly": mostly}
        return Rule(names, text, "ExpectColumnValuesToNotBeNull", arguments)
    if quality.metric == "invalidValues" and "validValues" in quality.arguments:
        return _one_of(names, list(quality.arguments["validValues"]), mostly)
    if quality.metric == "invalidValues" and "pattern" in quality.arguments:
        pattern = str(quality.arguments["pattern"])
        arguments = {"column": column.name, "regex": pattern, "mostly": mostly}
        text = f"must match {pattern}{_tolerance(mostly)}"
        return Rule(names, text, "ExpectColumnValuesToMatchRegex", arguments)
    if quality.metric == "duplicateValues" and mostly == 1:
        return _unique(names)
    raise _unsupported(f"column {column.name}", quality)


def _one_of(names: tuple[str, ...], values: list[Any], mostly: float) -> Rule:
    text = f"must be one of {', '.join(str(value) for value in values)}{_tolerance(mostly)}"
    arguments = {"column": names[0], "value_set": values, "mostly": mostly}
    return Rule(names, text, "ExpectColumnValuesToBeInSet", arguments)


def _key_rules(table: Table, found: Mapping[str, str] | None) -> Iterator[Rule]:
    keys = [tuple(table.primary_key)] if table.primary_key else []
    keys += [(column.name,) for column in table.columns if column.unique]
    for key in dict.fromkeys(keys):
        if found is None or all(name in found for name in key):
            yield _unique(key)


def _table_metric(
    table: Table, quality: Quality, found: Mapping[str, str] | None
) -> Iterator[Rule]:
    if quality.metric == "rowCount":
        least, most = _bounds(quality)
        text = "number of rows must be " + _span(least, most)
        arguments = {"min_value": least, "max_value": most}
        yield Rule((), text, "ExpectTableRowCountToBeBetween", arguments)
    elif quality.metric == "duplicateValues" and _share(quality) == 1:
        key = tuple(quality.arguments["properties"])
        if found is None or all(name in found for name in key):
            yield _unique(key)
    else:
        raise _unsupported(f"table {table.name}", quality)


def _unique(key: tuple[str, ...]) -> Rule:
    """Return the uniqueness of a key as one aggregate, which a million rows can afford."""
    columns = ", ".join(_quoted(name) for name in key)
    known = " and ".join(f"{_quoted(name)} is not null" for name in key)
    query = (
        f"select {columns}, count(*) as {ROWS} from {{batch}} where {known}"  # noqa: S608
        f" group by {columns} having count(*) > 1"
    )
    arguments = {"unexpected_rows_query": query}
    return Rule(key, "must be unique", QUERY, arguments)


def _custom_rules(
    table: Table,
    names: tuple[str, ...],
    qualities: Sequence[Quality],
    place: Place,
    found: Mapping[str, str] | None,
) -> Iterator[Rule]:
    """Yield the rules in SQL, but for those that read a column which is absent or mistyped."""
    for quality in qualities:
        if quality.type != "custom":
            continue
        query = str((quality.implementation or {})["unexpected_rows_query"])
        read = [
            column
            for column in table.columns
            if re.search(rf"(?<!\w){re.escape(column.name)}(?!\w)", query)
        ]
        if all(_has(column, found, typed=True) for column in read):
            arguments = {"unexpected_rows_query": _filled(query, place)}
            yield Rule(names, str(quality.description), QUERY, arguments)


def _filled(query: str, place: Place) -> str:
    def fill(match: re.Match[str]) -> str:
        if match["schema"]:
            return _quoted(place.schema(match["schema"]))
        if place.as_of is None:
            return "(select max(as_of_date) from {batch})"
        return f"date '{place.as_of.isoformat()}'"

    return _PLACEHOLDER.sub(fill, query)


def _quoted(name: str) -> str:
    """Quote a name, and keep what is in it from being read as a placeholder of the query."""
    return _plain(sql.Identifier(name).as_string())


def _literal(text: str) -> str:
    return _plain(sql.Literal(text).as_string())


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}").replace(":", "\\:")


def _share(quality: Quality) -> float:
    """Return the share of rows that must keep a rule, from "at most so many per cent break it"."""
    if quality.must_be == 0 and quality.at_most is None:
        return 1.0
    if quality.unit == "percent" and quality.at_most is not None:
        return 1 - quality.at_most / 100
    raise _unsupported("a rule", quality)


def _bounds(quality: Quality) -> tuple[int | None, int | None]:
    if quality.must_be is not None:
        return int(quality.must_be), int(quality.must_be)
    if quality.more_than is not None:
        return int(quality.more_than) + 1, None
    if quality.at_least is None and quality.at_most is None:
        raise _unsupported("a row count", quality)
    least, most = quality.at_least, quality.at_most
    return (None if least is None else int(least)), (None if most is None else int(most))


def _span(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"exactly {least:g}" if least == most else f"between {least:g} and {most:g}"
    return f"at least {least:g}" if least is not None else f"at most {most:g}"


def _tolerance(mostly: float) -> str:
    return "" if mostly == 1 else f" in at least {mostly:.1%} of the rows"


def _unsupported(where: str, quality: Quality) -> CopilotError:
    shown = quality.model_dump(by_alias=True, exclude_defaults=True)
    return CopilotError(
        f"A data contract asks of {where} what no expectation is made for: {shown}",
        "data_contracts/suites.py lists the metrics and operators that work.",
    )
