"""The Airbyte-protocol runner for one machine."""

from connectors.runner.discovery import discover
from connectors.runner.failures import Refusal
from connectors.runner.protocol import CatalogStream, ConfiguredStream, SyncMode, offered_streams
from connectors.runner.result import Limits, StreamCount, SyncResult
from connectors.runner.state import StateStore
from connectors.runner.sync import run_sync
from connectors.runner.tables import ensure_stream_tables

__all__ = [
    "CatalogStream",
    "ConfiguredStream",
    "Limits",
    "Refusal",
    "StateStore",
    "StreamCount",
    "SyncMode",
    "SyncResult",
    "discover",
    "ensure_stream_tables",
    "offered_streams",
    "run_sync",
]
