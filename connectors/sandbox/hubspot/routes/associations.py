"""Associations, version 4 of the API."""

from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, RefusedError, route
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.associations import (
    connect,
    disconnect,
    label_types,
    linked,
    typed,
)
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.routes.batch import answer
from connectors.sandbox.hubspot.routes.common import inputs_of, kind_of, limit_of, page

_BATCH = "/crm/v4/associations/{source}/{target}/batch"
_OBJECT = "/crm/v4/objects/{source}/{id}/associations"
_MOST_READ, _MOST_WRITTEN, _MOST_A_PAGE = 1000, 2000, 500


def _ends(call: Call) -> tuple[Portal, ObjectType, ObjectType]:
    return call.vendor, kind_of(call, "source"), kind_of(call, "target")


def _rows(
    portal: Portal, source: ObjectType, record_id: str, target: ObjectType
) -> list[dict[str, Any]]:
    return [
        {"toObjectId": int(other), "associationTypes": typed(source, target, types)}
        for other, types in linked(portal, source, record_id, target)
    ]


def _read(call: Call) -> Answer:
    portal, source, target = _ends(call)
    results, faults = [], []
    for item in inputs_of(call.json_object(), _MOST_READ):
        record_id = str(item.get("id"))
        rows = _rows(portal, source, record_id, target)
        if rows:
            results.append({"from": {"id": record_id}, "to": rows})
            continue
        words = f"No {target.singular} is associated with {source.singular} {record_id}."
        faults.append(
            {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                "message": words,
                "context": {
                    "fromObjectId": [record_id],
                    "fromObjectType": [source.type_id],
                    "toObjectType": [target.type_id],
                },
            }
        )
    return answer(portal, results, faults)


def _write(call: Call, *, is_default: bool) -> Answer:
    portal, source, target = _ends(call)
    results, faults = [], []
    for item in inputs_of(call.json_object(), _MOST_WRITTEN):
        ends = str(item.get("from", {}).get("id")), str(item.get("to", {}).get("id"))
        numbers = (
            [] if is_default else [int(t["associationTypeId"]) for t in item.get("types") or []]
        )
        try:
            types = connect(portal, source, ends[0], target, ends[1], numbers)
        except RefusedError as error:
            kept = ("status", "category", "message")
            faults.append({**{key: error.payload[key] for key in kept}, "context": {}})
            continue
        labels = [row["label"] for row in typed(source, target, types) if row["label"]]
        results.append(
            {
                "fromObjectTypeId": source.type_id,
                "fromObjectId": int(ends[0]),
                "toObjectTypeId": target.type_id,
                "toObjectId": int(ends[1]),
                "labels": labels,
            }
        )
    return answer(portal, results, faults, 200 if is_default else 201)


def _archive(call: Call) -> Answer:
    portal, source, target = _ends(call)
    for item in inputs_of(call.json_object(), _MOST_WRITTEN):
        for other in item.get("to") or []:
            disconnect(portal, source, str(item["from"]["id"]), target, str(other["id"]))
    return Answer()


def _labels(call: Call) -> Answer:
    _, source, target = _ends(call)
    return Answer({"results": label_types(source, target)})


def _list(call: Call) -> Answer:
    portal, source, target = _ends(call)
    limit = limit_of(call.param("limit"), _MOST_A_PAGE, _MOST_A_PAGE)
    after = call.param("after", "0")
    if not after.isdecimal():
        raise errors.invalid(f"Invalid after: {after}")
    rows = _rows(portal, source, call.path["id"], target)
    rest = [row for row in rows if row["toObjectId"] > int(after)]
    following = str(rest[limit - 1]["toObjectId"]) if 0 < limit < len(rest) else None
    return Answer(page(call, rest[:limit], following))


def _put_default(call: Call) -> Answer:
    portal, source, target = _ends(call)
    types = connect(portal, source, call.path["id"], target, call.path["other"], [])
    rows = [
        {
            "from": {"id": call.path["id"]},
            "to": {"id": call.path["other"]},
            "associationSpec": {
                "associationCategory": row["category"],
                "associationTypeId": row["typeId"],
            },
        }
        for row in typed(source, target, types)
    ]
    return answer(portal, rows, [])


def _put(call: Call) -> Answer:
    portal, source, target = _ends(call)
    types = call.json_list()
    numbers = [int(item["associationTypeId"]) for item in types]
    now = connect(portal, source, call.path["id"], target, call.path["other"], numbers)
    labels = [row["label"] for row in typed(source, target, now) if row["label"]]
    payload = {
        "fromObjectTypeId": source.type_id,
        "fromObjectId": int(call.path["id"]),
        "toObjectTypeId": target.type_id,
        "toObjectId": int(call.path["other"]),
        "labels": labels,
    }
    return Answer(payload, 201)


def _delete(call: Call) -> Answer:
    portal, source, target = _ends(call)
    disconnect(portal, source, call.path["id"], target, call.path["other"])
    return Answer()


def routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of this area."""
    table: dict[str, dict[str, Any]] = {
        f"{_BATCH}/read": {"POST": _read},
        f"{_BATCH}/create": {"POST": lambda call: _write(call, is_default=False)},
        f"{_BATCH}/associate/default": {"POST": lambda call: _write(call, is_default=True)},
        f"{_BATCH}/archive": {"POST": _archive},
        "/crm/v4/associations/{source}/{target}/labels": {"GET": _labels},
        f"{_OBJECT}/default/{{target}}/{{other}}": {"PUT": _put_default},
        f"{_OBJECT}/{{target}}": {"GET": _list},
        f"{_OBJECT}/{{target}}/{{other}}": {"PUT": _put, "DELETE": _delete},
    }
    return [route(portal, path, handlers) for path, handlers in table.items()]
