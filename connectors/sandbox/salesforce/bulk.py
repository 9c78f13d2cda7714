"""Query jobs of Bulk API 2.0: what they are, and their results as CSV."""

import base64
import binascii
import datetime as dt
import json
import time
from typing import Any

from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.fieldtypes import NUMBER_TYPES, Field
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.soql.compiler import Compiled
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store, now

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
ENDED = frozenset({"JobComplete", "Aborted", "Failed"})
PAGE_SIZE = 50_000


def create_job(
    store: Store, asked: dict[str, str], version: str, sobject: SObject, compiled: Compiled
) -> dict[str, Any]:
    """Run a query and keep its result; return the job as it is told right after its creation."""
    moment = now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    job_id = make_id("750", 1000 + store.count("id:750"))
    delimiter = DELIMITERS[asked["columnDelimiter"]]
    lines = [csv_line(compiled.fields, delimiter), *_rows(store, sobject, compiled, delimiter)]
    job = {
        "id": job_id,
        "operation": asked["operation"],
        "object": sobject.name,
        "createdById": INTEGRATION_USER_ID,
        "createdDate": moment,
        "systemModstamp": moment,
        "state": "UploadComplete",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(version),
        "lineEnding": asked["lineEnding"],
        "columnDelimiter": asked["columnDelimiter"],
    }
    ready = time.time() + store.setting("limit:bulk_job_seconds", 0)
    store.rows(
        "insert into server_job values (?, ?, ?)",
        (job_id, json.dumps({"job": job, "ready": ready}), json.dumps(lines)),
    )
    return job


def job_info(store: Store, job_id: str) -> dict[str, Any]:
    """Return a job as it stands now.

    Raises
    ------
    ApiError
        There is no such job.
    """
    kept, lines = _kept(store, job_id)
    job: dict[str, Any] = kept["job"]
    if job["state"] not in ENDED:
        job["state"] = "JobComplete" if time.time() >= kept["ready"] else "InProgress"
    done = len(lines) - 1 if job["state"] == "JobComplete" else 0
    return {
        **job,
        "jobType": "V2Query",
        "numberRecordsProcessed": done,
        "retries": 0,
        "totalProcessingTime": done,
        "isPkChunkingSupported": True,
    }


def all_jobs(store: Store) -> list[dict[str, Any]]:
    """Return all jobs, oldest first."""
    return [job_info(store, row[0]) for row in store.rows("select id from server_job order by id")]


def abort_job(store: Store, job_id: str) -> dict[str, Any]:
    """Stop a job that has not ended.

    Raises
    ------
    ApiError
        It has ended.
    """
    if job_info(store, job_id)["state"] in ENDED:
        raise ApiError(400, "INVALIDJOBSTATE", "Aborting already Completed Job not allowed")
    kept, _ = _kept(store, job_id)
    kept["job"]["state"] = "Aborted"
    store.rows("update server_job set info = ? where id = ?", (json.dumps(kept), job_id))
    return job_info(store, job_id)


def delete_job(store: Store, job_id: str) -> None:
    """Forget a job that has ended.

    Raises
    ------
    ApiError
        It has not.
    """
    if job_info(store, job_id)["state"] not in ENDED:
        raise ApiError(400, "INVALIDJOBSTATE", "Cannot delete a job that is still processing.")
    store.rows("delete from server_job where id = ?", (job_id,))


def results(
    store: Store, job_id: str, version: str, locator: str | None, most: int | None
) -> tuple[str, int, str]:
    """Return one set of a job's results.

    Returns
    -------
    tuple of str, int and str
        CSV with its header, the number of records in it, and the next set's locator (``null``
        after the last).

    Raises
    ------
    ApiError
        The job is not complete, or the locator is none of it.
    """
    job = job_info(store, job_id)
    if float(version) != job["apiVersion"]:
        raise ApiError(
            409, "VERSION_MISMATCH", f"The job was created with API version {job['apiVersion']}."
        )
    if job["state"] != "JobComplete":
        raise ApiError(400, "INVALIDJOBSTATE", f"Job state is {job['state']}, not JobComplete.")
    _, (header, *rows) = _kept(store, job_id)
    start = _offset(locator, len(rows))
    size = min(most or PAGE_SIZE, store.setting("limit:bulk_page_size", PAGE_SIZE))
    page = rows[start : start + size]
    end = LINE_ENDINGS[job["lineEnding"]]
    following = start + size
    return (
        "".join(f"{line}{end}" for line in (header, *page)),
        len(page),
        _locator(following) if following < len(rows) else "null",
    )


def csv_line(values: list[str], delimiter: str) -> str:
    """Return a line as Salesforce writes it: every value in quotes."""
    return delimiter.join('"' + value.replace('"', '""') + '"' for value in values)


def csv_value(spec: Field, value: Any) -> str:
    """Return a stored value as Bulk API writes it: not as the REST API does."""
    if spec.type == "boolean":
        return "true" if value else "false"
    if value is None:
        return ""
    if spec.type == "datetime":
        return dt.datetime.fromisoformat(value).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if spec.type in NUMBER_TYPES and spec.type != "int":
        return java_double(float(value))
    return str(value)


def java_double(value: float) -> str:
    """Write a double as Java does: ``100.0``, and ``1.25E7`` from ten millions on."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits = repr(value).lower().replace("-", "").replace(".", "").split("e")[0].strip("0")
    exponent = int(f"{value:.16e}".split("e")[1])
    if float(f"{digits[0]}.{digits[1:] or '0'}e{exponent}") != abs(value):  # rounded up to a ten
        exponent += 1
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _rows(store: Store, sobject: SObject, compiled: Compiled, delimiter: str) -> list[str]:
    ids = [row[0] for row in store.rows(compiled.statement, compiled.values)]
    found = store.records(sobject, compiled.fields, ids)
    specs = [sobject.fields[name] for name in compiled.fields]
    return [
        csv_line([csv_value(spec, found[key][spec.name]) for spec in specs], delimiter)
        for key in ids
    ]


def _kept(store: Store, job_id: str) -> tuple[dict[str, Any], list[str]]:
    rows = store.rows("select info, lines from server_job where id = ?", (job_id,))
    if not rows:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return json.loads(rows[0][0]), json.loads(rows[0][1])


def _locator(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str | None, count: int) -> int:
    if locator is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    if not text.isdecimal() or not 0 < int(text) < count:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(text)
