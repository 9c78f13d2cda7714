"""Many accounts at once: a Bulk API 2.0 job, followed until it has ended, row by row."""

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.destinations.common.crm import (
    Change,
    CrmRefusalError,
    CrmUnreachableError,
    RowAnswer,
)
from connectors.destinations.salesforce import refusals
from connectors.destinations.salesforce.client import SalesforceClient
from connectors.destinations.salesforce.fields import API_NAMES, OBJECT

# Create, upload, close, and one look at the job; each further look is one more.
CALLS = 4
# Salesforce itself works in batches of 10,000; and the longest texts stay below 100 MB a file.
JOB_ROWS = 10_000
_EMPTIED = "#N/A"  # an empty cell leaves the field as it is
_ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
LONGEST_JOB = 4 * 3600.0  # seconds
_PATH = "jobs/ingest"


def write_in_bulk(client: SalesforceClient, changes: Sequence[Change]) -> list[RowAnswer]:
    """Update accounts by one job; return what became of each, in their order.

    Raises
    ------
    CrmRefusalError
        Salesforce refused the job before it began, so nothing was applied.
    CrmUnreachableError
        The job began, and it is not known what became of it.
    """
    job_id = _begun(client, changes)
    try:
        job = _ended(client, job_id)
        return _answers(client, job, changes)
    except CrmRefusalError as error:
        raise CrmUnreachableError(
            f"Salesforce began a job and does not tell what became of it: {error.what}",
            "Run it again: what was applied is read back first.",
        ) from error


def end_jobs(client: SalesforceClient) -> None:
    """Stop what an interrupted run of this user left working, and wait until it stands still."""
    working = [
        job for job in _jobs(client) if job["state"] not in _ENDED and job["object"] == OBJECT
    ]
    user_id = client.user_id() if working else ""
    for job in working:
        if job["createdById"][:15] == user_id[:15]:
            _unless_ended(client, job["id"])
            _ended(client, job["id"])


def _jobs(client: SalesforceClient) -> Iterator[Mapping[str, Any]]:
    """Yield the org's jobs of the last days, whosever they are, page by page."""
    query = "?jobType=V2Ingest"
    while query:
        page = client.call("GET", f"{_PATH}{query}")
        yield from page["records"]
        query = "" if page["done"] else str(page["nextRecordsUrl"]).partition(_PATH)[2]


def _begun(client: SalesforceClient, changes: Sequence[Change]) -> str:
    asked = {"object": OBJECT, "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
    job_id = str(client.call("POST", _PATH, json=asked)["id"])
    text = _as_csv(changes)
    path = f"{_PATH}/{job_id}"
    _repeatable(client, lambda: client.text("PUT", f"{path}/batches", text))
    _repeatable(client, lambda: client.call("PATCH", path, json={"state": "UploadComplete"}))
    return job_id


def _repeatable(client: SalesforceClient, act: Callable[[], Any]) -> None:
    """Act; a refusal after a broken connection means that the first try had arrived."""
    before = client.session.retries
    try:
        act()
    except CrmRefusalError:
        if client.session.retries == before:
            raise


def _unless_ended(client: SalesforceClient, job_id: str) -> None:
    try:
        client.call("PATCH", f"{_PATH}/{job_id}", json={"state": "Aborted"})
    except CrmRefusalError as error:
        if error.ends_run:
            raise


def _ended(client: SalesforceClient, job_id: str) -> Mapping[str, Any]:
    """Look at the job, ever less often, until it has ended; one that never began never ends."""
    policy = client.session.policy
    wait, began = policy.first_wait, time.monotonic()
    while True:
        time.sleep(wait)
        job: Mapping[str, Any] = client.call("GET", f"{_PATH}/{job_id}")
        if job["state"] in _ENDED:
            return job
        if job["state"] == "Open" or time.monotonic() - began > LONGEST_JOB:
            raise CrmUnreachableError(
                f"Salesforce's job {job_id} is still {job['state']} after"
                f" {time.monotonic() - began:.0f} seconds.",
                "Setup, Bulk Data Load Jobs shows it. Run it again: it is stopped and read back.",
            )
        wait = min(2 * wait + 0.1, policy.longest_wait)


def _answers(
    client: SalesforceClient, job: Mapping[str, Any], changes: Sequence[Change]
) -> list[RowAnswer]:
    """Return an answer a row; only as many results are fetched as it takes to know."""
    failed = int(job.get("numberRecordsFailed") or 0)
    processed = int(job.get("numberRecordsProcessed") or 0)
    path = f"{_PATH}/{job['id']}"
    refused = _rows(client.text("GET", f"{path}/failedResults")) if failed else []
    by_id = {row["Id"][:15]: _refused(row) for row in refused}
    if job["state"] == "JobComplete" and processed == len(changes):
        done = {change.record_id[:15] for change in changes} - set(by_id)
    else:
        done = {row["Id"][:15] for row in _rows(client.text("GET", f"{path}/successfulResults"))}
    words = str(job.get("errorMessage") or f"The job ended as {job['state']}.")
    return [
        by_id.get(change.record_id[:15])
        or (
            refusals.taken(change.record_id)
            if change.record_id[:15] in done
            else refusals.refused(change.record_id, refusals.UNTRIED, words, [])
        )
        for change in changes
    ]


def _refused(row: Mapping[str, str]) -> RowAnswer:
    """Read ``CODE:message:field field --``."""
    code, _, rest = row["sf__Error"].partition(":")
    words, _, named = rest.rpartition(":")
    fields = named.removesuffix("--").split()
    return refusals.refused(row["Id"], code, words or rest, fields)


def _as_csv(changes: Iterable[Change]) -> str:
    rows = [(change.record_id, change.values) for change in changes]
    columns = [column for column in API_NAMES if any(column in values for _, values in rows)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Id", *(API_NAMES[column] for column in columns)])
    for record_id, values in rows:
        cells = [
            (_EMPTIED if values[column] is None else values[column]) if column in values else ""
            for column in columns
        ]
        writer.writerow([record_id, *cells])
    return text.getvalue()


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
