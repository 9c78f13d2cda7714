"""How each source is started, configured and read."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sandbox.process import ensure_running
from connectors.sources.app.contract import TABLES
from warehouse.errors import CopilotError
from warehouse.settings import Settings, copilot_home

_MIXPANEL_KEY = ("time", "distinct_id", "event", "insert_id")  # what Mixpanel itself dedups by

STREAMS: Mapping[str, tuple[ConfiguredStream, ...]] = {
    "salesforce": tuple(
        ConfiguredStream(name)
        for name in ("Account", "Contact", "Opportunity", "User", "Task", "Event")
    ),
    "zendesk": tuple(
        ConfiguredStream(name)
        for name in (
            "organizations",
            "users",
            "tickets",
            "ticket_metrics",
            "satisfaction_ratings",
        )
    ),
    "mixpanel": (ConfiguredStream("export", primary_key=_MIXPANEL_KEY), ConfiguredStream("engage")),
    "stripe": tuple(
        ConfiguredStream(name)
        for name in ("customers", "subscriptions", "invoices", "products", "prices")
    ),
}


def stream_names(source: str) -> list[str]:
    """Return the tables of ``raw_<source>``, without starting anything."""
    if source == "app":
        return [table.name for table in TABLES]
    return [stream.name for stream in STREAMS[source]]


@dataclass(frozen=True)
class SourceSpec:
    """A source to run.

    Parameters
    ----------
    command : list of str
        Empty for ``app``: own tables are files, loaded by `connectors.sources.app`.
    config : dict
        The source's configuration.
    streams : list of ConfiguredStream
        What to read of it.
    """

    command: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    streams: list[ConfiguredStream] = field(default_factory=list)


def source_command(source: str, settings: Settings) -> SourceSpec:
    """Return how to run a source under these settings.

    The synthetic company's CRM records live in the CRM stand-in, which is started if need be.

    Raises
    ------
    CopilotError
        The source is unknown, or its real connector is not wired up.
    """
    if source == "app":
        return SourceSpec()
    if source not in STREAMS:
        raise CopilotError(
            f"There is no source '{source}'.", f"Known are: {', '.join([*STREAMS, 'app'])}."
        )
    if not settings.sample_company:
        raise CopilotError(
            f"The connector of {source} is not set up.",
            "Set sample_company: true for the synthetic company, or bring own tables (app).",
        )
    return SourceSpec(
        [sys.executable, "-m", "connectors.sources.sample_company"],
        _sample_config(source, settings),
        list(STREAMS[source]),
    )


def _sample_config(source: str, settings: Settings) -> dict[str, Any]:
    config: dict[str, Any] = {
        "emulate": source,
        **settings.sample.model_dump(),
        "cache_dir": str(copilot_home() / "sample"),
    }
    if source == "salesforce":
        crm = ensure_running(copilot_home())
        config |= {
            "crm_url": crm.url,
            "client_id": crm.client_id,
            "client_secret": crm.client_secret,
        }
    return config
