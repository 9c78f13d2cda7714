"""Jobs: each look at a job moves it one status on, so that time plays no part.

What a job goes through is the script at the head of the queue (`/__sandbox__/scripts`), or the
usual way: pending, running, succeeded.
"""

import datetime as dt
from typing import Any

from connectors.sandbox.airbyte.api import CONFIGURATION, PUBLIC, AirbyteServer, Call, page, route
from connectors.sandbox.airbyte.catalog import refused
from connectors.sandbox.airbyte.destination import write_streams
from connectors.sandbox.airbyte.problems import ProblemError
from connectors.sandbox.airbyte.store import Document

ENDED = ("failed", "succeeded", "cancelled")
STATUSES = ("pending", "queued", "running", "incomplete", *ENDED)
_USUAL = ("pending", "running", "succeeded")


def start(server: AirbyteServer, connection: Document, job_type: str) -> Document:
    """Make a job of a connection; 409 while another one is under way."""
    if connection["status"] != "active":
        raise ProblemError(409, "The connection is not active.")
    for job in server.store.list("job"):
        if job["connectionId"] == connection["connectionId"] and _status(job) not in ENDED:
            raise ProblemError(409, "A sync is already running for this connection.")
    script = _next_script(server, connection["connectionId"])
    number = len(server.store.list("job")) + 1
    began = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=script.get("age_seconds", 0))
    job = {
        "jobId": number,
        "jobType": job_type,
        "connectionId": connection["connectionId"],
        "startTime": None if script.get("hides_start") else began.isoformat(),
        "statuses": list(script.get("statuses", _USUAL)),
        "failures": [dict(one) for one in script.get("failures", [])],
        "streams": script.get("streams", {}),
        "rows": script.get("rows", 0),
        "bytes": script.get("bytes", 0),
        "looks": 0,
    }
    server.store.add("job", str(number), job)
    return job


def _next_script(server: AirbyteServer, connection_id: str) -> Document:
    for script in server.store.list("script"):
        if script.get("connectionId") in (None, connection_id):
            server.store.remove("script", script["id"])
            return script
    return {}


def _status(job: Document) -> str:
    return str(job["statuses"][min(job["looks"], len(job["statuses"]) - 1)])


