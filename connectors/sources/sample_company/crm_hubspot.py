"""Reads from HubSpot's stand-in what people and the copilot change there, having filled it first.

The company's other records of HubSpot nobody changes, so they are read from disk.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from connectors.sources.sample_company.catalog import Wanted, load_catalog
from connectors.sources.sample_company.crm_client import StandinClient
from connectors.sources.sample_company.cursors import CURSORS
from connectors.sources.sample_company.protocol import Output
from connectors.sources.sample_company.translations import records

STREAMS = {"companies": "companies", "engagements_tasks": "tasks"}
OWN_PREFIX = "copilot_"
_PAGE = "100"
# Companies come last and whole: an account that has them has everything.
_SEEDS = {
    "owners": "owners",
    "owners_archived": "owners",
    "contacts": "contacts",
    "engagements_tasks": "tasks",
    "companies": "companies",
}
_TO_COMPANY = {"contacts": ([1, 279], [2, 280]), "tasks": ([192], [191])}
_TYPES = {"number": "number", "bool": "boolean"}
_FORMATS = {"date": "date", "datetime": "date-time"}
Record = dict[str, Any]


class HubspotClient(StandinClient):
    """Reads HubSpot's stand-in.

    Parameters
    ----------
    url : str
        Base URL.
    access_token : str
        Of its private app; never logged.
    """

    def __init__(self, url: str, access_token: str) -> None:
        super().__init__(url)
        self._session.headers["Authorization"] = f"Bearer {access_token}"

    def count(self, kind: str) -> int:
        """Return how many records of a kind there are; the token must be right."""
        self.get(f"/crm/v3/objects/{kind}", {"limit": "1"})
        return int(self.get("/__sandbox__/health")["records"].get(kind, 0))

    def own_properties(self, kind: str) -> dict[str, str]:
        """Return the type of each property that the copilot made for a kind of record."""
        found = self.get(f"/crm/v3/properties/{kind}")["results"]
        own = {one["name"]: one["type"] for one in found if one["name"].startswith(OWN_PREFIX)}
        return dict(sorted(own.items()))

    def pages(self, kind: str, properties: list[str]) -> Iterator[list[Record]]:
        """Yield a kind's records that are not archived, page by page."""
        asked = {"limit": _PAGE, "properties": ",".join(properties), "associations": "companies"}
        after = "0"
        while after:
            page = self.get(f"/crm/v3/objects/{kind}", {**asked, "after": after})
            yield page["results"]
            after = page.get("paging", {}).get("next", {}).get("after", "")


def fill_if_empty(client: HubspotClient, folder: Path, log: Callable[[str], None]) -> bool:
    """Seed the synthetic company's records into an account without companies.

    Interrupted half-way it starts over with the next call; the records keep their ids, so none is
    doubled.

    Parameters
    ----------
    folder : Path
        The company's records as HubSpot's connector gives them.
    """
    if client.count("companies"):
        return False
    log("The HubSpot account is empty: filling it with the synthetic company's records")
    for stream, kind in _SEEDS.items():
        client.seed(b"".join(_seeds(folder, stream, kind)))
    return True


def _seeds(folder: Path, stream: str, kind: str) -> Iterator[bytes]:
    for _, record in records(folder.parent, folder.name, stream):
        if kind == "owners":
            yield _entry(kind, record)
            continue
        kept = ("id", "createdAt", "updatedAt", "archived", "properties")
        yield _entry(kind, {name: record[name] for name in kept})
        there, back = _TO_COMPANY.get(kind, ([], []))
        for company in (record.get("companies") or []) if there else []:
            ends = [kind, record["id"]], ["companies", company]
            yield _entry("associations", _link(ends[0], ends[1], there))
            yield _entry("associations", _link(ends[1], ends[0], back))


def _entry(name: str, record: Record) -> bytes:
    return orjson.dumps({"object": name, "record": record}) + b"\n"


def _link(source: list[str], target: list[str], types: list[int]) -> Record:
    return {"from": source, "to": target, "types": types}


def describe_streams(client: HubspotClient) -> list[Record]:
    """Return the catalogue with the properties that the copilot made in HubSpot added."""
    streams = load_catalog("hubspot")
    for stream in streams:
        if stream["name"] not in STREAMS:
            continue
        known = stream["json_schema"]["properties"]
        for name, kind in client.own_properties(STREAMS[stream["name"]]).items():
            schema: Record = {"type": ["null", _TYPES.get(kind, "string")]}
            if kind in _FORMATS:
                schema["format"] = _FORMATS[kind]
            known["properties"]["properties"][name] = schema
            known[f"properties_{name}"] = schema
    return streams


def read_live_stream(
    output: Output, client: HubspotClient, wanted: Wanted, state: dict[str, Any]
) -> int:
    """Emit a stream's records as HubSpot's connector does: typed, nested and flat.

    Returns
    -------
    int
        Number of records.
    """
    output.status(wanted.name, "STARTED")
    kind, cursor = STREAMS[wanted.name], CURSORS["hubspot"][wanted.name]
    types = _types(client, wanted.name)
    known = state.get(cursor.field) if wanted.is_incremental else None
    since = -1 if known is None else cursor.parse(known, wanted.name)
    found = [
        record
        for page in client.pages(kind, list(types))
        for record in page
        if cursor.parse(record[cursor.field], wanted.name) >= since
    ]
    found.sort(key=lambda record: cursor.parse(record[cursor.field], wanted.name))
    if found:
        output.status(wanted.name, "RUNNING")
        output.records(wanted.name, [orjson.dumps(_raw(record, types, kind)) for record in found])
        known = found[-1][cursor.field]
    output.state(wanted.name, {} if known is None else {cursor.field: known}, len(found))
    output.status(wanted.name, "COMPLETE")
    return len(found)


def _types(client: HubspotClient, stream: str) -> dict[str, str]:
    """Return the type of each property that is read: the catalogue's, and the copilot's own."""
    catalogue = {one["name"]: one["json_schema"]["properties"] for one in load_catalog("hubspot")}
    schemas = catalogue[stream]["properties"]["properties"]
    types = {name: next(iter(set(one["type"]) - {"null"})) for name, one in schemas.items()}
    own = client.own_properties(STREAMS[stream])
    return types | {name: _TYPES.get(kind, "string") for name, kind in own.items()}


def _raw(record: Record, types: dict[str, str], kind: str) -> Record:
    given = record["properties"]
    properties = {name: _typed(given.get(name), of) for name, of in types.items()}
    kept = ("id", "createdAt", "updatedAt", "archived")
    raw: Record = {name: record[name] for name in kept}
    if kind != "companies":
        linked = record.get("associations", {}).get("companies", {}).get("results", [])
        raw["companies"] = list(dict.fromkeys(one["id"] for one in linked)) or None
    flat = {f"properties_{name}": value for name, value in properties.items()}
    return {**raw, "properties": properties, **flat}


def _typed(text: str | None, kind: str) -> Any:
    if text is None or text == "":
        return None
    if kind == "number":
        return int(text) if text.lstrip("-").isdigit() else float(text)
    return text == "true" if kind == "boolean" else text
