"""A query tree to SQLite, checked against the object's fields."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.fieldtypes import (
    NUMBER_TYPES,
    Field,
    format_datetime,
    parse_datetime,
)
from connectors.sandbox.salesforce.ids import full_id, is_id
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.soql.lexer import LITERAL_WILDCARDS, explain
from connectors.sandbox.salesforce.soql.tree import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Negation,
    Query,
)
from connectors.sandbox.salesforce.store import quoted

_MOST_OFFSET = 2000
_KINDS = {"date": "date", "datetime": "dateTime", "boolean": "boolean", "int": "int"}


@dataclass(frozen=True)
class Compiled:
    """SQL that yields Ids in order (or a count), and the fields to show."""

    statement: str
    values: tuple[Any, ...]
    fields: list[str]


def compile_query(
    query: Query, sobject: SObject, *, include_deleted: bool, today: dt.date
) -> Compiled:
    """Check a query against its object and translate it.

    Parameters
    ----------
    query : Query
        Parsed query.
    sobject : SObject
        The object, with the fields that the user may see.
    include_deleted : bool
        True for ``queryAll``.
    today : date
        What relative dates count from.

    Raises
    ------
    ApiError
        ``INVALID_FIELD`` and the like, in Salesforce's words.
    """
    compiler = _Compiler(query, sobject, today)
    fields = compiler.selected_fields()
    conditions = [] if include_deleted else ['not "IsDeleted"']
    if query.where is not None:
        conditions.append(compiler.condition(query.where))
    where = f" where {' and '.join(conditions)}" if conditions else ""
    target = "count(*)" if query.is_count else '"Id"'
    order = "" if query.is_count else f" order by {compiler.ordering()}"
    statement = f"select {target} from {quoted(sobject.name)}{where}{order}"  # noqa: S608
    return Compiled(
        statement + compiler.bounds(), tuple(compiler.values), [spec.name for spec in fields]
    )


class _Compiler:
    def __init__(self, query: Query, sobject: SObject, today: dt.date) -> None:
        self.query = query
        self.sobject = sobject
        self.today = today
        self.values: list[Any] = []

    # -- fields ------------------------------------------------------------------------------

    def refuse(self, position: int, message: str, code: str = "INVALID_FIELD") -> ApiError:
        return ApiError(400, code, explain(self.query.text, position, message))

    def field(self, name: str, position: int) -> Field:
        own = name.split(".", 1)
        if len(own) == 2 and own[0].lower() == self.sobject.name.lower():
            name = own[1]
        if "." in name:
            raise self.refuse(
                position,
                f"Didn't understand relationship '{name.split('.')[0]}' in field path. If you are"
                " attempting to use a custom relationship, be sure to append the '__r' after the"
                " custom relationship name. Please reference your WSDL or the describe call for"
                " the appropriate names.",
            )
        spec = self.sobject.find(name)
        if spec is None:
            raise self.refuse(
                position,
                f"No such column '{name}' on entity '{self.sobject.name}'. If you are attempting"
                " to use a custom field, be sure to append the '__c' after the custom field name."
                " Please reference your WSDL or the describe call for the appropriate names.",
            )
        return spec

    def selected_fields(self) -> list[Field]:
        chosen: dict[str, Field] = {}
        for item in self.query.selected:
            if item.is_group:
                self.check_group(item.name)
                chosen |= {
                    spec.name: spec
                    for spec in self.sobject.fields.values()
                    if item.name == "ALL" or spec.is_custom == (item.name == "CUSTOM")
                }
                continue
            spec = self.field(item.name, item.position)
            if spec.name in chosen:
                raise ApiError(400, "INVALID_FIELD", f"duplicate field selected: {spec.name}")
            chosen[spec.name] = spec
        return list(chosen.values())

    def check_group(self, group: str) -> None:
        if group != "STANDARD" and (self.query.limit is None or self.query.limit > 200):
            raise ApiError(
                400,
                "MALFORMED_QUERY",
                "The SOQL FIELDS function must have a LIMIT of at most 200",
            )

    # -- conditions --------------------------------------------------------------------------

    def condition(self, node: Condition) -> str:
        if isinstance(node, Negation):
            return f"not ({self.condition(node.part)})"
        if isinstance(node, Junction):
            joint = f" {node.operator.lower()} "
            return "(" + joint.join(self.condition(part) for part in node.parts) + ")"
        return self.comparison(node)

    def comparison(self, node: Comparison) -> str:
        spec = self.field(node.field, node.position)
        if not spec.is_filterable:
            raise self.refuse(
                node.position, f"field '{spec.name}' can not be filtered in a query call"
            )
        column = quoted(spec.name)
        if node.operator in {"IN", "NOT IN"}:
            return self.membership(spec, node, column)
        literal = node.values[0]
        if node.operator == "LIKE":
            return self.likeness(spec, node, column)
        if literal.kind == "null":
            return self.nullness(node, column)
        if literal.kind == "relative" or (spec.type == "datetime" and literal.kind == "date"):
            return self.day_range(spec, node, column)
        self.values.append(self.bound(spec, literal, node))
        operator = {"!=": "is not", "=": "is"}.get(node.operator, node.operator)
        return f"coalesce({column} {operator} ?, 0)"

    def nullness(self, node: Comparison, column: str) -> str:
        if node.operator not in {"=", "!="}:
            raise self.refuse(
                node.position,
                f"invalid operator on null: {node.operator}",
                "INVALID_QUERY_FILTER_OPERATOR",
            )
        return f"({column} is {'not ' if node.operator == '!=' else ''}null)"

    def membership(self, spec: Field, node: Comparison, column: str) -> str:
        plain = [value for value in node.values if value.kind != "null"]
        bound = [self.bound(spec, value, node) for value in plain]
        parts = []
        if bound:
            self.values.extend(bound)
            parts.append(f"coalesce({column} in ({', '.join('?' * len(bound))}), 0)")
        if len(plain) < len(node.values):
            parts.append(f"({column} is null)")
        joined = "(" + " or ".join(parts) + ")"
        return f"(not {joined})" if node.operator == "NOT IN" else joined

    def likeness(self, spec: Field, node: Comparison, column: str) -> str:
        if spec.column_type != "TEXT" or spec.type in {"date", "datetime"}:
            raise self.refuse(
                node.position,
                f"invalid operator on field '{spec.name}': like",
                "INVALID_QUERY_FILTER_OPERATOR",
            )
        pattern = node.values[0].value.replace("\\", "\\\\")
        for stand_in, wildcard in LITERAL_WILDCARDS.items():
            pattern = pattern.replace(stand_in, f"\\{wildcard}")
        self.values.append(pattern)
        return f"coalesce({column} like ? escape '\\', 0)"

    def day_range(self, spec: Field, node: Comparison, column: str) -> str:
        if spec.type not in {"date", "datetime"}:
            raise self.wrong_kind(spec, node)
        first, last = self.days(node.values[0])
        end = last + dt.timedelta(days=1)
        low, high = self.edge(spec, first), self.edge(spec, end)
        inside = f"({column} >= ? and {column} < ?)"
        pattern, bounds = {
            "=": (inside, (low, high)),
            "!=": (f"(not coalesce({inside}, 0))", (low, high)),
            "<": (f"({column} < ?)", (low,)),
            "<=": (f"({column} < ?)", (high,)),
            ">": (f"({column} >= ?)", (high,)),
            ">=": (f"({column} >= ?)", (low,)),
        }[node.operator]
        self.values.extend(bounds)
        return f"coalesce({pattern}, 0)"

    @staticmethod
    def edge(spec: Field, day: dt.date) -> str:
        if spec.type == "date":
            return day.isoformat()
        return format_datetime(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC))

    def days(self, literal: Literal) -> tuple[dt.date, dt.date]:
        if literal.kind == "date":
            day = dt.date.fromisoformat(literal.value)
            return day, day
        word, _, number = literal.value.partition(":")
        one = dt.timedelta(days=1)
        if word == "LAST_N_DAYS":
            return self.today - int(number) * one, self.today
        if word == "NEXT_N_DAYS":
            return self.today + one, self.today + int(number) * one
        day = self.today + {"YESTERDAY": -one, "TODAY": 0 * one, "TOMORROW": one}[word]
        return day, day

    def wrong_kind(self, spec: Field, node: Comparison) -> ApiError:
        if spec.type in NUMBER_TYPES or spec.type in _KINDS:
            kind = _KINDS.get(spec.type, spec.type)
            quotes = "and should not be enclosed in quotes"
        else:
            kind, quotes = "string", "and should be enclosed in quotes"
        return self.refuse(
            node.position,
            f"value of filter criterion for field '{spec.name}' must be of type {kind} {quotes}",
        )

    def bound(self, spec: Field, literal: Literal, node: Comparison) -> Any:
        try:
            value = _bound(spec, literal)
        except ValueError as error:
            raise self.wrong_kind(spec, node) from error
        if spec.type in {"id", "reference"} and not (value and is_id(value)):
            raise self.refuse(
                node.position, f"invalid ID field: {literal.value}", "INVALID_QUERY_FILTER_OPERATOR"
            )
        return full_id(value) if spec.type in {"id", "reference"} else value

    # -- the rest ----------------------------------------------------------------------------

    def ordering(self) -> str:
        parts = []
        for item in self.query.order:
            spec = self.field(item.field, item.position)
            if not spec.is_filterable:
                raise self.refuse(
                    item.position, f"field '{spec.name}' can not be sorted in a query call"
                )
            direction = "desc" if item.is_descending else "asc"
            nulls = "last" if item.is_nulls_last else "first"
            parts.append(f"{quoted(spec.name)} {direction} nulls {nulls}")
        return ", ".join([*parts, '"Id"'])

    def bounds(self) -> str:
        if self.query.offset is not None and self.query.offset > _MOST_OFFSET:
            raise ApiError(
                400,
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"Maximum SOQL offset allowed is {_MOST_OFFSET}",
            )
        if self.query.is_count or (self.query.limit is None and self.query.offset is None):
            return ""
        limit = -1 if self.query.limit is None else self.query.limit
        return f" limit {limit} offset {self.query.offset or 0}"


def _bound(spec: Field, literal: Literal) -> Any:
    """Return a literal as stored; ValueError if the field is of another kind."""
    if spec.type in NUMBER_TYPES:
        if literal.kind != "number":
            raise ValueError(literal.value)
        return float(literal.value)
    if spec.type in {"boolean", "date", "datetime"}:
        if literal.kind != spec.type:
            raise ValueError(literal.value)
        if spec.type == "datetime":
            return format_datetime(parse_datetime(literal.value))
        if spec.type == "date":
            return dt.date.fromisoformat(literal.value).isoformat()
        return int(literal.value == "true")
    if literal.kind != "string":
        raise ValueError(literal.value)
    return literal.value.translate({ord(key): value for key, value in LITERAL_WILDCARDS.items()})
