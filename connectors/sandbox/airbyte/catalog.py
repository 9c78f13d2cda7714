"""What a source offers, and which choices of streams the server takes.

The rules are those of the server: a cursor or a key that the source defines may be left out or
repeated, never changed; a mode has to be one that the source can do.
"""

from typing import Any

from connectors.sandbox.airbyte.api import PUBLIC, AirbyteServer, Call, route
from connectors.sandbox.airbyte.problems import ProblemError
from connectors.sandbox.airbyte.store import Document

_FULL = ("full_refresh_append", "full_refresh_overwrite")
_INCREMENTAL = ("incremental_append", "incremental_deduped_history")


def discover(
    server: AirbyteServer, source_id: str, *, ignore_cache: bool = False
) -> list[Document]:
    """Return the streams of a source; 500 where the vendor would refuse its configuration.

    As on a real server, the connector is asked once for each configuration of a source; what it
    answered then is repeated until somebody asks past the cache.
    """
    source = server.need("source", source_id)
    known = server.store.get("discovery", source_id)
    if known is not None and known["configuration"] == source["configuration"] and not ignore_cache:
        return list(known["streams"])
    refusal = refused(server, source)
    if refusal:
        raise ProblemError(500, f"Something went wrong in the connector. logs:{refusal}")
    streams = list(server.need("source_type", source["sourceType"])["streams"])
    found = {"configuration": source["configuration"], "streams": streams}
    server.store.add("discovery", source_id, found)
    return streams


def refused(server: AirbyteServer, source: Document) -> str:
    """Return the vendor's words if it does not accept the configuration, else an empty text."""
    kind = server.need("source_type", source["sourceType"])
    for key, value in kind.get("accepts", {}).items():
        if source["configuration"].get(key) != value:
            return str(kind.get("refusal", "Invalid credentials"))
    return ""


def modes(stream: Document) -> list[str]:
    """Return the modes in which a stream can be synced into Postgres."""
    supported = stream.get("supported_sync_modes") or ["full_refresh"]
    return [
        *(_FULL if "full_refresh" in supported else ()),
        *(_INCREMENTAL if "incremental" in supported else ()),
    ]


def fields(stream: Document) -> list[list[str]]:
    """Return the top-level fields of a stream, as paths."""
    return [[name] for name in stream.get("json_schema", {}).get("properties", {})]


def _streams(call: Call) -> Any:
    source_id = call.query.get("sourceId", "")
    ignore_cache = call.query.get("ignoreCache") == "true"
    return [
        {
            "streamName": stream["name"],
            "syncModes": modes(stream) if call.query.get("destinationId") else None,
            "defaultCursorField": stream.get("default_cursor_field") or [],
            "sourceDefinedCursorField": bool(stream.get("source_defined_cursor")),
            "sourceDefinedPrimaryKey": stream.get("source_defined_primary_key") or [],
            "propertyFields": fields(stream),
        }
        for stream in discover(call.server, source_id, ignore_cache=ignore_cache)
    ]


def configured(server: AirbyteServer, source_id: str, wanted: list[Document]) -> list[Document]:
    """Return the streams of a connection as the server keeps them.

    Raises
    ------
    ProblemError
        A stream or field does not exist, or a choice is not allowed.
    """
    offered = {stream["name"]: stream for stream in discover(server, source_id)}
    return [_configured(offered, choice) for choice in wanted]


def _configured(offered: dict[str, Document], choice: Document) -> Document:
    name = choice.get("name")
    if name not in offered:
        raise ProblemError(400, f"Invalid stream found: {name}. The valid ones: {sorted(offered)}.")
    stream = offered[name]
    mode = choice.get("syncMode") or "full_refresh_overwrite"
    if mode not in modes(stream):
        raise ProblemError(
            400, f"Cannot set sync mode to {mode} for stream {name}. Valid ones: {modes(stream)}"
        )
    incremental = mode.startswith("incremental")
    return {
        "name": name,
        "namespace": None,
        "syncMode": mode,
        "cursorField": _cursor(stream, choice) if incremental else [],
        "primaryKey": _key(stream, choice, mode),
        "selectedFields": choice.get("selectedFields") or [],
        "mappers": choice.get("mappers") or [],
    }


def _cursor(stream: Document, choice: Document) -> list[str]:
    default, given = stream.get("default_cursor_field") or [], choice.get("cursorField") or []
    if stream.get("source_defined_cursor"):
        if given and given != default:
            raise ProblemError(
                400,
                f"Cursor Field {given} is already defined by source for stream: {stream['name']}."
                " Do not include a cursor field configuration for this stream.",
            )
        return default
    if given and given not in fields(stream):
        raise ProblemError(400, f"Invalid cursor field for stream: {stream['name']}.")
    if not given and not default:
        raise ProblemError(400, f"No default cursor field for stream: {stream['name']}.")
    return given or default


def _key(stream: Document, choice: Document, mode: str) -> list[list[str]]:
    defined, given = stream.get("source_defined_primary_key") or [], choice.get("primaryKey") or []
    if mode != "incremental_deduped_history":
        return defined or given
    if defined and given and defined != given:
        raise ProblemError(400, f"Primary key for stream: {stream['name']} is already pre-defined.")
    if any(path not in fields(stream) for path in given):
        raise ProblemError(400, f"Invalid primary key for stream: {stream['name']}.")
    if not defined and not given:
        raise ProblemError(400, f"No default primary key for stream: {stream['name']}.")
    return defined or given


ROUTES = [route(f"{PUBLIC}/streams", "GET", _streams)]
