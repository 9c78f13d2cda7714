"""How each source is started, configured and read."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.runner import ConfiguredStream, Refusal
from connectors.sandbox.process import ensure_running
from connectors.sources.amplitude import SOURCE as AMPLITUDE
from connectors.sources.app.contract import TABLES
from connectors.sources.freshdesk import SOURCE as FRESHDESK
from connectors.sources.google_analytics import SOURCE as GOOGLE_ANALYTICS
from connectors.sources.hubspot import SOURCE as HUBSPOT
from connectors.sources.install import ensure_connector
from connectors.sources.intercom import SOURCE as INTERCOM
from connectors.sources.mixpanel import SOURCE as MIXPANEL
from connectors.sources.pipedrive import SOURCE as PIPEDRIVE
from connectors.sources.salesforce import SOURCE as SALESFORCE
from connectors.sources.source import VendorSource
from connectors.sources.stripe import SOURCE as STRIPE
from connectors.sources.zendesk import SOURCE as ZENDESK
from warehouse.settings import CRMS, Settings, copilot_home, unknown_source

VENDORS: Mapping[str, VendorSource] = {
    vendor.name: vendor
    for vendor in (
        SALESFORCE,
        HUBSPOT,
        PIPEDRIVE,
        ZENDESK,
        INTERCOM,
        FRESHDESK,
        MIXPANEL,
        AMPLITUDE,
        GOOGLE_ANALYTICS,
        STRIPE,
    )
}

CREDENTIALS = frozenset(
    name for vendor in VENDORS.values() for names in vendor.credentials for name in names
)


# What the synthetic company's source needs to reach the stand-in that holds its CRM records.
_CRM_CREDENTIALS = {
    "salesforce": ("client_id", "client_secret"),
    "hubspot": ("access_token",),
    "pipedrive": ("api_token",),
}


def stream_names(source: str) -> list[str]:
    """Return the tables of ``raw_<source>``, without starting anything."""
    if source == "app":
        return [table.name for table in TABLES]
    return [stream.name for stream in VENDORS[source].streams]


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
    refusals : tuple of Refusal
        What on its log ends the sync.
    """

    command: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    streams: list[ConfiguredStream] = field(default_factory=list)
    refusals: tuple[Refusal, ...] = ()


def source_command(
    source: str, settings: Settings, say: Callable[[str], None] | None = None
) -> SourceSpec:
    """Return how to run a source under these settings.

    The synthetic company's CRM records live in the CRM stand-in, which is started if need be. A
    vendor's connector is installed if it is not there yet.

    Parameters
    ----------
    source : str
        As `copilot.yml` lists it.
    settings : Settings
        They say whether the synthetic company stands behind it, and how a vendor is reached.
    say : callable, optional
        Told what takes a while.

    Raises
    ------
    CopilotError
        The source is unknown, a setting or credential of it is missing, or its connector cannot
        be installed.
    """
    if source == "app":
        return SourceSpec()
    if source not in VENDORS:
        raise unknown_source(source)
    vendor = VENDORS[source]
    if settings.sample_company:
        command = [sys.executable, "-m", "connectors.sources.sample_company"]
        return SourceSpec(command, _sample_config(source, settings), list(vendor.streams))
    config = vendor.configuration(settings, os.environ)
    command = ensure_connector(vendor, copilot_home(), say)
    return SourceSpec(command, config, list(vendor.streams), vendor.refusals)


def _sample_config(source: str, settings: Settings) -> dict[str, Any]:
    crms = [name for name in settings.sources if name in CRMS]
    config: dict[str, Any] = {
        "emulate": source,
        "crm": (crms or ["salesforce"])[0],
        **settings.sample.model_dump(),
        "cache_dir": str(copilot_home() / "sample"),
    }
    if source in _CRM_CREDENTIALS:
        crm = ensure_running(copilot_home(), source)
        config["crm_url"] = crm.url
        config |= {name: crm.credentials[name] for name in _CRM_CREDENTIALS[source]}
    return config
