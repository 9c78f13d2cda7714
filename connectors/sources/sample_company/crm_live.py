"""The CRMs whose stand-in holds the synthetic company's records, and how each is read."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connectors.sources.sample_company import crm_hubspot, crm_pipedrive
from connectors.sources.sample_company.catalog import Wanted
from connectors.sources.sample_company.config import SourceConfig
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


def live_crm(config: SourceConfig) -> LiveCrm | None:
    """Return the stand-in of the CRM that is emulated; None if all is read from disk."""
    if config.crm_url is None:
        return None
    if config.emulate == "hubspot":
        hubspot = crm_hubspot.HubspotClient(config.crm_url, config.access_token)
        return LiveCrm(
            crm_hubspot.STREAMS,
            partial(crm_hubspot.fill_if_empty, hubspot),
            partial(crm_hubspot.describe_streams, hubspot),
            lambda output, wanted, state: crm_hubspot.read_live_stream(
                output, hubspot, wanted, state
            ),
        )
    if config.emulate == "pipedrive":
        pipedrive = crm_pipedrive.PipedriveClient(config.crm_url, config.api_token)
        return LiveCrm(
            crm_pipedrive.STREAMS,
            partial(crm_pipedrive.fill_if_empty, pipedrive),
            partial(crm_pipedrive.describe_streams, pipedrive),
            lambda output, wanted, state: crm_pipedrive.read_live_stream(
                output, pipedrive, wanted, state
            ),
        )
    return None
