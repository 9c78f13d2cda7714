"""Values arrive to the last digit, or are nulled with a reason."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.runner_help import (
    APPEND,
    DEDUP,
    OVERWRITE,
    ops,
    play,
    record,
    state,
    stream,
    table,
)
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

DATE_TIME = {"type": "string", "format": "date-time"}
LOCAL = DATE_TIME | {"airbyte_type": "timestamp_without_timezone"}


def test_tables_are_laid_out_as_destination_postgres_does(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    fields = {
        "Id": "string",
        "createdAt": DATE_TIME,
        "local": LOCAL,
        "day": {"type": "string", "format": "date"},
        "clock": {"type": "string", "format": "time"},
        "n": "integer",
        "x": "number",
        "ok": "boolean",
        "obj": "object",
        "arr": "array",
        "either": {"type": ["string", "integer"]},
        "anything": {},
    }
    play(warehouse, tmp_path, "layout", [stream("Opp portunity", "Id", **fields)], [])
    with warehouse.connect() as connection:
        columns = connection.execute(
            "select column_name, data_type, is_nullable from information_schema.columns"
            " where table_schema = %s and table_name = 'Opp portunity' order by ordinal_position",
            (warehouse.schema("raw_layout"),),
        ).fetchall()
    assert columns == [
        ("_airbyte_raw_id", "character varying", "NO"),
        ("_airbyte_extracted_at", "timestamp with time zone", "NO"),
        ("_airbyte_meta", "jsonb", "NO"),
        ("_airbyte_generation_id", "bigint", "NO"),
        ("Id", "character varying", "YES"),
        ("createdAt", "timestamp with time zone", "YES"),
        ("local", "timestamp without time zone", "YES"),
        ("day", "date", "YES"),
        ("clock", "time without time zone", "YES"),
        ("n", "bigint", "YES"),
        ("x", "numeric", "YES"),
        ("ok", "boolean", "YES"),
        ("obj", "jsonb", "YES"),
        ("arr", "jsonb", "YES"),
        ("either", "jsonb", "YES"),
        ("anything", "jsonb", "YES"),
    ]


def test_values_keep_every_digit_and_character(warehouse: Warehouse, tmp_path: Path) -> None:
    shape = stream("item", id="string", n="integer", x="number", at=DATE_TIME, o="object")
    raw = (
        '{"type":"RECORD","record":{"stream":"item","emitted_at":1767225600123,"data":{'
        '"id":"00001","n":9007199254740993,"x":12345678901234567890.123456789012345678,'
        '"at":"2026-03-01T12:00:00.123456+02:00",'
        '"o":{"big":123456789012345678901234567890.10,"s":"a\\tb\\\\n"}}}}'
    )
    others = [
        {"id": "", "n": -(2**63), "x": 0.1, "at": "2026-03-01T12:00:00Z", "o": {}},
        {"id": "tab\tline\nback\\slash \x01 \\N", "n": None, "x": 1e22, "at": None, "o": None},
        {"id": "Zoë 東京 🚀 'quoted\"", "n": "007", "x": "1.50"},
    ]
    play(warehouse, tmp_path, "digits", [shape], [{"raw": raw}, *map(record, others)], OVERWRITE)
    rows = table(warehouse, "digits", "item", 'id collate "C", n, x, at, o')
    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert rows == [
        ("", -(2**63), Decimal("0.1"), noon, {}),
        (
            "00001",
            2**53 + 1,
            Decimal("12345678901234567890.123456789012345678"),
            dt.datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=dt.UTC),
            {"big": 1.2345678901234568e29, "s": "a\tb\\n"},
        ),
        ("Zoë 東京 🚀 'quoted\"", 7, Decimal("1.50"), None, None),
        ("tab\tline\nback\\slash \x01 \\N", None, Decimal(10**22), None, None),
    ]
    big = table(warehouse, "digits", "item", "o ->> 'big', _airbyte_extracted_at")
    at = dt.datetime(2026, 1, 1, 0, 0, 0, 123000, tzinfo=dt.UTC)
    assert ("123456789012345678901234567890.10", at) in big


@pytest.mark.parametrize(
    ("field", "kind", "value", "reason"),
    [
        ("n", "integer", '"twelve"', "TYPECAST_ERROR"),
        ("n", "integer", "1.5", "TYPECAST_ERROR"),
        ("n", "integer", "true", "TYPECAST_ERROR"),
        ("n", "integer", "9223372036854775808", "FIELD_SIZE_LIMITATION"),
        ("x", "number", "NaN", "TYPECAST_ERROR"),
        ("x", "number", "1e200000", "FIELD_SIZE_LIMITATION"),
        ("b", "boolean", '"yes"', "TYPECAST_ERROR"),
        ("d", "date", '"2026-02-30"', "TYPECAST_ERROR"),
        ("d", "date", '"99999-01-01"', "FIELD_SIZE_LIMITATION"),
        ("t", "date-time", '"0000-00-00T00:00:00Z"', "TYPECAST_ERROR"),
        ("t", "date-time", '"2026-01-01T00:00:00+23:59"', "TYPECAST_ERROR"),
        ("t", "date-time", "1767225600", "TYPECAST_ERROR"),
    ],
)
def test_a_value_that_does_not_fit_becomes_null_with_its_reason(
    warehouse: Warehouse, tmp_path: Path, field: str, kind: str, value: str, reason: str
) -> None:
    schema = {"type": "string", "format": kind} if kind.startswith("date") else kind
    raw = '{"type":"RECORD","record":{"stream":"item","data":{"id":"a","%s":%s},"emitted_at":1}}'
    steps = [{"raw": raw % (field, value)}, record({"id": "b"})]
    source = f"misfit_{field}"
    play(warehouse, tmp_path, source, [stream("item", id="string", **{field: schema})], steps)
    rows = table(warehouse, source, "item", f"id, {field}, _airbyte_meta -> 'changes'")
    change = {"field": field, "change": "NULLED", "reason": f"DESTINATION_{reason}"}
    assert rows == [("a", None, [change]), ("b", None, [])]


def test_characters_that_postgres_cannot_hold_are_left_out_and_reported(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    steps = [
        record({"id": "a", "s": "be\x00fore", "o": {"k": "x\x00y", "kept": "\\u0000"}}),
        {
            "raw": '{"type":"RECORD","record":{"stream":"item","emitted_at":1,'
            '"data":{"id":"b","s":"half \\ud83d","o":{"n":NaN}}}}'
        },
    ]
    shape = stream("item", id="string", s="string", o="object")
    play(warehouse, tmp_path, "nul", [shape], steps)
    rows = table(warehouse, "nul", "item", "id, s, o, _airbyte_meta -> 'changes'")
    short = {"change": "TRUNCATED", "reason": "DESTINATION_SERIALIZATION_ERROR"}
    changes = [{"field": field, **short} for field in ("s", "o")]
    assert rows == [
        ("a", "before", {"k": "xy", "kept": "\\u0000"}, changes),
        ("b", "half \ufffd", {"n": None}, changes),
    ]


def test_changes_that_the_source_reports_are_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    given = {"field": "s", "change": "NULLED", "reason": "SOURCE_RETRIEVAL_ERROR"}
    message = {
        "type": "RECORD",
        "record": {
            "stream": "item",
            "data": {"id": "a", "n": "x"},
            "emitted_at": 1,
            "meta": {"changes": [given]},
        },
    }
    shape = stream("item", id="string", s="string", n="integer")
    play(warehouse, tmp_path, "reported", [shape], [{"message": message}])
    ((changes,),) = table(warehouse, "reported", "item", "_airbyte_meta -> 'changes'")
    assert changes[0] == given
    assert changes[1]["field"] == "n"


def test_a_new_column_is_added_and_a_lost_one_stays(warehouse: Warehouse, tmp_path: Path) -> None:
    first = stream("item", id="string", old="string")
    second = stream("item", id="string", new="integer")
    play(warehouse, tmp_path, "grows", [first], [record({"id": "a", "old": "x"}), state(1)], DEDUP)
    play(warehouse, tmp_path, "grows", [second], [record({"id": "b", "new": 5}), state(2)], DEDUP)
    rows = table(warehouse, "grows", "item", "id, old, new")
    assert rows == [("a", "x", None), ("b", None, 5)]


def test_a_changed_type_fails_clearly_and_a_refresh_mends_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first, second = (stream("item", id="string", v=kind) for kind in ("integer", "string"))
    play(warehouse, tmp_path, "turns", [first], [record({"id": "a", "v": 1}), state(1)], DEDUP)
    with pytest.raises(CopilotError, match=r"column v of \S+item is bigint.*turns now.*varchar"):
        play(warehouse, tmp_path, "turns", [second], [record({"id": "b", "v": "x"})], DEDUP)
    assert table(warehouse, "turns", "item", "id, v") == [("a", 1)]
    steps = [record({"id": "b", "v": "x"}), state(1)]
    play(warehouse, tmp_path, "turns", [second], steps, DEDUP, refresh=True)
    assert table(warehouse, "turns", "item", "id, v") == [("b", "x")]


def test_a_changed_type_replaces_the_column_where_all_rows_are_replaced(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first, second = (stream("item", id="string", v=kind) for kind in ("integer", "string"))
    play(warehouse, tmp_path, "whole", [first], [record({"id": "a", "v": 1})], OVERWRITE)
    raw = warehouse.schema("raw_whole")
    with warehouse.connect() as connection:  # as dbt's staging models stand on the table
        connection.execute(f"create schema {raw}_views")
        connection.execute(f"create view {raw}_views.item as select id, v from {raw}.item")
        connection.execute(f"create view {raw}_views.id as select id from {raw}.item")
    steps = [record({"id": "b", "v": "x"})]
    with pytest.raises(CopilotError):
        play(warehouse, tmp_path, "whole", [second], [*steps, {"exit": 1}], OVERWRITE)
    assert table(warehouse, "whole", "item", "id, v") == [("a", 1)]
    play(warehouse, tmp_path, "whole", [second], steps, OVERWRITE)
    assert table(warehouse, "whole", "item", "id, v") == [("b", "x")]
    with warehouse.connect() as connection:
        views = "select table_name from information_schema.views where table_schema = %s"
        assert connection.execute(views, (f"{raw}_views",)).fetchall() == [("id",)]
        reader = f"{warehouse.schema_prefix}copilot_transformer"
        may = "select has_column_privilege(%s, %s, 'v', 'select')"
        assert connection.execute(may, (reader, f"{raw}.item")).fetchone() == (True,)


def test_a_row_without_its_key_or_that_is_no_object_is_rejected_once(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    no_object = {"type": "RECORD", "record": {"stream": "item", "data": [1], "emitted_at": 1}}
    steps = [record({"s": "lost"}), {"message": no_object}, record({"id": "a", "s": "x"}), state(1)]
    for _ in range(2):
        result = play(
            warehouse, tmp_path, "keyless", [stream("item", id="string", s="string")], steps, DEDUP
        )
        assert result.streams["item"].rejected == 2
    assert table(warehouse, "keyless", "item", "id") == [("a",)]
    rejected = ops(
        warehouse,
        "select reason, row from {}.rejected_row where source = %s order by 1",
        "keyless",
    )
    assert rejected == [
        ("Its primary key (id) is empty.", {"s": "lost"}),
        ("The record is no JSON object.", [1]),
    ]


def test_rows_whose_key_does_not_fit_its_column_are_rejected_and_never_become_one(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    shape = stream("item", id="integer", at=DATE_TIME, v="string")
    shape["source_defined_primary_key"] = [["id"], ["at"]]
    noon, offset = "2026-01-01T12:00:00Z", "2026-01-01T00:00:00+23:59"  # which Postgres refuses
    given = [("abc", noon), ("def", noon), (1, offset), (2, offset), (3, noon)]
    steps = [record({"id": key, "at": at, "v": "x\ty"}) for key, at in given]
    result = play(warehouse, tmp_path, "unfit", [shape], [*steps, state(1)], DEDUP)
    assert table(warehouse, "unfit", "item", "id, v") == [(3, "x\ty")]
    counts = result.streams["item"]
    assert (counts.read, counts.kept, counts.rejected) == (5, 1, 4)
    query = "select reason, row ->> 'id' from {}.rejected_row where source = 'unfit' order by 1, 2"
    words = "Its primary key ({}) does not fit the column's type, {}."
    wrong_time, wrong_id = words.format("at", "timestamptz"), words.format("id", "bigint")
    expected = [(wrong_time, "1"), (wrong_time, "2"), (wrong_id, "abc"), (wrong_id, "def")]
    assert ops(warehouse, query) == expected


def test_a_long_field_name_gets_a_column_of_its_own(warehouse: Warehouse, tmp_path: Path) -> None:
    long = "property_" * 9
    shape = stream("item", id="string", **{long + "a": "string", long + "b": "string"})
    steps = [record({"id": "1", long + "a": "x", long + "b": "y"})]
    play(warehouse, tmp_path, "longname", [shape], steps, APPEND)
    (row,) = table(warehouse, "longname", "item")
    assert row[-2:] == ("x", "y")
