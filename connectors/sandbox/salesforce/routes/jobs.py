"""Bulk API 2.0: query jobs, and ingest jobs that update."""

import datetime as dt
from typing import Any

from connectors.sandbox.salesforce import bulk, ingest
from connectors.sandbox.salesforce.api import Answer, ApiRoute, Call
from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.ids import full_id
from connectors.sandbox.salesforce.routes.data import BASE
from connectors.sandbox.salesforce.routes.query import find_object
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.soql.compiler import compile_query
from connectors.sandbox.salesforce.soql.parser import parse
from connectors.sandbox.salesforce.soql.tree import Query

_DEFAULTS = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
_JOB_PAGE = 1000
_ALLOWED = {
    "operation": {"query", "queryAll"},
    "contentType": {"CSV"},
    "columnDelimiter": set(bulk.DELIMITERS),
    "lineEnding": set(bulk.LINE_ENDINGS),
}


def _asked(call: Call) -> dict[str, str]:
    body = call.json_object()
    unknown = sorted(set(body) - {"query", *_ALLOWED})
    if unknown:
        raise ApiError(400, "JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}"')
    if not isinstance(body.get("query"), str) or not body["query"].strip():
        raise ApiError(400, "INVALIDJOB", "Query is required for a query job.")
    asked = {**_DEFAULTS, **body}
    for name, values in _ALLOWED.items():
        if asked.get(name) not in values:
            raise ApiError(400, "INVALIDJOB", f"Invalid value for {name}: {asked.get(name)}")
    return asked


def _check(query: Query, sobject: SObject, fields: list[str]) -> None:
    if query.is_count:
        raise ApiError(
            400, "API_ERROR", "Aggregate functions are not supported in Bulk Query", None
        )
    if query.offset is not None:
        raise ApiError(400, "API_ERROR", "OFFSET is not supported in Bulk Query", None)
    if any(sobject.fields[name].type == "address" for name in fields):
        raise ApiError(400, "INVALID_FIELD", "Selecting compound data not supported in Bulk Query")


def _create(call: Call) -> Answer:
    asked = _asked(call)
    query = parse(asked["query"])
    sobject = find_object(query, call, is_tooling=False)
    compiled = compile_query(
        query,
        sobject,
        include_deleted=asked["operation"] == "queryAll",
        today=dt.datetime.now(dt.UTC).date(),
    )
    _check(query, sobject, compiled.fields)
    return Answer(bulk.create_job(call.org.store, asked, call.version, sobject, compiled))


def _id(call: Call) -> str:
    return full_id(call.path["job"])


def _list(call: Call) -> Answer:
    found: list[Any] = bulk.all_jobs(call.org.store)
    return Answer({"done": True, "records": found, "nextRecordsUrl": None})


def _info(call: Call) -> Answer:
    return Answer(bulk.job_info(call.org.store, _id(call)))


def _abort(call: Call) -> Answer:
    if call.json_object().get("state") != "Aborted":
        raise ApiError(400, "INVALIDJOBSTATE", "A query job can only be set to Aborted.")
    return Answer(bulk.abort_job(call.org.store, _id(call)))


def _delete(call: Call) -> Answer:
    bulk.delete_job(call.org.store, _id(call))
    return Answer()


def _results(call: Call) -> Answer:
    most = call.query.get("maxRecords")
    if most is not None and not (most.isdecimal() and int(most) > 0):
        raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", f"Invalid maxRecords: {most}")
    text, count, locator = bulk.results(
        call.org.store,
        _id(call),
        call.version,
        call.query.get("locator"),
        int(most) if most else None,
    )
    headers = {"Sforce-NumberOfRecords": str(count), "Sforce-Locator": locator}
    return Answer(csv=text, headers=headers)


def _create_ingest(call: Call) -> Answer:
    body = call.json_object()
    allowed = {**_ALLOWED, "operation": {"update"}}
    unknown = sorted(set(body) - {"object", *allowed})
    if unknown:
        raise ApiError(400, "JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}"')
    asked = {**_DEFAULTS, **body}
    for name, values in allowed.items():
        if asked.get(name) not in values:
            raise ApiError(400, "INVALIDJOB", f"Invalid value for {name}: {asked.get(name)}")
    sobject = call.org.sobject(str(asked.get("object")))
    return Answer(ingest.create_job(call.org.store, asked, call.version, sobject))


def _list_ingest(call: Call) -> Answer:
    found: list[Any] = ingest.all_jobs(call.org.store)
    start = int(call.query.get("queryLocator", "0"))
    end = start + call.org.store.setting("limit:job_page_size", _JOB_PAGE)
    following = f"/services/data/v{call.version}/jobs/ingest?queryLocator={end}"
    is_last = end >= len(found)
    told = {"done": is_last, "nextRecordsUrl": None if is_last else following}
    return Answer({**told, "records": found[start:end]})


def _ingest_info(call: Call) -> Answer:
    return Answer(ingest.job_info(call.org.store, _id(call)))


def _set_ingest_state(call: Call) -> Answer:
    return Answer(ingest.set_state(call.org.store, _id(call), call.json_object().get("state")))


def _upload(call: Call) -> Answer:
    if not call.headers.get("content-type", "").startswith("text/csv"):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The request's Content-Type is not text/csv.")
    ingest.upload(call.org.store, _id(call), call.body)
    return Answer(status=201)


def _successful(call: Call) -> Answer:
    return Answer(csv=ingest.results(call.org.store, _id(call), is_failed=False))


def _failed(call: Call) -> Answer:
    return Answer(csv=ingest.results(call.org.store, _id(call), is_failed=True))


def _unprocessed(call: Call) -> Answer:
    return Answer(csv=ingest.unprocessed(call.org.store, _id(call)))


_INGEST = f"{BASE}/jobs/ingest"
ROUTES = [
    ApiRoute(_INGEST, {"POST": _create_ingest, "GET": _list_ingest}),
    ApiRoute(f"{_INGEST}/{{job}}", {"GET": _ingest_info, "PATCH": _set_ingest_state}),
    ApiRoute(f"{_INGEST}/{{job}}/batches", {"PUT": _upload}),
    ApiRoute(f"{_INGEST}/{{job}}/successfulResults", {"GET": _successful}),
    ApiRoute(f"{_INGEST}/{{job}}/failedResults", {"GET": _failed}),
    ApiRoute(f"{_INGEST}/{{job}}/unprocessedrecords", {"GET": _unprocessed}),
    ApiRoute(f"{BASE}/jobs/query", {"POST": _create, "GET": _list}),
    ApiRoute(f"{BASE}/jobs/query/{{job}}", {"GET": _info, "PATCH": _abort, "DELETE": _delete}),
    ApiRoute(f"{BASE}/jobs/query/{{job}}/results", {"GET": _results}),
]
