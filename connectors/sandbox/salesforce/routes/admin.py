"""Addresses that no real org has: health, seeding, faults, limits.

They take no credentials, so they answer only programs on this machine: a request from a web page
carries an ``Origin`` or a foreign ``Host``, and the server refuses both.
"""

import os
from collections import defaultdict
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.api import Answer, ApiRoute, Call, Org, json_response
from connectors.sandbox.salesforce.errors import ApiError, RowRefusedError

_BATCH = 1000
ADMIN = "/__sandbox__"
_SETTINGS = {
    "query_page_size": "limit:query_page_size",
    "bulk_page_size": "limit:bulk_page_size",
    "bulk_job_seconds": "limit:bulk_job_seconds",
    "daily_bulk_records": "limit:daily_bulk_records",
    "job_page_size": "limit:job_page_size",
    "rotate_refresh_tokens": "app:rotate_refresh_tokens",
}


def _health(call: Call) -> Answer:
    org = call.org
    counts = {
        name: org.store.rows(f'select count(*) from "{name}"')[0][0]  # noqa: S608
        for name in org.store.objects
    }
    return Answer({"pid": os.getpid(), "url": org.base_url, "records": counts})


class _Seeder:
    """Takes NDJSON as it arrives and writes it in batches."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.rest = b""
        self.waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.written: dict[str, int] = defaultdict(int)
        self.line = 0

    def feed(self, chunk: bytes) -> None:
        lines = (self.rest + chunk).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self._take(line)

    def finish(self) -> None:
        self._take(self.rest)
        for name in list(self.waiting):
            self._flush(name)

    def _take(self, line: bytes) -> None:
        self.line += 1
        if not line.strip():
            return
        try:
            entry = orjson.loads(line)
            name, record = entry["object"], entry["record"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise ApiError(
                400,
                "JSON_PARSER_ERROR",
                f'Line {self.line} is not {{"object": ..., "record": {{...}}}}: {error}',
            ) from error
        self.waiting[name].append(record)
        if len(self.waiting[name]) >= _BATCH:
            self._flush(name)

    def _flush(self, name: str) -> None:
        batch = self.waiting.pop(name)
        records.seed(self.org.store, name, batch)
        self.written[name] += len(batch)


async def _seed(request: Request) -> Response:
    seeder = _Seeder(request.app.state.org)
    chunks = [chunk async for chunk in request.stream()]
    try:
        await run_in_threadpool(_write_all, seeder, chunks)
    except ApiError as error:
        return json_response(error.body(), error.status)
    return json_response(dict(seeder.written))


def _write_all(seeder: _Seeder, chunks: list[bytes]) -> None:
    with seeder.org.store.transaction():
        for chunk in chunks:
            seeder.feed(chunk)
        seeder.finish()


def _add_fault(call: Call) -> Answer:
    try:
        fault = call.org.faults.add(call.json_object())
    except ValueError as error:
        raise ApiError(400, "INVALID_FAULT", str(error)) from error
    return Answer(vars(fault), 201)


def _list_faults(call: Call) -> Answer:
    return Answer(call.org.faults.planned())


def _clear_faults(call: Call) -> Answer:
    call.org.faults.clear()
    return Answer()


def _requests(call: Call) -> Answer:
    return Answer(dict(call.org.faults.requests))


def _set_limits(call: Call) -> Answer:
    wanted = call.json_object()
    org = call.org
    if "daily_api_requests" in wanted:
        org.store.set_setting("limit:daily_api_requests", int(wanted["daily_api_requests"]))
    if "used" in wanted:
        org.usage(int(wanted["used"]) - org.usage())
    for name, setting in _SETTINGS.items():
        if name in wanted:
            org.store.set_setting(setting, int(wanted[name]))
    return Answer({"daily_api_requests": org.daily_limit, "used": org.usage()})


def _edit(call: Call) -> Answer:
    """Change a record as one of the org's people would."""
    asked = call.json_object()
    store = call.org.store
    try:
        person = records.existing(store, store.objects["User"], str(asked["by"]))
        with store.transaction():
            name, values = str(asked["object"]), dict(asked["values"])
            records.update(store, name, str(asked["id"]), values, by=person["Id"])
    except (KeyError, TypeError, ValueError) as error:
        what = 'This is not {"object": ..., "id": ..., "values": {...}, "by": (a user\'s Id)}'
        raise ApiError(400, "INVALID_EDIT", f"{what}: {error!r}") from error
    except RowRefusedError as error:
        raise ApiError(400, error.errors[0].code, error.errors[0].message) from error
    return Answer()


def _end_sessions(call: Call) -> Answer:
    call.org.store.close_sessions()
    return Answer()


ROUTES = [
    ApiRoute(f"{ADMIN}/health", {"GET": _health}, is_public=True),
    Route(f"{ADMIN}/seed", _seed, methods=["POST"]),
    ApiRoute(
        f"{ADMIN}/faults",
        {"POST": _add_fault, "GET": _list_faults, "DELETE": _clear_faults},
        is_public=True,
    ),
    ApiRoute(f"{ADMIN}/edits", {"POST": _edit}, is_public=True),
    ApiRoute(f"{ADMIN}/requests", {"GET": _requests}, is_public=True),
    ApiRoute(f"{ADMIN}/limits", {"POST": _set_limits}, is_public=True),
    ApiRoute(f"{ADMIN}/sessions", {"DELETE": _end_sessions}, is_public=True),
]
