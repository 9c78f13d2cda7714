"""What people wrote into the copilot's properties, as HubSpot's history of them tells."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.destinations.common.batches import batches
from connectors.destinations.common.fields import Value
from connectors.destinations.hubspot.fields import NAMES, from_text
from connectors.destinations.hubspot.transport import HubspotTransport

BATCH_SIZE = 50  # HubSpot's, where history is asked for
_BY_PROGRAMS = "INTEGRATION"  # private apps, the copilot's own among them


def edits_since(
    transport: HubspotTransport,
    record_ids: Sequence[str],
    properties: Sequence[str],
    since: dt.datetime,
) -> dict[str, dict[str, list[Value]]]:
    """Return the values that people, imports and workflows wrote since then.

    Parameters
    ----------
    transport : HubspotTransport
        Sends the calls.
    record_ids, properties : sequence of str
        Of which companies, and the names of the properties.
    since : datetime
        By HubSpot's own clock.

    Returns
    -------
    dict
        Values by id and column, the newest first.
    """
    found: dict[str, dict[str, list[Value]]] = {}
    read = transport.client.crm.companies.batch_api.read
    for chunk in batches(record_ids, BATCH_SIZE):
        asked = {
            "properties": [],
            "propertiesWithHistory": list(properties),
            "inputs": [{"id": record_id} for record_id in chunk],
        }
        for result in transport.send(read, asked).get("results") or []:
            found[str(result["id"])] = _columns(result.get("propertiesWithHistory") or {}, since)
    return found


def _columns(
    history: Mapping[str, Sequence[Mapping[str, Any]]], since: dt.datetime
) -> dict[str, list[Value]]:
    columns = {}
    for name, versions in history.items():
        field = NAMES[name]
        written = [
            from_text(field, version.get("value"))
            for version in versions
            if version.get("sourceType") != _BY_PROGRAMS
            and dt.datetime.fromisoformat(str(version["timestamp"])) >= since
        ]
        if written:
            columns[field.column] = written
    return columns
