"""Reads the CRM streams from the CRM stand-in, which it fills first if the org is empty."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from connectors.sources.sample_company.catalog import Wanted, load_catalog
from connectors.sources.sample_company.crm_client import CrmClient
from connectors.sources.sample_company.cursors import SALESFORCE, SALESFORCE_OBJECT, Cursor
from connectors.sources.sample_company.protocol import Output

CHECKPOINT = 10_000
OWN_FIELD_PREFIX = "Copilot_"
_SEED_BATCH = 40_000
# Accounts come last and whole: an org that has them has everything.
_SEED_ORDER = (
    *("User", "Contact", "Opportunity", "Task", "Event", "AccountHistory", "OpportunityHistory"),
    "Account",
)
_NUMBERS = frozenset({"currency", "double", "long", "percent"})


def fill_if_empty(
    client: CrmClient, folder: Callable[[], Path], log: Callable[[str], None]
) -> bool:
    """Seed the synthetic company's CRM records into an org without accounts.

    Interrupted half-way it starts over with the next call; the records keep their Ids, so none
    is doubled.

    Parameters
    ----------
    folder : callable
        Returns the company's folder on disk; called only if it is needed.
    """
    if client.count("Account"):
        return False
    source = folder() / "salesforce"
    log("The org is empty: filling it with the synthetic company's CRM records")
    for name in _SEED_ORDER:
        size = None if name == "Account" else _SEED_BATCH
        for body in _seed_bodies(source / f"{name}.parquet", name, size):
            client.seed(body)
    return True


def _seed_bodies(path: Path, name: str, size: int | None) -> Iterator[bytes]:
    head = b'{"object":"' + name.encode() + b'","record":'
    with pq.ParquetFile(path) as file:
        rows = size or max(file.metadata.num_rows, 1)
        for batch in file.iter_batches(batch_size=rows, columns=["data"]):
            yield b"".join(head + line + b"}\n" for line in batch.column(0).to_pylist())


def describe_streams(client: CrmClient) -> list[dict[str, Any]]:
    """Return the catalogue with the fields that the copilot made in the CRM added."""
    streams = load_catalog("salesforce")
    for stream in streams:
        known = stream["json_schema"]["properties"]
        for field in client.describe(stream["name"]):
            if field["name"].startswith(OWN_FIELD_PREFIX):
                known[field["name"]] = _schema_of(field["type"])
    return streams


def _schema_of(kind: str) -> dict[str, Any]:
    """Map a Salesforce type as the real connector does."""
    if kind in _NUMBERS:
        return {"type": ["null", "number"]}
    if kind == "int":
        return {"type": ["null", "integer"]}
    if kind == "boolean":
        return {"type": ["null", "boolean"]}
    if kind in ("date", "datetime"):
        form = "date-time" if kind == "datetime" else "date"
        return {"type": ["null", "string"], "format": form}
    return {"type": ["null", "string"]}


def _fields(client: CrmClient, stream: str) -> list[str]:
    """Return the catalogue's fields that the org has, and the copilot's own."""
    catalogue = {
        one["name"]: one["json_schema"]["properties"] for one in load_catalog("salesforce")
    }
    return [
        field["name"]
        for field in client.describe(stream)
        if field["name"] in catalogue[stream] or field["name"].startswith(OWN_FIELD_PREFIX)
    ]


def read_crm_stream(
    output: Output, client: CrmClient, wanted: Wanted, state: dict[str, Any]
) -> int:
    """Emit an object's records, changed since the state if the stream is incremental.

    Ordered by the cursor; a resumed read begins ten minutes before the last one seen, as the
    real connector does.

    Returns
    -------
    int
        Number of records.
    """
    output.status(wanted.name, "STARTED")
    cursor = SALESFORCE.get(wanted.name, SALESFORCE_OBJECT)
    known = state.get(cursor.field) if wanted.is_incremental else None
    highest = None if known is None else str(known)
    since = None if known is None else cursor.parse(known, wanted.name) - cursor.lookback_ms
    total = pending = 0
    for page in client.query(_soql(wanted.name, _fields(client, wanted.name), cursor, since)):
        records = [_plain(record) for record in page]
        if not records:
            continue
        if total == 0:
            output.status(wanted.name, "RUNNING")
        output.records(wanted.name, [orjson.dumps(record) for record in records])
        total, pending = total + len(records), pending + len(records)
        highest = max(highest or "", str(records[-1][cursor.field]))
        if pending >= CHECKPOINT:
            output.state(wanted.name, {cursor.field: highest}, pending)
            pending = 0
    if pending or total == 0:
        output.state(wanted.name, {} if highest is None else {cursor.field: highest}, pending)
    output.status(wanted.name, "COMPLETE")
    return total


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "attributes"}


def _soql(name: str, fields: list[str], cursor: Cursor, since: int | None) -> str:
    where = ""
    if since is not None:
        moment = str(cursor.text(since)).replace("+0000", "Z")
        where = f" WHERE {cursor.field} >= {moment}"
    order = f" ORDER BY {cursor.field} ASC, Id ASC"
    return f"SELECT {', '.join(fields)} FROM {name}{where}{order}"  # noqa: S608  names of describe
