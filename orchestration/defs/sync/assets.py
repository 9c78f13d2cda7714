"""Raw tables: one asset for each stream that `copilot.yml` brings in."""

from collections.abc import Iterator

import dagster as dg
from connectors.sources.registry import SourceSpec, source_spec

from orchestration.resources.run import CopilotRun, readable_failures
from orchestration.resources.sync import sync_own_tables, sync_source
from warehouse.settings import Settings, load_settings

_RETRY = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


def build_sync_asset(source: str, settings: Settings) -> dg.AssetsDefinition:
    """Return the assets of one source; a source is read by one process for all its streams."""
    spec = source_spec(source, settings)

    @dg.multi_asset(
        name=f"sync_{source}",
        specs=[
            dg.AssetSpec(
                [f"raw_{source}", stream.name],
                group_name="sync",
                kinds={"airbyte", "postgres"},
                description=_description(spec, settings),
            )
            for stream in spec.streams
        ],
        retry_policy=_RETRY,
    )
    def sync(run: CopilotRun) -> Iterator[dg.MaterializeResult[None]]:
        with readable_failures():
            records = sync_own_tables(run) if source == "app" else sync_source(run, source)
        for stream in spec.streams:
            yield dg.MaterializeResult(
                asset_key=[f"raw_{source}", stream.name],
                metadata={"records": records.get(stream.name, 0)},
            )

    return sync


def _description(spec: SourceSpec, settings: Settings) -> str:
    synthetic = " (synthetic company)" if settings.sample_company and spec.command else ""
    return f"Rows of {spec.source}{synthetic} as Airbyte's Postgres destination lays them out."


_settings = load_settings()
sync_assets = [build_sync_asset(source, _settings) for source in _settings.sources]
