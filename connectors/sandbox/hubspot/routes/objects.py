"""Single records, lists of them, and search."""

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Record, RefusedError, route
from connectors.sandbox.hubspot import errors, records
from connectors.sandbox.hubspot.associations import connect, in_record, move_links
from connectors.sandbox.hubspot.errors import ValuesRefusedError
from connectors.sandbox.hubspot.objects import LINKS, ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.routes.common import (
    OBJECTS,
    is_true,
    kind_of,
    limit_of,
    listed,
    names,
    page,
)
from connectors.sandbox.hubspot.search import MOST_A_PAGE, MOST_RESULTS, search

_MOST_A_PAGE = 100
_MOST_WITH_HISTORY = 50


def _targets(call: Call) -> list[ObjectType]:
    portal: Portal = call.vendor
    return [portal.kind(name) for name in listed(call, "associations")]


def _list(call: Call) -> Answer:
    kind = kind_of(call)
    portal: Portal = call.vendor
    past = listed(call, "propertiesWithHistory")
    most = _MOST_WITH_HISTORY if past else _MOST_A_PAGE
    limit = limit_of(call.param("limit"), 10, most)
    after = call.param("after", "0")
    if not after.isdecimal():
        raise errors.invalid(f"Invalid after: {after}")
    is_archived = is_true(call.param("archived"))
    targets = _targets(call)
    rest = portal.index.after(kind.name, int(after), limit + 1, is_archived=is_archived)
    results = []
    for record in rest[:limit]:
        shown = records.shown(kind, record, listed(call, "properties"), past)
        found = in_record(portal, kind, record, targets)
        results.append({**shown, "associations": found} if found else shown)
    following = rest[limit - 1]["id"] if 0 < limit < len(rest) else None
    return Answer(page(call, results, following))


def _found(call: Call, *, is_archived: bool = False) -> Record:
    kind = kind_of(call)
    record = records.find(
        call.vendor,
        kind,
        call.path["id"],
        id_property=call.param("idProperty"),
        is_archived=is_archived,
    )
    if record is None:
        raise errors.not_found("Object not found.  objectId are usually numeric.")
    return record


def _read(call: Call) -> Answer:
    kind = kind_of(call)
    record = _found(call, is_archived=is_true(call.param("archived")))
    past = listed(call, "propertiesWithHistory")
    answer = records.shown(kind, record, listed(call, "properties"), past)
    found = in_record(call.vendor, kind, record, _targets(call))
    return Answer({**answer, "associations": found} if found else answer)


def refused(portal: Portal, error: ValuesRefusedError) -> RefusedError:
    """Return the answer to a request whose values are refused."""
    return RefusedError(400, errors.invalid_values(error.faults, portal.portal_id))


def _create(call: Call) -> Answer:
    kind, portal = kind_of(call), call.vendor
    asked = call.json_object()
    try:
        record = records.create(portal, kind, asked.get("properties") or {})
    except ValuesRefusedError as error:
        raise refused(portal, error) from error
    try:
        associate(portal, kind, record["id"], asked)
    except RefusedError:
        portal.remove(kind, record["id"])
        raise
    return Answer(records.shown(kind, record, list(record["properties"])), 201)


def associate(portal: Portal, kind: ObjectType, record_id: str, asked: Record) -> None:
    """Make the associations that a new record is to have."""
    for entry in asked.get("associations") or []:
        types = entry.get("types") or []
        target = _target(kind, types)
        numbers = [int(item["associationTypeId"]) for item in types]
        connect(portal, kind, record_id, target, str(entry["to"]["id"]), numbers)


def _target(kind: ObjectType, types: list[Record]) -> ObjectType:
    from_links = link_targets(kind)
    for item in types:
        found = from_links.get(int(item.get("associationTypeId", 0)))
        if found is not None:
            return found
    raise errors.invalid(f"Associations of {kind.name}: no such type of association: {types}")


def link_targets(kind: ObjectType) -> dict[int, ObjectType]:
    """Return the kind at the other end of each type of association."""
    return {link.type_id: link.target for link in LINKS if link.source == kind}


def _update(call: Call) -> Answer:
    kind, record = kind_of(call), _found(call)
    given = call.json_object().get("properties") or {}
    try:
        records.update(call.vendor, kind, record, given)
    except ValuesRefusedError as error:
        raise refused(call.vendor, error) from error
    return Answer(records.shown(kind, record, [*given]))


def _archive(call: Call) -> Answer:
    kind = kind_of(call)
    record = records.find(call.vendor, kind, call.path["id"])
    if record is not None:  # archiving what is gone answers the same
        records.archive(call.vendor, kind, record)
    return Answer()


def _merge(call: Call) -> Answer:
    kind, asked = kind_of(call), call.json_object()
    portal: Portal = call.vendor
    found = []
    for key in ("primaryObjectId", "objectIdToMerge"):
        record = records.find(portal, kind, str(asked.get(key)))
        if record is None:
            raise errors.not_found(f"Object not found: {asked.get(key)}")
        found.append(record)
    if found[0] is found[1]:
        raise errors.invalid("A record cannot be merged with itself")
    move_links(portal, kind, found[1]["id"], found[0]["id"])
    merged = records.merge(portal, kind, found[0], found[1])
    return Answer(records.shown(kind, merged, list(merged["properties"])))


def _search(call: Call) -> Answer:
    kind, portal = kind_of(call), call.vendor
    asked = call.json_object()
    limit = limit_of(asked.get("limit"), 10, MOST_A_PAGE)
    after = str(asked.get("after") or 0)
    if not after.isdecimal():
        raise errors.invalid(f"Invalid after: {after}")
    start = int(after)
    if start + limit > MOST_RESULTS:
        raise errors.invalid(f"The search API returns at most {MOST_RESULTS} results of a query")
    found = search(portal, kind, asked)
    wanted = names(asked, "properties")
    shown = [records.shown(kind, record, wanted) for record in found[start : start + limit]]
    following = str(start + limit) if limit > 0 and start + limit < len(found) else None
    return Answer({"total": len(found), **page(call, shown, following)})


def routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of this area."""
    table = {
        OBJECTS: {"GET": _list, "POST": _create},
        f"{OBJECTS}/search": {"POST": _search},
        f"{OBJECTS}/merge": {"POST": _merge},
        f"{OBJECTS}/{{id}}": {"GET": _read, "PATCH": _update, "DELETE": _archive},
    }
    return [route(portal, path, handlers) for path, handlers in table.items()]
