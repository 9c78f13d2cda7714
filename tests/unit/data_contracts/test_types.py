"""Which types keep a contract."""

import pytest

from data_contracts.types import accepted_types, is_compatible


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("varchar", "character varying"),
        ("varchar", "character varying(255)"),
        ("varchar", "text"),
        ("text", "character varying"),
        ("bigint", "integer"),
        ("numeric", "numeric(38,9)"),
        ("numeric", "bigint"),
        ("numeric(16,2)", "numeric(16,2)"),
        ("timestamptz", "timestamp with time zone"),
        ("timestamptz", "timestamp(3) with time zone"),
        ("timestamp", "timestamp without time zone"),
        ("double precision", "double precision"),
    ],
)
def test_types_that_hold_the_same_values_keep_a_contract(expected: str, found: str) -> None:
    assert is_compatible(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("varchar", "jsonb"),
        ("bigint", "numeric"),
        ("bigint", "character varying"),
        ("numeric", "double precision"),
        ("numeric(16,2)", "numeric"),
        ("numeric(16,2)", "numeric(16,4)"),
        ("timestamptz", "timestamp without time zone"),
        ("timestamptz", "date"),
        ("jsonb", "json"),
        ("boolean", "integer"),
    ],
)
def test_types_that_may_lose_something_break_a_contract(expected: str, found: str) -> None:
    assert not is_compatible(expected, found)


def test_types_are_spelt_as_the_catalogue_does() -> None:
    assert accepted_types("varchar") == (["character varying", "text"], False)
    assert accepted_types("numeric") == (["numeric", "bigint", "integer", "smallint"], False)
    assert accepted_types("numeric(16, 2)") == (["numeric(16,2)"], True)
    assert accepted_types("varchar(80)") == (["character varying(80)"], True)
    assert accepted_types("timestamptz(3)") == (["timestamp(3) with time zone"], True)
