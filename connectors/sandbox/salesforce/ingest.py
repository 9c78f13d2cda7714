"""Ingest jobs of Bulk API 2.0: updates sent as CSV, carried out by and by, told row by row."""

import csv
import io
import json
import time
from typing import Any

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.bulk import DELIMITERS, ENDED, LINE_ENDINGS, csv_line
from connectors.sandbox.salesforce.errors import ApiError, RowError, RowRefusedError
from connectors.sandbox.salesforce.ids import full_id, is_id, make_id
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store, now

MOST_BYTES = 150 * 1024 * 1024
MOST_RECORDS = 150_000_000  # of all jobs in 24 hours
_DAY = 86_400
_NULL = "#N/A"
Job = dict[str, Any]


def create_job(store: Store, asked: dict[str, str], version: str, sobject: SObject) -> Job:
    """Open a job that waits for its data."""
    moment = now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    job_id = make_id("750", 500_000 + store.count("id:750i"))
    job: Job = {
        "id": job_id,
        "operation": asked["operation"],
        "object": sobject.name,
        "createdById": INTEGRATION_USER_ID,
        "createdDate": moment,
        "systemModstamp": moment,
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(version),
        "contentUrl": f"services/data/v{version}/jobs/ingest/{job_id}/batches",
        "lineEnding": asked["lineEnding"],
        "columnDelimiter": asked["columnDelimiter"],
    }
    store.rows("insert into server_ingest values (?, ?, null, null)", (job_id, json.dumps(job)))
    return job


def upload(store: Store, job_id: str, body: bytes) -> None:
    """Take a job's data, once.

    Raises
    ------
    ApiError
        The job is not open, has its data already, or they are too large.
    """
    job, _, had = _kept(store, job_id)
    if job["state"] != "Open" or had is not None:
        raise _wrong_state(f"Found multiple contents for job: <{job_id}>, please 'Close' the job.")
    if len(body) > MOST_BYTES:
        raise ApiError(400, "CLIENTINPUTERROR", "The uploaded data is larger than 150 MB.")
    store.rows("update server_ingest set body = ? where id = ?", (body.decode("utf-8"), job_id))


def set_state(store: Store, job_id: str, state: Any) -> Job:
    """Close a job, so that it begins, or abort it; what it has done stays done.

    Raises
    ------
    ApiError
        It cannot go there from where it is.
    """
    job, _, _ = _kept(store, job_id)
    if state == "UploadComplete" and job["state"] == "Open":
        ready = time.time() + store.setting("limit:bulk_job_seconds", 0)
        _keep(store, {**job, "state": "UploadComplete"})
        store.rows("update server_ingest set ready = ? where id = ?", (ready, job_id))
        return {**job, "state": "UploadComplete"}
    if state == "Aborted" and job["state"] not in ENDED:
        _keep(store, {**job, "state": "Aborted"})
        return {**job, "state": "Aborted"}
    raise _wrong_state(f"Job state {job['state']} cannot become {state}.")


def job_info(store: Store, job_id: str) -> Job:
    """Return a job as it stands now; one that is due is carried out."""
    job, ready, body = _kept(store, job_id)
    if job["state"] in {"UploadComplete", "InProgress"} and ready is not None:
        if time.time() >= ready:
            job = _carried_out(store, job, body or "")
        else:
            job["state"] = "InProgress"
        _keep(store, job)
    counted = store.rows(
        "select count(*), count(error) from server_ingest_row where job = ?", (job_id,)
    )[0]
    return {
        **job,
        "jobType": "V2Ingest",
        "numberRecordsProcessed": counted[0],
        "numberRecordsFailed": counted[1],
        "retries": 0,
        "totalProcessingTime": counted[0],
    }


def all_jobs(store: Store) -> list[Job]:
    """Return all jobs."""
    return [job_info(store, row[0]) for row in store.rows("select id from server_ingest")]


