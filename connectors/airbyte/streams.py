"""How each stream of a connection is synced: chosen as the runner on one machine chooses."""

from collections.abc import Iterable, Sequence

from connectors.airbyte.session import Document
from connectors.runner import ConfiguredStream, SyncMode, offered_streams

_MODES = {
    SyncMode.FULL_REFRESH_OVERWRITE: "full_refresh_overwrite",
    SyncMode.FULL_REFRESH_APPEND: "full_refresh_append",
    SyncMode.INCREMENTAL_APPEND: "incremental_append",
    SyncMode.INCREMENTAL_APPEND_DEDUP: "incremental_deduped_history",
}


def choose_streams(
    wanted: Sequence[ConfiguredStream], offered: Iterable[Document]
) -> list[Document]:
    """Return the stream configurations of a connection.

    Raises
    ------
    ValueError
        The server's connector has no such stream, or cannot sync it that way.
    """
    by_name = {str(stream.get("streamName")): stream for stream in offered}
    return [_choose(stream, by_name) for stream in offered_streams(wanted, by_name)]


def _choose(wanted: ConfiguredStream, offered: dict[str, Document]) -> Document:
    if wanted.name not in offered:
        raise ValueError(
            f"it has no stream '{wanted.name}'; its streams: {', '.join(sorted(offered)) or 'none'}"
        )
    stream = offered[wanted.name]
    modes = stream.get("syncModes") or []
    key = [[name] for name in wanted.primary_key] or stream.get("sourceDefinedPrimaryKey") or []
    cursor = list(wanted.cursor_field) or stream.get("defaultCursorField") or []
    is_own_cursor = bool(stream.get("sourceDefinedCursorField"))
    mode = _MODES[wanted.mode] if wanted.mode else None
    if mode is None:
        deduplicates = "incremental_deduped_history" in modes and key and (cursor or is_own_cursor)
        mode = "incremental_deduped_history" if deduplicates else "full_refresh_overwrite"
    if mode not in modes:
        raise ValueError(f"it cannot sync the stream '{wanted.name}' as {mode}")
    if mode == "incremental_deduped_history" and not key:
        raise ValueError(f"the stream '{wanted.name}' has no primary key to deduplicate by")
    chosen: Document = {"name": wanted.name, "syncMode": mode}
    if mode.startswith("incremental") and not is_own_cursor:
        chosen["cursorField"] = cursor
    if mode == "incremental_deduped_history" and not stream.get("sourceDefinedPrimaryKey"):
        chosen["primaryKey"] = key
    return chosen


def differing_streams(wanted: Iterable[Document], found: Iterable[Document]) -> list[str]:
    """Return the names of the streams that are absent or synced in another way."""
    by_name = {str(stream["name"]): stream for stream in found}
    return [
        str(stream["name"])
        for stream in wanted
        if any(
            (by_name.get(str(stream["name"])) or {}).get(key) != value
            for key, value in stream.items()
        )
    ]


def merged_streams(wanted: Sequence[Document], found: Iterable[Document]) -> list[Document]:
    """Return the wanted streams, and those that somebody added on the server as they are."""
    names = {stream["name"] for stream in wanted}
    kept = (
        "name", "namespace", "syncMode", "cursorField", "primaryKey", "selectedFields", "mappers",
        "includeFiles", "destinationObjectName",
    )  # fmt: skip
    others = [
        {key: stream[key] for key in kept if stream.get(key)}
        for stream in found
        if stream["name"] not in names
    ]
    return [*wanted, *others]
