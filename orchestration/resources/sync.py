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
        full_refresh=run.full_refresh,
        progress=lambda said: run.say(f"sync {source}: {said}"),
    )
    return dict(result.records)


def sync_own_tables(run: CopilotRun) -> dict[str, int]:
    """Make sure that the own tables exist; `copilot load` fills them."""
    ensure_app_tables(run.warehouse)
    return {}
