"""Many records in one call, with an answer to each."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Record, RefusedError, route
from connectors.sandbox.hubspot import errors, records
from connectors.sandbox.hubspot.errors import ValuesRefusedError
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.routes.common import (
    OBJECTS,
    inputs_of,
    is_true,
    kind_of,
    names,
)
from connectors.sandbox.hubspot.routes.objects import associate, refused

MOST_INPUTS = 100


def answer(
    portal: Portal, results: list[Any], faults: list[dict[str, Any]], status: int = 200
) -> Answer:
    """Return a batch's answer: 207 where some of it failed."""
    moment = portal.now()
    payload: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": moment,
        "completedAt": moment,
    }
    if not faults:
        return Answer(payload, status)
    return Answer({**payload, "numErrors": len(faults), "errors": faults}, 207)


def _missing(kind: ObjectType, ids: list[str], verb: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not {verb} some {kind.singular.upper()} objects, they may be deleted or"
        " not exist. Check that ids are valid.",
        "context": {"ids": ids},
    }


def _read(call: Call) -> Answer:
    kind, portal = kind_of(call), call.vendor
    asked = call.json_object()
    wanted, past = names(asked, "properties"), names(asked, "propertiesWithHistory")
    inputs = inputs_of(asked, 50 if past else MOST_INPUTS)
    is_archived = is_true(call.param("archived"))
    results, absent = [], []
    for item in inputs:
        record = records.find(
            portal,
            kind,
            str(item.get("id")),
            id_property=str(asked.get("idProperty") or ""),
            is_archived=is_archived,
        )
        if record is None:
            absent.append(str(item.get("id")))
        else:
            results.append(records.shown(kind, record, wanted, past))
    return answer(portal, results, [_missing(kind, absent, "get")] if absent else [])


def _traced(inputs: list[Record]) -> bool:
    """Tell whether each input has an id of its own, which asks for an answer to each."""
    traces = [item.get("objectWriteTraceId") for item in inputs]
    return bool(traces) and all(traces) and len(set(traces)) == len(traces)


def _fault_of(refusal: RefusedError, item: Record) -> dict[str, Any]:
    shown = {key: value for key, value in refusal.payload.items() if key != "correlationId"}
    trace = item.get("objectWriteTraceId")
    context = {"objectWriteTraceId": [trace]} if trace else {"ids": [str(item.get("id"))]}
    return {**shown, "context": context}


def _write(
    call: Call, write: Callable[[Portal, ObjectType, Record], Record], status: int
) -> Answer:
    """Write each input; without trace ids one refused input refuses them all."""
    kind, portal = kind_of(call), call.vendor
    inputs = inputs_of(call.json_object(), MOST_INPUTS)
    ids = [str(item["id"]) for item in inputs if "id" in item]
    if len(set(ids)) < len(ids):
        raise errors.invalid("Duplicate IDs found in batch input. IDs in a batch must be unique.")
    is_told_apart = _traced(inputs) and (
        status == 201 or bool(portal.settings["multi_status_updates"])
    )
    before = {} if is_told_apart else _copies(portal, kind, inputs)
    results: list[Record] = []
    faults = []
    for item in inputs:
        try:
            results.append(write(portal, kind, item))
            continue
        except ValuesRefusedError as error:
            refusal = refused(portal, error)
        except RefusedError as error:
            refusal = error
        if not is_told_apart and refusal.status != 404:
            _undo(portal, kind, results, before)
            raise refusal
        faults.append(_fault_of(refusal, item))
    return answer(portal, results, faults, status)


def _copies(portal: Portal, kind: ObjectType, inputs: list[Record]) -> dict[str, Record]:
    keys = [(str(item.get("id")), str(item.get("idProperty") or "")) for item in inputs]
    found = [records.find(portal, kind, key, id_property=name) for key, name in keys]
    return {record["id"]: copy.deepcopy(record) for record in found if record is not None}


def _undo(
    portal: Portal, kind: ObjectType, results: list[Record], before: dict[str, Record]
) -> None:
    for record_id in {made["id"] for made in results}:
        portal.remove(kind, record_id)
    for record in before.values():
        portal.put(kind, record)


def _update_one(portal: Portal, kind: ObjectType, item: Record) -> Record:
    given: Mapping[str, Any] = item.get("properties") or {}
    record = _named(portal, kind, item)
    if record is None:
        raise RefusedError(404, _missing(kind, [str(item.get("id"))], "update"))
    records.update(portal, kind, record, given)
    return _with_trace(records.shown(kind, record, [*given]), item)


def _upsert_one(portal: Portal, kind: ObjectType, item: Record) -> Record:
    key = str(item.get("idProperty") or "")
    if not key:
        raise errors.invalid("Invalid input JSON: Some required fields were not set: [idProperty]")
    record, is_new = _named(portal, kind, item), False
    given = {key: item.get("id"), **(item.get("properties") or {})}
    if record is None:
        record, is_new = records.create(portal, kind, given), True
    else:
        records.update(portal, kind, record, given)
    shown = records.shown(kind, record, list(record["properties"]))
    return _with_trace({**shown, "new": is_new}, item)


def _named(portal: Portal, kind: ObjectType, item: Record) -> Record | None:
    """Return the record that an input names; the internal id is not a unique property."""
    key = str(item.get("idProperty") or "")
    if key == "hs_object_id":
        raise errors.invalid(
            f"Unable to perform update/upsert by non-unique {kind.type_id} property {key} in"
            f" portal ID {portal.portal_id}"
        )
    return records.find(portal, kind, str(item.get("id")), id_property=key)


def _with_trace(shown: Record, item: Record) -> Record:
    trace = item.get("objectWriteTraceId")
    return {**shown, "objectWriteTraceId": trace} if trace else shown


def _create_one(portal: Portal, kind: ObjectType, item: Record) -> Record:
    record = records.create(portal, kind, item.get("properties") or {})
    try:
        associate(portal, kind, record["id"], item)
    except RefusedError:
        portal.remove(kind, record["id"])
        raise
    return _with_trace(records.shown(kind, record, list(record["properties"])), item)


def _update(call: Call) -> Answer:
    return _write(call, _update_one, 200)


def _create(call: Call) -> Answer:
    return _write(call, _create_one, 201)


def _upsert(call: Call) -> Answer:
    return _write(call, _upsert_one, 200)


def _archive(call: Call) -> Answer:
    kind, portal = kind_of(call), call.vendor
    for item in inputs_of(call.json_object(), MOST_INPUTS):
        record = records.find(portal, kind, str(item.get("id")))
        if record is not None:
            records.archive(portal, kind, record)
    return Answer()


def routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of this area."""
    verbs = {
        "read": _read,
        "update": _update,
        "create": _create,
        "upsert": _upsert,
        "archive": _archive,
    }
    return [
        route(portal, f"{OBJECTS}/batch/{verb}", {"POST": handler})
        for verb, handler in verbs.items()
    ]
