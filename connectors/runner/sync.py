"""One sync: a source's messages become rows, a checkpoint at a time."""

import time
import uuid
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.runner.discovery import discover
from connectors.runner.failures import Refusal
from connectors.runner.process import SourceProcess
from connectors.runner.protocol import (
    CatalogStream,
    ConfiguredStream,
    ResolvedStream,
    offered_streams,
    resolve,
)
from connectors.runner.result import Limits, Progress, SyncResult
from connectors.runner.rotation import KeptConfig
from connectors.runner.session import SyncSession
from connectors.runner.state import StateStore
from connectors.runner.tables import Connection, ensure_schema
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.session_lock import try_lock

_LOCK_SECONDS = 5.0


def run_sync(
    command: Sequence[str],
    config: Mapping[str, Any],
    streams: Sequence[ConfiguredStream],
    warehouse: Warehouse,
    source: str,
    *,
    state_store: StateStore | None = None,
    env: Mapping[str, str] | None = None,
    withheld: Container[str] = (),
    progress: Progress | None = None,
    refusals: Sequence[Refusal] = (),
    refresh: bool = False,
    limits: Limits | None = None,
    run_id: str | None = None,
    home: Path | None = None,
) -> SyncResult:
    """Read the streams of a source into ``raw_<source>``.

    Rows are merged with the state that acknowledges them in one transaction, so that a sync that
    is killed, or whose source fails, can be run again without losing or doubling a row.

    Parameters
    ----------
    command : sequence of str
        Starts the source; ``discover`` and ``read`` are appended.
    config : dict
        The source's configuration; its secrets are masked in logs.
    streams : sequence of ConfiguredStream
        What to read, and how.
    source : str
        Names the schema, and the rows of the ledgers.
    env, withheld
        What the source's environment has more and less than this process's; see `SourceProcess`.
    progress : callable, optional
        Called with a stream's name and how many of its records were read.
    refusals : sequence of Refusal
        What on the source's log ends the sync, though the source itself would go on.
    refresh : bool
        Forget the state, read everything, and replace the rows when all is there.
    home : pathlib.Path, optional
        Where it is kept what the source changes in its configuration, such as a token that
        serves only once.

    Raises
    ------
    CopilotError
        The source failed (in its own words), or its rows do not fit the tables. What it had
        acknowledged is kept.
    """
    limits = limits or Limits()
    kept = KeptConfig(source, config, home / "connectors" if home else None)
    how: dict[str, Any] = {
        "env": env,
        "withheld": withheld,
        "silence_seconds": limits.silence_seconds,
        "on_config": kept.keep,
    }
    catalog = discover(command, kept.current(), source, **how)
    resolved = _resolve(streams, catalog, source)
    schema = ensure_schema(warehouse, source)
    with warehouse.connect(Role.LOADER) as connection:
        _lock(connection, schema)
        _give_memory(connection)
        session = SyncSession(
            connection,
            warehouse,
            schema,
            source,
            resolved,
            state_store or StateStore(warehouse),
            limits,
            progress,
            refusals=refusals,
            refresh=refresh,
            run_id=run_id or uuid.uuid4().hex,
        )
        return session.run(SourceProcess(command, kept.current(), source, **how))


def _resolve(
    streams: Sequence[ConfiguredStream], catalog: Sequence[CatalogStream], source: str
) -> list[ResolvedStream]:
    offered = {stream.name for stream in catalog}
    try:
        return [resolve(stream, catalog) for stream in offered_streams(streams, offered)]
    except ValueError as error:
        raise CopilotError(
            f"The source {source} cannot be read as wanted: {error}.",
            "Does this version of the connector still have that stream?",
        ) from error


def _lock(connection: Connection, schema: str) -> None:
    """Take the schema's lock; a sync that was just killed is given time to let go of it."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while not try_lock(connection, f"copilot-sync:{schema}"):
        connection.commit()
        if time.monotonic() > deadline:
            raise CopilotError(
                f"Another sync is writing into {schema}.",
                "Wait until it has ended, then run again; nothing was changed.",
            )
        time.sleep(0.2)
    connection.commit()


def _give_memory(connection: Connection) -> None:
    """Let a batch be sorted, and its staging table held, in memory."""
    connection.execute("set work_mem = '128MB'")
    connection.execute("set temp_buffers = '64MB'")
    connection.commit()
