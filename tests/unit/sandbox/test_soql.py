"""SOQL: what is written is what is read, and what it selects is what it says."""

import datetime as dt
import re
import sqlite3
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.fieldtypes import Field
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.soql.compiler import compile_query
from connectors.sandbox.salesforce.soql.parser import parse
from connectors.sandbox.salesforce.soql.tree import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Negation,
    Ordering,
    Query,
    Selected,
)

TODAY = dt.date(2026, 6, 30)
THING = SObject(
    "Thing",
    "00x",
    {
        spec.name: spec
        for spec in (
            Field("Id", "Id", "id"),
            Field("IsDeleted", "Deleted", "boolean"),
            Field("Name", "Name", "string", length=80),
            Field("Size", "Size", "double", precision=18, scale=2),
            Field("Day", "Day", "date"),
            Field("At", "At", "datetime"),
            Field("Notes", "Notes", "textarea", length=32_000, is_long=True),
        )
    },
)
_KEYWORDS = {"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "LIMIT"}
_KEYWORDS |= {"OFFSET", "ASC", "DESC", "NULLS", "COUNT", "FIELDS", "NULL", "TRUE", "FALSE"}
_KEYWORDS |= {"TODAY", "YESTERDAY", "TOMORROW", "LAST_N_DAYS", "NEXT_N_DAYS", "FIRST", "LAST"}

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True).filter(
    lambda name: name.upper() not in _KEYWORDS
)
plain_text = st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=20)
literals = st.one_of(
    plain_text.map(lambda text: Literal("string", text)),
    st.integers(-(10**9), 10**9).map(lambda number: Literal("number", str(number))),
    st.dates().map(lambda day: Literal("date", day.isoformat())),
    st.datetimes().map(
        lambda moment: Literal("datetime", f"{moment:%H:%M:%S}".join(("2026-01-02T", "Z")))
    ),
    st.sampled_from([Literal("boolean", "true"), Literal("null", "null")]),
    st.integers(0, 999).map(lambda days: Literal("relative", f"LAST_N_DAYS:{days}")),
)
comparisons = st.one_of(
    st.builds(
        lambda name, operator, value: Comparison(name, operator, (value,)),
        names,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        literals,
    ),
    st.builds(
        lambda name, text: Comparison(name, "LIKE", (Literal("string", text),)), names, plain_text
    ),
    st.builds(
        lambda name, operator, values: Comparison(name, operator, tuple(values)),
        names,
        st.sampled_from(["IN", "NOT IN"]),
        st.lists(literals, min_size=1, max_size=4),
    ),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        inner.map(Negation),
        st.builds(
            lambda operator, parts: Junction(operator, tuple(parts)),
            st.sampled_from(["AND", "OR"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=8,
)
queries = st.builds(
    Query,
    object_name=names,
    selected=st.lists(names, min_size=1, max_size=5).map(
        lambda listed: tuple(Selected(name) for name in listed)
    ),
    where=st.none() | conditions,
    order=st.lists(st.builds(Ordering, names, st.booleans(), st.booleans()), max_size=3).map(tuple),
    limit=st.none() | st.integers(0, 5000),
    offset=st.none() | st.integers(0, 2000),
)


def write_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def write_literal(literal: Literal) -> str:
    return write_text(literal.value) if literal.kind == "string" else literal.value


def write_condition(node: Condition) -> str:
    if isinstance(node, Negation):
        return f"NOT ({write_condition(node.part)})"
    if isinstance(node, Junction):
        return f" {node.operator} ".join(f"({write_condition(part)})" for part in node.parts)
    if node.operator in {"IN", "NOT IN"}:
        listed = ", ".join(write_literal(value) for value in node.values)
        return f"{node.field} {node.operator} ({listed})"
    return f"{node.field} {node.operator} {write_literal(node.values[0])}"


def write(query: Query) -> str:
    parts = ["SELECT", ", ".join(item.name for item in query.selected), "FROM", query.object_name]
    if query.where is not None:
        parts += ["WHERE", write_condition(query.where)]
    if query.order:
        ordered = [
            f"{item.field} {'DESC' if item.is_descending else 'ASC'}"
            f" NULLS {'LAST' if item.is_nulls_last else 'FIRST'}"
            for item in query.order
        ]
        parts += ["ORDER BY", ", ".join(ordered)]
    if query.limit is not None:
        parts += ["LIMIT", str(query.limit)]
    if query.offset is not None:
        parts += ["OFFSET", str(query.offset)]
    return " ".join(parts)


@given(queries)
def test_a_written_query_is_read_back_as_the_same_tree(query: Query) -> None:
    assert parse(write(query)) == query


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_in_salesforces_form(text: str) -> None:
    try:
        parse(text)
    except ApiError as error:
        assert (error.status, error.code) == (400, "MALFORMED_QUERY")


@given(st.lists(st.sampled_from([*sorted(_KEYWORDS), "a", "'x'", "1", "(", ")", ",", "="])))
def test_any_order_of_tokens_is_parsed_or_refused_in_salesforces_form(tokens: list[str]) -> None:
    try:
        parse(" ".join(["SELECT", *tokens]))
    except ApiError as error:
        assert error.code == "MALFORMED_QUERY"


def select(rows: list[dict[str, Any]], where: str, *, deleted: bool = False) -> list[str]:
    """Run a condition over rows in SQLite."""
    database = sqlite3.connect(":memory:")
    database.execute(
        'create table "Thing" ("Id" text, "IsDeleted" integer, "Name" text collate nocase,'
        ' "Size" real, "Day" text, "At" text, "Notes" text)'
    )
    for row in rows:
        full = {"IsDeleted": 0, "Name": None, "Size": None, "Day": None, "At": None, **row}
        database.execute(
            'insert into "Thing" values (:Id, :IsDeleted, :Name, :Size, :Day, :At, null)', full
        )
    query = parse(f"SELECT Id FROM Thing WHERE {where}")
    compiled = compile_query(query, THING, include_deleted=deleted, today=TODAY)
    return [row[0] for row in database.execute(compiled.statement, compiled.values)]


@given(st.lists(plain_text, max_size=6), plain_text)
def test_equality_finds_exactly_the_rows_of_that_text(texts: list[str], wanted: str) -> None:
    def folded(text: str) -> str:  # SQLite ignores case in ASCII only
        return "".join(char.lower() if char in string.ascii_uppercase else char for char in text)

    rows: list[dict[str, Any]] = [
        {"Id": str(place), "Name": text} for place, text in enumerate(texts)
    ]
    expected = [row["Id"] for row in rows if folded(row["Name"]) == folded(wanted)]
    if "\0" not in wanted:
        assert select(rows, f"Name = {write_text(wanted)}") == expected


@given(st.text("ab%_\\'", max_size=6), st.lists(st.text("ab%_\\'", max_size=6), max_size=6))
def test_like_with_escaped_wildcards_finds_exactly_that_text(wanted: str, texts: list[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"Id": str(place), "Name": text} for place, text in enumerate(texts)
    ]
    pattern = write_text(wanted)[1:-1].replace("%", "\\%").replace("_", "\\_")
    expected = [row["Id"] for row in rows if row["Name"] == wanted]
    assert select(rows, f"Name LIKE '{pattern}'") == expected


@given(st.lists(st.none() | st.integers(-5, 5), max_size=8), st.integers(-5, 5))
def test_a_condition_and_its_negation_share_out_all_rows(
    sizes: list[int | None], bound: int
) -> None:
    rows: list[dict[str, Any]] = [
        {"Id": str(place), "Size": size} for place, size in enumerate(sizes)
    ]
    for condition in (f"Size > {bound}", f"Size = {bound}", f"Size IN ({bound}, null)"):
        kept = select(rows, condition)
        others = select(rows, f"NOT ({condition})")
        assert sorted(kept + others) == sorted(row["Id"] for row in rows)
        assert not set(kept) & set(others)


def test_not_equal_holds_for_an_empty_field() -> None:
    rows: list[dict[str, Any]] = [
        {"Id": "1", "Name": None},
        {"Id": "2", "Name": "x"},
        {"Id": "3", "Name": "y"},
    ]
    assert select(rows, "Name != 'x'") == ["1", "3"]
    assert select(rows, "Name != null") == ["2", "3"]


def test_deleted_rows_are_seen_by_query_all_alone() -> None:
    rows: list[dict[str, Any]] = [{"Id": "1", "IsDeleted": 1}, {"Id": "2"}]
    assert select(rows, "Id != null") == ["2"]
    assert select(rows, "Id != null", deleted=True) == ["1", "2"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("At >= 2026-06-29T22:00:00-02:00", ["2"]),
        ("At = YESTERDAY", ["1"]),
        ("At > YESTERDAY", ["2"]),
        ("At = LAST_N_DAYS:1", ["1", "2"]),
        ("Day = 2026-06-30", ["2"]),
        ("Day < TODAY", ["1"]),
    ],
)
def test_dates_and_times_compare_in_utc(condition: str, expected: list[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"Id": "1", "At": "2026-06-29T23:59:59.000+0000", "Day": "2026-06-29"},
        {"Id": "2", "At": "2026-06-30T00:00:00.000+0000", "Day": "2026-06-30"},
    ]
    assert select(rows, condition) == expected


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT Nope FROM Thing", "INVALID_FIELD", "No such column 'Nope' on entity 'Thing'"),
        ("SELECT Id, id FROM Thing", "INVALID_FIELD", "duplicate field selected: Id"),
        (
            "SELECT Id FROM Thing WHERE At > '2026'",
            "INVALID_FIELD",
            "must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Thing WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes",
        ),
        ("SELECT Id FROM Thing WHERE Notes = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Thing ORDER BY Notes", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Thing OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset"),
        ("SELECT FIELDS(ALL) FROM Thing", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        (
            "SELECT Id FROM Thing WHERE Size = 1 AND Size = 2 OR Size = 3",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ],
)
def test_a_wrong_query_is_refused_in_salesforces_words(query: str, code: str, message: str) -> None:
    with pytest.raises(ApiError, match=re.escape(message)) as raised:
        compile_query(parse(query), THING, include_deleted=False, today=TODAY)
    assert raised.value.code == code


def test_an_error_names_the_row_and_column() -> None:
    with pytest.raises(ApiError, match="ERROR at Row:2:Column:7"):
        parse("SELECT Id\nFROM  , Thing")
