"""Which streams a vendor has, and which of them somebody wants read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from warehouse.errors import CopilotError

_SOURCES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Wanted:
    """A stream to read."""

    name: str
    is_incremental: bool
    properties: frozenset[str]


def load_catalog(vendor: str) -> list[dict[str, Any]]:
    """Return the streams of a vendor as the protocol's AirbyteStream objects."""
    content = orjson.loads((_SOURCES / vendor / "catalog.json").read_bytes())
    streams: list[dict[str, Any]] = content["streams"]
    return streams


def wanted_streams(vendor: str, configured: Any) -> list[Wanted]:
    """Check a configured catalogue against a vendor's streams.

    Raises
    ------
    CopilotError
        If it is not a configured catalogue or names a stream that the vendor does not have.
    """
    known = {stream["name"] for stream in load_catalog(vendor)}
    try:
        entries = [
            (one["stream"]["name"], one.get("sync_mode"), one["stream"].get("json_schema") or {})
            for one in configured["streams"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        what = f"The catalogue given with --catalog is not a ConfiguredAirbyteCatalog: {error!r}."
        raise CopilotError(what, "Make one from the output of `discover`.") from error
    unknown = [name for name, _, _ in entries if name not in known]
    if unknown:
        what = f"The synthetic {vendor} has no stream {', '.join(map(str, unknown))}."
        raise CopilotError(what, f"It has {', '.join(sorted(known))}.")
    return [
        Wanted(name, mode == "incremental", frozenset(schema.get("properties", {})))
        for name, mode, schema in entries
    ]