def _read(job: Document) -> Document:
    status = _status(job)
    done = min(job["looks"] + 1, len(job["statuses"])) / len(job["statuses"])
    shown = {
        "jobId": job["jobId"],
        "status": status,
        "jobType": job["jobType"],
        "connectionId": job["connectionId"],
        "startTime": job["startTime"],
        "lastUpdatedAt": dt.datetime.now(dt.UTC).isoformat() if status in ENDED else None,
        "duration": None if status == "pending" else "PT1S",
        "bytesSynced": int(job["bytes"] * done),
        "rowsSynced": int(job["rows"] * done),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _create(call: Call) -> Any:
    connection = call.server.need("connection", call.want("connectionId"))
    job_type = call.want("jobType")
    if job_type == "refresh":
        raise ProblemError(422, "Refreshes are not supported in the public API")
    return _read(start(call.server, connection, job_type))


def _list(call: Call) -> Any:
    rows = call.server.store.list("job")
    if "connectionId" in call.query:
        rows = [row for row in rows if row["connectionId"] == call.query["connectionId"]]
    if "jobType" in call.query:
        rows = [row for row in rows if row["jobType"] == call.query["jobType"]]
    if "status" in call.query:
        rows = [row for row in rows if _status(row) == call.query["status"]]
    if call.query.get("orderBy", "").endswith("|DESC"):  # without it the oldest comes first
        rows.reverse()
    return page(call, [_read(row) for row in rows], "/jobs")


def _look(call: Call) -> Any:
    job = call.server.need("job", call.ids["id"])
    before = _status(job)
    job["looks"] += 1
    has_come = _status(job) != before
    if has_come and (_status(job) == "succeeded" or job["streams"]):
        _finish(call.server, job)
    call.server.store.add("job", call.ids["id"], job)
    return _read(job)


def _finish(server: AirbyteServer, job: Document) -> None:
    """Write the rows, as the source and the destination would; what goes wrong fails the job.

    Streams that the script does not let come to their end are not written.
    """
    connection = server.need("connection", job["connectionId"])
    source = server.need("source", connection["sourceId"])
    destination = server.need("destination", connection["destinationId"])
    kind = server.need("source_type", source["sourceType"])
    failure = refused(server, source)
    if not failure and "records" in kind:
        chosen = [
            stream
            for stream in connection["configurations"]["streams"]
            if job["streams"].get(stream["name"], "COMPLETE") == "COMPLETE"
        ]
        whole = {**connection, "configurations": {"streams": chosen}}
        job["rows"], failure = write_streams(destination, whole, kind, job["jobId"])
    if failure:
        job["failures"] = [_of_source(failure)]
        job["statuses"][-1] = "failed"


def _cancel(call: Call) -> Any:
    job = call.server.need("job", call.ids["id"])
    if _status(job) in ENDED:
        raise ProblemError(409, "Job is not currently running.")
    job["statuses"], job["looks"] = ["cancelled"], 0
    call.server.store.add("job", call.ids["id"], job)
    return _read(job)


def _info(call: Call) -> Any:
    """Return a job with its attempts, as the configuration API does."""
    job = call.server.need("job", str(call.want("id")))
    status = _status(job)
    seen = job["statuses"][: job["looks"] + 1]
    attempts: list[Document] = [
        {"id": number, "status": "failed"} for number in range(seen.count("incomplete"))
    ]
    attempts.append({"id": len(attempts), "status": "failed" if job["failures"] else "running"})
    if job["failures"]:
        attempts[-1]["failureSummary"] = {"failures": job["failures"]}
    return {
        "job": {"id": job["jobId"], "configId": job["connectionId"], "status": status},
        "attempts": [{"attempt": attempt} for attempt in attempts],
    }


def _of_source(words: str) -> Document:
    return {"failureOrigin": "source", "externalMessage": words, "timestamp": 0}


def _stream_statuses(call: Call) -> Any:
    """Return how far the streams of a job's attempt came, as the configuration API does."""
    job = call.server.need("job", str(call.want("jobId")))
    connection = call.server.need("connection", job["connectionId"])
    names = [stream["name"] for stream in connection["configurations"]["streams"]]
    return {
        "streamStatuses": [
            {
                "id": f"{job['jobId']}-{name}",
                "workspaceId": call.want("workspaceId"),
                "connectionId": job["connectionId"],
                "jobId": job["jobId"],
                "jobType": job["jobType"],
                "attemptNumber": call.want("attemptNumber"),
                "streamName": name,
                "runState": job["streams"].get(name, "COMPLETE"),
                "transitionedAt": 0,
            }
            for name in names
        ]
    }


def _refresh(call: Call) -> Any:
    connection = call.server.need("connection", call.want("connectionId"))
    job = start(call.server, connection, "refresh")
    return {"job": {"id": job["jobId"], "status": _status(job), "configType": "refresh"}}


ROUTES = [
    route(f"{PUBLIC}/jobs", "POST", _create),
    route(f"{PUBLIC}/jobs", "GET", _list),
    route(f"{PUBLIC}/jobs/{{id}}", "GET", _look),
    route(f"{PUBLIC}/jobs/{{id}}", "DELETE", _cancel),
    route(f"{CONFIGURATION}/jobs/get", "POST", _info),
    route(f"{CONFIGURATION}/jobs/get_without_logs", "POST", _info),
    route(f"{CONFIGURATION}/stream_statuses/list", "POST", _stream_statuses),
    route(f"{CONFIGURATION}/connections/refresh", "POST", _refresh),
]
