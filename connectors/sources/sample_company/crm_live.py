"""The CRMs whose stand-in holds the synthetic company's records, and how each is read."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connectors.sources.sample_company import crm_hubspot, crm_pipedrive
from connectors.sources.sample_company.catalog import Wanted
from connectors.sources.sample_company.config import SourceConfig
from connectors.sources.sample_company.crm_client import StandinClient
from connectors.sources.sample_company.protocol import Output


@dataclass(frozen=True)
class LiveCrm:
    """A stand-in that is read, and filled first.

    Parameters
    ----------
    streams : collection of str
        Those read from it; what nobody changes there is read from disk.
    fill : callable
        Takes the company's folder and where to log; fills the stand-in if it is empty.
    describe : callable
        Returns the catalogue as the vendor's connector tells it.
    read : callable
        Emits a stream from its state on; returns the number of records.
    """

    streams: Collection[str]
    fill: Callable[[Path, Callable[[str], None]], bool]
    describe: Callable[[], list[dict[str, Any]]]
    read: Callable[[Output, Wanted, dict[str, Any]], int]


_CRMS: Mapping[str, tuple[Any, Callable[[str, SourceConfig], StandinClient]]] = {
    "hubspot": (
        crm_hubspot,
        lambda url, config: crm_hubspot.HubspotClient(url, config.access_token),
    ),
    "pipedrive": (
        crm_pipedrive,
        lambda url, config: crm_pipedrive.PipedriveClient(url, config.api_token),
    ),
}


def live_crm(config: SourceConfig) -> LiveCrm | None:
    """Return the stand-in of the CRM that is emulated; None if all is read from disk."""
    if config.crm_url is None or config.emulate not in _CRMS:
        return None
    module, open_client = _CRMS[config.emulate]
    client = open_client(config.crm_url, config)
    return LiveCrm(
        module.STREAMS,
        partial(module.fill_if_empty, client),
        partial(module.describe_streams, client),
        lambda output, wanted, state: module.read_live_stream(output, client, wanted, state),
    )
