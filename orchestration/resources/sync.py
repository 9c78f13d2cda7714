"""Bring one source's rows into its raw schema, in whichever way `copilot.yml` says."""

import time

from connectors.runner.result import Limits
from connectors.runner.sync import run_sync
from connectors.sources.app.contract import TABLES
from connectors.sources.app.load import count_rows, ensure_app_tables
from connectors.sources.registry import CREDENTIALS, source_command
from orchestration.resources.airbyte import sync_by_server, uses_server
from orchestration.resources.run import CopilotRun
from warehouse.database import Role
from warehouse.errors import CopilotError
from warehouse.settings import copilot_home

_SECONDS_BETWEEN_LINES = 5.0


def read_source(run: CopilotRun, source: str) -> dict[str, int]:
    """Bring a source's rows in: own tables, an Airbyte server, or a connector on this machine.

    Returns
    -------
    dict
        The records landed, by stream.
    """
    if source == "app":
        return sync_own_tables(run)
    reads = sync_by_server if uses_server(run.settings, source) else sync_source
    return reads(run, source)


def sync_source(run: CopilotRun, source: str) -> dict[str, int]:
    """Run the source's connector and return the records landed, by stream."""
    spec = source_command(source, run.settings, lambda words: run.say(f"sync {source}: {words}"))
    run.say(f"sync {source}: reading {len(spec.streams)} streams")
    said = _Throttle(run, source)
    result = run_sync(
        spec.command,
        spec.config,
        spec.streams,
        run.warehouse,
        source,
        withheld=CREDENTIALS,
        refusals=spec.refusals,
        refresh=run.full_refresh,
        progress=said.progress,
        run_id=run.run_id,
        home=copilot_home(),
        limits=Limits(silence_seconds=run.settings.sync.silence_minutes * 60),
    )
    kept = {name: count.kept for name, count in result.streams.items()}
    for name, words in result.left_out.items():
        run.say(f"sync {source}: {name} could not be read: {words.rstrip('.')}; left out")
    run.say(f"sync {source}: {sum(kept.values()):,} rows written")
    return kept


class _Throttle:
    """Show the progress of a long sync every few seconds."""

    def __init__(self, run: CopilotRun, source: str) -> None:
        self._run = run
        self._source = source
        self._shown = time.monotonic()

    def progress(self, stream: str, read: int) -> None:
        if time.monotonic() - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown = time.monotonic()
            self._run.say(f"sync {self._source}: {stream} {read:,} read")


def sync_own_tables(run: CopilotRun) -> dict[str, int]:
    """Make sure that `copilot load` has filled the own tables.

    Raises
    ------
    CopilotError
        Nothing has been loaded yet.
    """
    ensure_app_tables(run.warehouse)
    with run.warehouse.connect(Role.LOADER) as connection:
        rows = {table.name: count_rows(connection, run.warehouse, table.name) for table in TABLES}
    if not rows["account"] or not rows["subscription"]:
        raise CopilotError(
            "copilot.yml lists the source app, and no own tables have been loaded.",
            "Load them with `copilot load DIR`; README.md describes the files.",
        )
    return rows
