"""Raw tables: one asset for each stream that `copilot.yml` brings in."""

import re
from collections.abc import Iterator

import dagster as dg

from connectors.sources.registry import stream_names
from orchestration.resources.run import CopilotRun, readable_failures
from orchestration.resources.sync import read_source
from warehouse.settings import Settings, load_settings, unknown_source

_RETRY = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


def build_sync_asset(source: str, settings: Settings) -> dg.AssetsDefinition:
    """Return the assets of one source; a source is read by one process for all its streams."""
    synthetic = " (synthetic company)" if settings.sample_company and source != "app" else ""
    names = stream_names(source)

    @dg.multi_asset(
        name=f"sync_{source}",
        specs=[
            dg.AssetSpec(
                [f"raw_{source}", name],
                group_name="sync",
                kinds={"airbyte", "postgres"},
                description=f"{name} of {source}{synthetic}, as Airbyte's Postgres destination"
                " lays it out.",
            )
            for name in names
        ],
        retry_policy=_RETRY,
    )
    def sync(run: CopilotRun) -> Iterator[dg.MaterializeResult[None]]:
        with readable_failures():
            records = read_source(run, source)
        for name in names:
            yield dg.MaterializeResult(
                asset_key=[f"raw_{source}", name], metadata={"records": records.get(name, 0)}
            )

    return sync


def unknown_source_key(source: str) -> str:
    """Return the asset that stands for something listed as a source that is none."""
    return f"raw_{re.sub(r'[^A-Za-z0-9_]', '_', source)}/unknown_source"


def build_unknown_source_asset(source: str) -> dg.AssetsDefinition:
    """Return an asset that fails, so that every other source is read and the run says why."""

    @dg.asset(
        key=unknown_source_key(source).split("/"),
        group_name="sync",
        description="copilot.yml lists it as a source; there is no such source.",
    )
    def unknown() -> None:
        with readable_failures():
            raise unknown_source(source)

    return unknown


_settings = load_settings()
sync_assets = [
    *(build_sync_asset(source, _settings) for source in _settings.sources),
    *(build_unknown_source_asset(source) for source in _settings.unknown_sources),
]
