"""Definitions of properties and their groups."""

import re
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Record, RefusedError, route
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.properties import FIELD_TYPES, Property, option
from connectors.sandbox.hubspot.routes.batch import answer
from connectors.sandbox.hubspot.routes.common import inputs_of, is_true, kind_of

_PROPERTIES = "/crm/v3/properties/{kind}"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_REQUIRED = ("groupName", "name", "label", "type", "fieldType")


def _of(call: Call) -> dict[str, Property]:
    portal: Portal = call.vendor
    return portal.properties[kind_of(call).name]


def _list(call: Call) -> Answer:
    if is_true(call.param("archived")):
        return Answer({"results": []})
    return Answer({"results": [spec.shown() for _, spec in sorted(_of(call).items())]})


def _list_before(call: Call) -> Answer:
    return Answer([spec.shown_before() for _, spec in sorted(_of(call).items())])


def _found(call: Call) -> Property:
    spec = _of(call).get(call.path["name"].lower())
    if spec is None:
        raise errors.not_found(f"Property {call.path['name']} does not exist")
    return spec


def _read(call: Call) -> Answer:
    return Answer(_found(call).shown())


def _made(portal: Portal, kind: ObjectType, asked: Record) -> Property:
    absent = [name for name in _REQUIRED if not asked.get(name)]
    if absent:
        raise errors.invalid(
            f"Invalid input JSON: Some required fields were not set: [{', '.join(absent)}]"
        )
    name = str(asked["name"])
    if not _NAME.fullmatch(name):
        raise errors.invalid(
            f"Property name {name} must begin with a letter and hold only lower-case letters,"
            " digits and underscores"
        )
    if asked["fieldType"] not in FIELD_TYPES.get(asked["type"], set()):
        raise errors.invalid(
            f"fieldType {asked['fieldType']} is not valid for the type {asked['type']}"
        )
    if asked["groupName"] not in portal.groups[kind.name]:
        raise errors.invalid(f"Property group {asked['groupName']} does not exist")
    choices = [
        {**option(str(item["value"]), order, str(item["label"])), **item}
        for order, item in enumerate(asked.get("options") or [])
    ]
    return Property(
        name,
        str(asked["label"]),
        asked["type"],
        asked["fieldType"],
        asked["groupName"],
        tuple(choices),
        str(asked.get("description") or ""),
        is_custom=True,
        has_unique_value=bool(asked.get("hasUniqueValue")),
    )


def _add(portal: Portal, kind: ObjectType, asked: Record) -> Record:
    spec = _made(portal, kind, asked)
    if spec.name in portal.properties[kind.name]:
        words = f"A property named '{spec.name}' already exists."
        raise RefusedError(409, errors.body("OBJECT_ALREADY_EXISTS", words))
    _keep(portal, kind, spec)
    return spec.shown()


def _keep(portal: Portal, kind: ObjectType, spec: Property) -> None:
    portal.properties[kind.name][spec.name] = spec
    portal.touch("properties", f"{kind.name}/{spec.name}")


def _create(call: Call) -> Answer:
    return Answer(_add(call.vendor, kind_of(call), call.json_object()), 201)


def _create_many(call: Call) -> Answer:
    portal, kind = call.vendor, kind_of(call)
    results, faults = [], []
    for asked in inputs_of(call.json_object(), 100):
        try:
            results.append(_add(portal, kind, asked))
        except RefusedError as error:
            context = {"name": [str(asked.get("name"))]}
            faults.append({**error.payload, "context": context})
    return answer(portal, results, faults, 201)


def _change(call: Call) -> Answer:
    spec = _found(call)
    if not spec.is_custom:
        raise errors.invalid(f"The definition of {spec.name} cannot be changed")
    asked = {**spec.shown(), **call.json_object(), "name": spec.name}
    asked["hasUniqueValue"] = spec.has_unique_value  # settled when a property is made
    changed = _made(call.vendor, kind_of(call), asked)
    _keep(call.vendor, kind_of(call), changed)
    return Answer(changed.shown())


def _archive(call: Call) -> Answer:
    spec = _of(call).get(call.path["name"].lower())
    if spec is not None and not spec.is_custom:
        raise errors.invalid(f"The property {spec.name} cannot be archived")
    if spec is not None:
        del _of(call)[spec.name]
        call.vendor.touch("properties", f"{kind_of(call).name}/{spec.name}")
    return Answer()


def _read_many(call: Call) -> Answer:
    known, results, absent = _of(call), [], []
    for item in inputs_of(call.json_object(), 100):
        name = str(item.get("name"))
        if name in known:
            results.append(known[name].shown())
        else:
            absent.append(name)
    fault = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not find some properties.",
        "context": {"name": absent},
    }
    return answer(call.vendor, results, [fault] if absent else [])


def _groups(call: Call) -> Answer:
    portal: Portal = call.vendor
    return Answer({"results": list(portal.groups[kind_of(call).name].values())})


def _create_group(call: Call) -> Answer:
    portal: Portal = call.vendor
    groups, asked = portal.groups[kind_of(call).name], call.json_object()
    if not asked.get("name") or not asked.get("label"):
        raise errors.invalid("Invalid input JSON: Some required fields were not set: [name, label]")
    if asked["name"] in groups:
        words = f"A property group named '{asked['name']}' already exists."
        raise RefusedError(409, errors.body("OBJECT_ALREADY_EXISTS", words))
    made = {"displayOrder": -1, "archived": False, **asked}
    groups[asked["name"]] = made
    portal.touch("groups", f"{kind_of(call).name}/{asked['name']}")
    return Answer(made, 201)


def _group(call: Call) -> Answer:
    portal: Portal = call.vendor
    found = portal.groups[kind_of(call).name].get(call.path["name"])
    if found is None:
        raise errors.not_found(f"Property group {call.path['name']} does not exist")
    return Answer(found)


def routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of this area."""
    table: dict[str, dict[str, Any]] = {
        _PROPERTIES: {"GET": _list, "POST": _create},
        f"{_PROPERTIES}/groups": {"GET": _groups, "POST": _create_group},
        f"{_PROPERTIES}/groups/{{name}}": {"GET": _group},
        f"{_PROPERTIES}/batch/create": {"POST": _create_many},
        f"{_PROPERTIES}/batch/read": {"POST": _read_many},
        f"{_PROPERTIES}/{{name}}": {"GET": _read, "PATCH": _change, "DELETE": _archive},
        "/properties/v2/{kind}/properties": {"GET": _list_before},
    }
    return [route(portal, path, handlers) for path, handlers in table.items()]
