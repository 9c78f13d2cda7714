"""What is read of each source, beside what its contract asks for."""

import pytest

from connectors.sources.registry import VENDORS
from data_contracts.contract import load_contract


@pytest.mark.parametrize("source", VENDORS)
def test_the_streams_that_may_be_left_out_are_those_whose_tables_may_be_absent(source: str) -> None:
    tables = load_contract(f"raw_{source}").tables
    streams = {stream.name: stream.is_optional for stream in VENDORS[source].streams}
    assert {table.name: table.is_optional for table in tables}.items() <= streams.items()
