"""Values and Ids: stored as Salesforce stores them, refused in its words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.salesforce.errors import ApiError, RowRefusedError
from connectors.sandbox.salesforce.fieldtypes import Field, to_stored
from connectors.sandbox.salesforce.ids import full_id, is_id, make_id

PERCENT = Field("Share", "Share", "percent", precision=5, scale=1)
BAND = Field("Band", "Band", "picklist", values=("good", "bad"), is_restricted=True)
KINDS = {name: Field("Value", "Value", name) for name in ("date", "datetime", "boolean", "email")}


def test_the_checksum_is_salesforces_own() -> None:
    assert full_id("001A0000006Vm9r") == "001A0000006Vm9rIAC"


@given(st.integers(0, 62**9), st.integers(0, 62**9))
def test_ids_are_distinct_and_well_formed(first: int, second: int) -> None:
    ids = make_id("001", first), make_id("001", second)
    assert (ids[0] == ids[1]) == (first == second)
    assert all(is_id(item) and full_id(item[:15]) == item for item in ids)


@pytest.mark.parametrize(
    ("spec", "value", "stored"),
    [
        (PERCENT, 12.25, 12.3),
        (PERCENT, "12.24", 12.2),
        (PERCENT, None, None),
        (BAND, "", None),
        (KINDS["date"], "2026-06-30", "2026-06-30"),
        (KINDS["datetime"], "2026-06-30T12:00:01.9+02:00", "2026-06-30T10:00:01.000+0000"),
        (KINDS["boolean"], None, False),
    ],
)
def test_a_value_is_stored_as_salesforce_stores_it(spec: Field, value: Any, stored: Any) -> None:
    assert to_stored(spec, value) == stored


@pytest.mark.parametrize(
    ("spec", "value", "code"),
    [
        (PERCENT, 10_000, "NUMBER_OUTSIDE_VALID_RANGE"),
        (BAND, "middling", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (KINDS["email"], "not an address", "INVALID_EMAIL_ADDRESS"),
        (Field("Name", "Name", "string", length=3), "four", "STRING_TOO_LONG"),
        (Field("Owner", "Owner", "reference", reference_to="User"), "5", "MALFORMED_ID"),
    ],
)
def test_a_value_that_breaks_a_rule_refuses_its_row(spec: Field, value: Any, code: str) -> None:
    with pytest.raises(RowRefusedError) as raised:
        to_stored(spec, value)
    assert raised.value.errors[0].code == code


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (PERCENT, "many"),
        (PERCENT, True),
        (KINDS["date"], "2026-06-30T00:00:00Z"),
        (KINDS["date"], ""),
        (KINDS["datetime"], "2026-06-30 10:00:00"),
        (KINDS["boolean"], 1),
        (BAND, {"value": "good"}),
    ],
)
def test_a_value_of_a_wrong_kind_refuses_the_request(spec: Field, value: Any) -> None:
    with pytest.raises(ApiError, match="Cannot deserialize instance of") as raised:
        to_stored(spec, value)
    assert raised.value.code == "JSON_PARSER_ERROR"
