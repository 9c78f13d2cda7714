"""Reads from Pipedrive's stand-in what people and the copilot change there, having filled it first.

The company's other records of Pipedrive nobody changes, so they are read from disk.
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

STREAMS = {
    "organizations": "/v1/organizations",
    "organization_fields": "/v1/organizationFields",
    "activities": "/v1/recents",
}
_PAGE = 500
_BEGINNING = "1970-01-01 00:00:00"
# Organisations come last and whole: a company that has them has everything.
_SEEDS = ("users", "stages", "persons", "deals", "activities", "organizations")
Record = dict[str, Any]


class PipedriveClient(StandinClient):
    """Reads Pipedrive's stand-in.

    Parameters
    ----------
    url : str
        Base URL.
    api_token : str
        Of its user; never logged.
    """

    def __init__(self, url: str, api_token: str) -> None:
        super().__init__(url)
        self._session.headers["x-api-token"] = api_token

    def count(self, kind: str) -> int:
        """Return how many records of a kind there are; the token must be right."""
        self.get("/v1/users/me")
        return int(self.get("/__sandbox__/health")["records"].get(kind, 0))

    def pages(self, path: str, **asked: str) -> Iterator[list[Record]]:
        """Yield the records of a list of version 1, page by page."""
        start: int | None = 0
        while start is not None:
            page = self.get(path, {**asked, "start": str(start), "limit": str(_PAGE)})
            yield page["data"] or []
            start = page["additional_data"]["pagination"].get("next_start")


def fill_if_empty(client: PipedriveClient, folder: Path, log: Callable[[str], None]) -> bool:
    """Seed the synthetic company's records into a company without organisations.

    Interrupted half-way it starts over with the next call; the records keep their ids, so none is
    doubled.

    Parameters
    ----------
    folder : Path
        The company's records as Pipedrive's connector gives them.
    """
    if client.count("organizations"):
        return False
    log("The Pipedrive company is empty: filling it with the synthetic company's records")
    for stream in _SEEDS:
        client.seed(b"".join(_seeds(folder, stream)))
    return True


def _seeds(folder: Path, stream: str) -> Iterator[bytes]:
    for _, record in records(folder.parent, folder.name, stream):
        yield orjson.dumps({"object": stream, "record": _SEEDED[stream](record)}) + b"\n"


def _moment(text: str | None) -> str | None:
    """Return a moment of version 1 as version 2 of the API writes it."""
    return None if text is None else f"{text.replace(' ', 'T')}Z"


def _common(record: Record) -> Record:
    return {
        "id": record["id"],
        "add_time": _moment(record["add_time"]),
        "update_time": _moment(record["update_time"]),
    }


def _organization(record: Record) -> Record:
    country, town = record["address_country"], record["address_locality"]
    parts = [part for part in (town, country) if part]
    address = {"value": ", ".join(parts), "country": country, "locality": town}
    return {
        **_common(record),
        "name": record["name"],
        "owner_id": record["owner_id"]["id"],
        "address": address if parts else None,
    }


def _person(record: Record) -> Record:
    same = ("name", "first_name", "last_name", "owner_id", "org_id")
    return {
        **_common(record),
        **{name: record[name] for name in same},
        "emails": record["email"],
        "is_deleted": not record["active_flag"],
    }


def _deal(record: Record) -> Record:
    same = ("title", "value", "currency", "org_id", "stage_id", "pipeline_id")
    return {
        **_common(record),
        **{name: record[name] for name in same},
        "owner_id": record["user_id"],
        "status": "open" if record["deleted"] else record["status"],
        "is_deleted": record["deleted"],
        "close_time": _moment(record["close_time"]),
        "expected_close_date": record["expected_close_date"],
    }


def _activity(record: Record) -> Record:
    same = ("type", "subject", "done", "due_date", "due_time", "org_id", "person_id")
    return {
        **_common(record),
        **{name: record[name] for name in same},
        "owner_id": record["user_id"],
        "marked_as_done_time": _moment(record["marked_as_done_time"]),
        "is_deleted": not record["active_flag"],
    }


def _stage(record: Record) -> Record:
    same = ("id", "name", "order_nr", "pipeline_id")
    return {**{name: record[name] for name in same}, "update_time": _moment(record["update_time"])}


_SEEDED: dict[str, Callable[[Record], Record]] = {
    "users": lambda record: record,
    "stages": _stage,
    "persons": _person,
    "deals": _deal,
    "activities": _activity,
    "organizations": _organization,
}


def describe_streams(client: PipedriveClient) -> list[Record]:
    """Return the catalogue; Pipedrive's connector describes no company's own fields."""
    client.count("organizations")
    return load_catalog("pipedrive")


def read_live_stream(
    output: Output, client: PipedriveClient, wanted: Wanted, state: dict[str, Any]
) -> int:
    """Emit a stream's records as Pipedrive's connector does.

    Returns
    -------
    int
        Number of records.
    """
    output.status(wanted.name, "STARTED")
    cursor = CURSORS["pipedrive"][wanted.name]
    known = state.get(cursor.field) if wanted.is_incremental else None
    total = 0
    for page in _pages(client, wanted.name, known or _BEGINNING):
        if page and total == 0:
            output.status(wanted.name, "RUNNING")
        output.records(wanted.name, [orjson.dumps(record) for record in page])
        total += len(page)
        known = max([known or "", *(str(row[cursor.field]) for row in page)]) or None
    output.state(wanted.name, {} if known is None else {cursor.field: known}, total)
    output.status(wanted.name, "COMPLETE")
    return total


def _pages(client: PipedriveClient, stream: str, since: str) -> Iterator[list[Record]]:
    if stream != "activities":  # the others are listed whole each time
        yield from client.pages(STREAMS[stream])
        return
    for page in client.pages(STREAMS[stream], items="activity", since_timestamp=since):
        yield [entry["data"] for entry in page]
