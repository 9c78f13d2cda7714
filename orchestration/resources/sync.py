"""Bring one source's rows into its raw schema."""

import os

from connectors.runner.sync import run_sync
from connectors.sources.app.load import ensure_app_tables
from connectors.sources.registry import source_spec

from orchestration.resources.crm import salesforce_environment
from orchestration.resources.run import CopilotRun


def sync_source(run: CopilotRun, source: str) -> dict[str, int]:
    """Run the source's connector and return the records landed, by stream."""
    spec = source_spec(source, run.settings)
    environment = dict(os.environ)
    if run.settings.sample_company and source == "salesforce":
        environment |= salesforce_environment(run.settings)
    run.say(f"sync {source}: reading {len(spec.streams)} streams")
    result = run_sync(
        spec.command,
        spec.config,
        spec.streams,
        run.warehouse,
        source,
        env=environment,
        refresh=run.full_refresh,
        progress=lambda stream, read: run.say(f"sync {source}: {stream} {read:,} read"),
        run_id=run.run_id,
    )
    kept = {name: count.kept for name, count in result.streams.items()}
    run.say(f"sync {source}: {sum(kept.values()):,} rows written")
    return kept


def sync_own_tables(run: CopilotRun) -> dict[str, int]:
    """Make sure that the own tables exist; `copilot load` fills them."""
    ensure_app_tables(run.warehouse)
    return {}
