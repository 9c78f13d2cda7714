"""How streams are synced on an Airbyte server."""

from typing import Any

import pytest

from connectors.airbyte.streams import choose_streams, differing_streams, merged_streams
from connectors.runner import ConfiguredStream, SyncMode

ALL = [
    "full_refresh_append",
    "full_refresh_overwrite",
    "incremental_append",
    "incremental_deduped_history",
]


def offered(**more: Any) -> dict[str, Any]:
    return {
        "streamName": "item",
        "syncModes": ALL,
        "defaultCursorField": ["updated"],
        "sourceDefinedCursorField": True,
        "sourceDefinedPrimaryKey": [["id"]],
        **more,
    }


def choose(stream: ConfiguredStream, **more: Any) -> dict[str, Any]:
    return choose_streams([stream], [offered(**more)])[0]


def test_what_the_source_defines_is_not_sent_again() -> None:
    assert choose(ConfiguredStream("item")) == {
        "name": "item",
        "syncMode": "incremental_deduped_history",
    }


def test_a_cursor_and_a_key_of_ones_own_are_sent() -> None:
    chosen = choose(
        ConfiguredStream("item", cursor_field=("at",), primary_key=("a", "b")),
        sourceDefinedCursorField=False,
        sourceDefinedPrimaryKey=[],
    )
    assert chosen["cursorField"] == ["at"]
    assert chosen["primaryKey"] == [["a"], ["b"]]


def test_the_default_cursor_is_sent_where_the_source_does_not_insist_on_it() -> None:
    assert choose(ConfiguredStream("item"), sourceDefinedCursorField=False)["cursorField"] == [
        "updated"
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"syncModes": ["full_refresh_append", "full_refresh_overwrite"]},
        {"sourceDefinedPrimaryKey": []},
        {"sourceDefinedCursorField": False, "defaultCursorField": []},
    ],
    ids=["no incremental", "no key", "no cursor"],
)
def test_a_stream_that_cannot_be_deduplicated_is_read_whole(more: dict[str, Any]) -> None:
    assert choose(ConfiguredStream("item"), **more)["syncMode"] == "full_refresh_overwrite"


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        (SyncMode.FULL_REFRESH_OVERWRITE, "full_refresh_overwrite"),
        (SyncMode.FULL_REFRESH_APPEND, "full_refresh_append"),
        (SyncMode.INCREMENTAL_APPEND, "incremental_append"),
        (SyncMode.INCREMENTAL_APPEND_DEDUP, "incremental_deduped_history"),
    ],
)
def test_a_mode_that_is_asked_for_is_taken(mode: SyncMode, name: str) -> None:
    assert choose(ConfiguredStream("item", mode))["syncMode"] == name


@pytest.mark.parametrize(
    ("stream", "more", "words"),
    [
        (ConfiguredStream("other"), {}, "no stream 'other'; its streams: item"),
        (
            ConfiguredStream("item", SyncMode.INCREMENTAL_APPEND),
            {"syncModes": ["full_refresh_overwrite"]},
            "cannot sync the stream 'item' as incremental_append",
        ),
        (
            ConfiguredStream("item", SyncMode.INCREMENTAL_APPEND_DEDUP),
            {"sourceDefinedPrimaryKey": []},
            "no primary key",
        ),
    ],
)
def test_what_the_connector_cannot_do_is_said(
    stream: ConfiguredStream, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        choose(stream, **more)


def test_only_what_is_wanted_is_compared() -> None:
    wanted = [{"name": "item", "syncMode": "full_refresh_overwrite"}]
    found = [{"name": "item", "syncMode": "full_refresh_overwrite", "cursorField": ["x"]}]
    assert differing_streams(wanted, found) == []
    assert differing_streams(wanted, [{**found[0], "syncMode": "full_refresh_append"}]) == ["item"]
    assert differing_streams(wanted, []) == ["item"]


def test_streams_of_other_people_are_kept_as_they_are() -> None:
    theirs = {
        "name": "theirs",
        "syncMode": "full_refresh_append",
        "selectedFields": [{"fieldPath": ["id"]}],
        "cursorField": [],
    }
    merged = merged_streams([{"name": "item"}], [{"name": "item", "syncMode": "x"}, theirs])
    assert merged == [
        {"name": "item"},
        {key: value for key, value in theirs.items() if value},
    ]


def test_an_optional_stream_that_is_not_offered_is_left_out() -> None:
    wanted = [ConfiguredStream("item"), ConfiguredStream("history", is_optional=True)]
    assert [one["name"] for one in choose_streams(wanted, [offered()])] == ["item"]
    both = choose_streams(wanted, [offered(), offered(streamName="history")])
    assert [one["name"] for one in both] == ["item", "history"]
