"""What the runner's integration tests share: scripts, and reading tables back."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg import sql

from connectors.runner import ConfiguredStream, Limits, SyncMode, SyncResult, run_sync
from warehouse.database import Warehouse

SCRIPTED = [sys.executable, str(Path(__file__).parent / "sources" / "scripted.py")]
APPEND = SyncMode.INCREMENTAL_APPEND
DEDUP = SyncMode.INCREMENTAL_APPEND_DEDUP
OVERWRITE = SyncMode.FULL_REFRESH_OVERWRITE


def stream(name: str, key: str | None = "id", cursor: str | None = None, **fields: Any) -> dict:
    """Return a catalog's stream; fields map a name to a type or to a whole schema."""
    properties = {
        field: {"type": ["null", kind]} if isinstance(kind, str) else kind
        for field, kind in fields.items()
    }
    return {
        "name": name,
        "json_schema": {"type": "object", "properties": properties},
        "supported_sync_modes": ["full_refresh", "incremental"],
        "default_cursor_field": [cursor] if cursor else [],
        "source_defined_primary_key": [[key]] if key else [],
    }


def write_script(folder: Path, streams: Sequence[dict], steps: Sequence[dict], **more: Any) -> dict:
    """Write a script; return the source's config."""
    path = folder / "script.json"
    path.write_text(json.dumps({"streams": list(streams), "steps": list(steps), **more}))
    return {"script": str(path), "seen": str(folder / "seen.json")}


def play(
    warehouse: Warehouse,
    folder: Path,
    source: str,
    streams: Sequence[dict],
    steps: Sequence[dict],
    mode: SyncMode | None = None,
    *,
    config: dict | None = None,
    rows: int = 1,
    silence: float = 60,
    refresh: bool = False,
    optional: Sequence[str] = (),
    **more: Any,
) -> SyncResult:
    """Run one sync of a scripted source that commits at every state."""
    given = write_script(folder, streams, steps, **more) | (config or {})
    wanted = [
        ConfiguredStream(entry["name"], mode, is_optional=entry["name"] in optional)
        for entry in streams
    ]
    limits = Limits(checkpoint_rows=rows, silence_seconds=silence)
    return run_sync(SCRIPTED, given, wanted, warehouse, source, limits=limits, refresh=refresh)


def table(warehouse: Warehouse, source: str, name: str, columns: str = "*") -> list[tuple]:
    """Return the rows of a raw table, ordered by all their columns."""
    with warehouse.connect() as connection:
        return connection.execute(
            sql.SQL("select {} from {} order by {}").format(
                sql.SQL(columns),
                sql.Identifier(warehouse.schema(f"raw_{source}"), name),
                sql.SQL(", ").join(sql.SQL(str(n + 1)) for n in range(columns.count(",") + 1)),
            )
        ).fetchall()


def ops(warehouse: Warehouse, query: str, *values: Any) -> list[tuple]:
    """Query the ops schema; {} stands for its quoted name."""
    with warehouse.connect() as connection:
        return connection.execute(
            sql.SQL(query).format(sql.Identifier(warehouse.schema("ops"))), values
        ).fetchall()


def record(data: dict, at: int | None = None, name: str = "item") -> dict:
    """Return a script's step that sends a record."""
    return {"record": [name, data] if at is None else [name, data, at]}


def state(n: int, name: str = "item") -> dict:
    """Return a script's step that sends a state."""
    return {"state": [name, {"n": n}]}


def status(name: str, word: str, *reasons: str) -> dict:
    """Return a script's step that tells how a stream is getting on, and why."""
    told: dict = {"stream_descriptor": {"name": name}, "status": word}
    if reasons:
        told["reasons"] = [{"type": reason} for reason in reasons]
    return {"message": {"type": "TRACE", "trace": _trace("STREAM_STATUS", stream_status=told)}}


def error(words: str, kind: str = "system_error", name: str | None = None) -> dict:
    """Return a script's step that reports an error, of one stream if it is named."""
    told: dict = {"message": words, "failure_type": kind}
    if name:
        told["stream_descriptor"] = {"name": name}
    return {"message": {"type": "TRACE", "trace": _trace("ERROR", error=told)}}


def log(words: str, level: str = "INFO") -> dict:
    """Return a script's step that writes on the log."""
    return {"message": {"type": "LOG", "log": {"level": level, "message": words}}}


def _trace(kind: str, **parts: dict) -> dict:
    return {"type": kind, "emitted_at": 1, **parts}