def results(store: Store, job_id: str, *, is_failed: bool) -> str:
    """Return the rows that were refused, or those that were taken, as CSV."""
    job, _, body = _kept(store, job_id)
    header, delimiter = _header(job, body or "")
    first = ["sf__Id", "sf__Error"] if is_failed else ["sf__Id", "sf__Created"]
    condition = "not null" if is_failed else "null"
    found = store.rows(
        "select id, error, cells from server_ingest_row"  # noqa: S608
        f" where job = ? and error is {condition} order by place",
        (job_id,),
    )
    lines = [csv_line([*first, *header], delimiter)]
    for record_id, error, cells in found:
        told = error if is_failed else "false"
        lines.append(csv_line([record_id or "", told, *json.loads(cells)], delimiter))
    return "".join(f"{line}{LINE_ENDINGS[job['lineEnding']]}" for line in lines)


def unprocessed(store: Store, job_id: str) -> str:
    """Return the rows that the job did not come to, as CSV."""
    job, _, body = _kept(store, job_id)
    header, delimiter = _header(job, body or "")
    done = {row[0] for row in store.rows(
        "select place from server_ingest_row where job = ?", (job_id,)
    )}  # fmt: skip
    rows = [row for place, row in enumerate(_cells(job, body or "")) if place not in done]
    lines = [csv_line(row, delimiter) for row in (header, *rows)]
    return "".join(f"{line}{LINE_ENDINGS[job['lineEnding']]}" for line in lines)


def _carried_out(store: Store, job: Job, body: str) -> Job:
    header, _ = _header(job, body)
    sobject = store.visible(job["object"])
    unknown = [name for name in header if sobject.find(name) is None]
    if "Id" not in header or unknown:
        name = unknown[0] if unknown else "Id"
        return {**job, "state": "Failed",
                "errorMessage": f"InvalidBatch : Field name not found : {name}"}  # fmt: skip
    rows = _cells(job, body)
    left = store.setting("limit:daily_bulk_records", MOST_RECORDS) - _of_last_day(store)
    with store.transaction():
        for place, cells in enumerate(rows[: max(0, left)]):
            row = dict(zip(header, cells, strict=False))
            record_id = row.pop("Id", "")
            values = {
                name: None if value == _NULL else value
                for name, value in row.items()
                if value != ""
            }
            error = _refusal(store, job["object"], record_id, values)
            shown_id = full_id(record_id) if is_id(record_id) else record_id
            store.rows(
                "insert into server_ingest_row values (?, ?, ?, ?, ?)",
                (job["id"], place, shown_id, error, json.dumps(cells)),
            )
    if len(rows) > left:
        return {**job, "state": "Failed",
                "errorMessage": "ExceededQuota : ApiBatchItems Limit exceeded."}  # fmt: skip
    return {**job, "state": "JobComplete"}


def _of_last_day(store: Store) -> int:
    found = store.rows(
        "select count(*) from server_ingest_row where job in"
        " (select id from server_ingest where ready > ?)",
        (time.time() - _DAY,),
    )
    return int(found[0][0])


def _refusal(store: Store, name: str, record_id: str, values: dict[str, Any]) -> str | None:
    """Update one record; return why not, as ``CODE:message:field --``."""
    try:
        records.update(store, name, record_id, values)
    except RowRefusedError as refused:
        return _shown(refused.errors[0])
    except ApiError as error:
        return _shown(RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", error.message))
    return None


def _shown(error: RowError) -> str:
    named = " ".join([*error.fields, "--"])
    return f"{error.code}:{error.message}:{named}"


def _header(job: Job, body: str) -> tuple[list[str], str]:
    delimiter = DELIMITERS[job["columnDelimiter"]]
    first = next(csv.reader(io.StringIO(body), delimiter=delimiter), [])
    return first, delimiter


def _cells(job: Job, body: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(body), delimiter=DELIMITERS[job["columnDelimiter"]])
    return list(reader)[1:]


def _kept(store: Store, job_id: str) -> tuple[Job, float | None, str | None]:
    rows = store.rows("select info, ready, body from server_ingest where id = ?", (job_id,))
    if not rows:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    info, ready, body = rows[0]
    return json.loads(info), ready, body


def _keep(store: Store, job: Job) -> None:
    store.rows("update server_ingest set info = ? where id = ?", (json.dumps(job), job["id"]))


def _wrong_state(message: str) -> ApiError:
    return ApiError(400, "INVALIDJOBSTATE", message)
