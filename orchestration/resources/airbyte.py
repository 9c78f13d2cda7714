"""The Airbyte server: what it holds for the copilot, and the syncs that it runs."""

import contextlib
import os
from collections.abc import Iterator

from connectors.airbyte.client import AirbyteClient
from connectors.airbyte.plan import Plan
from connectors.airbyte.reconcile import Reconciler
from connectors.airbyte.session import Session
from connectors.airbyte.sync import sync_on_server
from connectors.sources.registry import VENDORS
from orchestration.resources.run import CopilotRun
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def uses_server(settings: Settings, source: str) -> bool:
    """Return whether a source is read by an Airbyte server; own tables never are."""
    return settings.airbyte.url is not None and source in VENDORS


@contextlib.contextmanager
def airbyte_client(settings: Settings) -> Iterator[AirbyteClient]:
    """Yield the server's client.

    Raises
    ------
    CopilotError
        `copilot.yml` names no server, or its credentials are missing.
    """
    if settings.airbyte.url is None:
        raise CopilotError(
            "copilot.yml names no Airbyte server: the sources are read on this machine.",
            "Set airbyte.url to use one; README.md says how.",
        )
    session = Session(settings.airbyte, os.environ)
    client = AirbyteClient(session, settings.airbyte.workspace_id)
    try:
        yield client
    finally:
        client.close()


def reconcile_server(warehouse: Warehouse, settings: Settings, *, applies: bool) -> Plan:
    """Compare the server with `copilot.yml`, and bring it there if asked to."""
    with airbyte_client(settings) as client:
        return Reconciler(client, warehouse, settings, VENDORS, os.environ, applies).run()


def sync_by_server(run: CopilotRun, source: str) -> dict[str, int]:
    """Let the server read a source; return the rows that came, by stream."""
    with airbyte_client(run.settings) as client:
        counts = sync_on_server(
            client,
            run.warehouse,
            run.settings,
            VENDORS[source],
            run_id=run.run_id,
            say=run.say,
            refresh=run.full_refresh,
        )
    run.say(f"sync {source}: {sum(counts.values()):,} rows written by the Airbyte server")
    return counts
