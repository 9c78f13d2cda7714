"""Types of columns and texts of values, without a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.runner.protocol import NotANumber, parse_line
from connectors.runner.tables import data_columns, shortened
from connectors.runner.types import Nulled, Reason, Shortened, converter, postgres_type

NULLABLE = ["null", "string"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "varchar"),
        ({"type": NULLABLE}, "varchar"),
        ({"type": NULLABLE, "format": "date"}, "date"),
        ({"type": NULLABLE, "format": "date-time"}, "timestamptz"),
        (
            {
                "type": "string",
                "format": "date-time",
                "airbyte_type": "timestamp_without_timezone",
            },
            "timestamp",
        ),
        ({"type": "string", "format": "time"}, "time"),
        ({"type": "string", "format": "uuid"}, "varchar"),
        ({"type": "integer"}, "bigint"),
        ({"type": "number"}, "numeric"),
        ({"type": "number", "airbyte_type": "integer"}, "bigint"),
        ({"type": ["boolean", "null"]}, "boolean"),
        ({"type": "object"}, "jsonb"),
        ({"type": "array", "items": {"type": "string"}}, "jsonb"),
        ({"type": ["string", "integer"]}, "jsonb"),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, "bigint"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "jsonb"),
        ({}, "jsonb"),
        (True, "jsonb"),
    ],
)
def test_the_type_of_a_column_follows_the_schema(schema: object, expected: str) -> None:
    assert postgres_type(schema) == expected


def test_numbers_are_parsed_to_the_last_digit() -> None:
    line = (
        b"[9007199254740993, 0.12345678901234567890, 1e400, 1E-400, 12345678901234567890123, 1.5]"
    )
    parsed = parse_line(line)
    assert parsed == [
        2**53 + 1,
        Decimal("0.12345678901234567890"),
        Decimal("1e400"),
        Decimal("1e-400"),
        Decimal(12345678901234567890123),
        1.5,
    ]


@given(
    st.one_of(
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
            lambda d: -16000 < d.adjusted() < 100_000 and -d.as_tuple().exponent < 16_000
        ),
    )
)
def test_any_number_survives_parsing_and_writing(number: int | Decimal) -> None:
    (value,) = parse_line(f"[{number}]".encode())
    text = converter("numeric")(value)
    assert isinstance(text, str)
    assert Decimal(text) == Decimal(number)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_survives_escaping(text: str) -> None:
    escaped = converter("varchar")(text)
    assert isinstance(escaped, str)
    assert not {"\t", "\n", "\r", "\x01"} & set(escaped)
    undone = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "x": "\x01"}
    plain, position = "", 0
    while position < len(escaped):
        if escaped[position] == "\\":
            mark = escaped[position + 1]
            plain += undone[mark]
            position += 4 if mark == "x" else 2
        else:
            plain += escaped[position]
            position += 1
    assert plain == text


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("varchar", 5, "5"),
        ("varchar", True, "true"),
        ("varchar", {"a": 1}, '{"a":1}'),
        ("varchar", "a\x00b", Shortened("ab")),
        ("bigint", 5.0, "5"),
        ("bigint", "0012", "12"),
        ("bigint", 2**63, Nulled(Reason.SIZE)),
        ("bigint", Decimal("1e400"), Nulled(Reason.SIZE)),
        ("bigint", "1.5", Nulled(Reason.TYPECAST)),
        ("numeric", NotANumber(), Nulled(Reason.TYPECAST)),
        ("numeric", True, Nulled(Reason.TYPECAST)),
        ("numeric", "1e999999", Nulled(Reason.SIZE)),
        ("boolean", "true", Nulled(Reason.TYPECAST)),
        ("boolean", 0, Nulled(Reason.TYPECAST)),
        ("date", "2026-02-29", Nulled(Reason.TYPECAST)),
        ("date", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z"),
        ("date", "12026-02-28", Nulled(Reason.SIZE)),
        ("timestamptz", "2026-02-28", "2026-02-28"),
        ("timestamptz", "2026-02-28T10:00:00.000+0000", "2026-02-28T10:00:00.000+0000"),
        ("timestamptz", "yesterday", Nulled(Reason.TYPECAST)),
        ("time", "25:00", Nulled(Reason.TYPECAST)),
        ("timetz", "10:00", "10:00Z"),
        ("jsonb", "a\\b", '"a\\\\\\\\b"'),
    ],
)
def test_a_value_becomes_text_or_says_why_not(kind: str, value: object, expected: object) -> None:
    assert converter(kind)(value) == expected


def test_the_runner_s_own_columns_are_not_taken_from_the_source() -> None:
    schema = {"properties": {"_airbyte_raw_id": {"type": "string"}, "Id": {"type": "string"}}}
    assert [column.name for column in data_columns(schema)] == ["Id"]


def test_names_too_long_for_postgres_stay_different() -> None:
    one, other = shortened("é" * 40 + "a"), shortened("é" * 40 + "b")
    assert one != other
    assert max(len(one.encode()), len(other.encode())) <= 63
