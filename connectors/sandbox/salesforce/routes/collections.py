"""sObject Collections: up to 200 records a call, each with its own outcome."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.api import Answer, ApiRoute, Call
from connectors.sandbox.salesforce.errors import ApiError, RowError, RowRefusedError
from connectors.sandbox.salesforce.ids import full_id, is_id
from connectors.sandbox.salesforce.routes.data import BASE, asked_fields

MOST_RECORDS = 200
MOST_READ = 2000
MOST_CHUNKS = 10
_ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone"
    " header",
)
Result = dict[str, Any]


class _AllOrNoneError(Exception):
    """Ends the transaction of a request of which one record was refused."""


def _too_many(most: int) -> ApiError:
    return ApiError(
        400,
        "EXCEEDED_ID_LIMIT",
        f"record limit reached. cannot submit more than {most} records into this call",
    )


def _refused(record_id: str | None, errors: tuple[RowError, ...]) -> Result:
    result: Result = {"id": record_id} if record_id else {}
    return {
        **result,
        "success": False,
        "errors": [
            {"statusCode": error.code, "message": error.message, "fields": list(error.fields)}
            for error in errors
        ],
    }


def _submitted(call: Call) -> tuple[list[dict[str, Any]], bool]:
    body = call.json_object()
    submitted = body.get("records")
    if not isinstance(submitted, list) or not all(isinstance(row, dict) for row in submitted):
        raise ApiError(
            400, "JSON_PARSER_ERROR", "The request body needs 'records', a list of sObjects."
        )
    if len(submitted) > MOST_RECORDS:
        raise _too_many(MOST_RECORDS)
    types = [str((row.get("attributes") or {}).get("type")) for row in submitted]
    if len(list(groupby(types))) > MOST_CHUNKS:
        raise ApiError(
            400,
            "LIMIT_EXCEEDED",
            "Cannot have more than 10 chunks in a single operation. Please rearrange the data to"
            " reduce chunking.",
        )
    return submitted, call.is_all_or_none or body.get("allOrNone") is True


def _type_of(call: Call, row: dict[str, Any]) -> str:
    name = (row.get("attributes") or {}).get("type")
    for known in call.org.store.objects:
        if isinstance(name, str) and known.lower() == name.lower():
            return known
    raise RowRefusedError(RowError("INVALID_TYPE", f"sObject type '{name}' is not supported."))


def _run(
    call: Call, items: list[Any], all_or_none: bool, act: Callable[[Any], str]
) -> list[Result]:
    """Apply ``act`` to each item in order, in one transaction.

    A refused item has written nothing: a record is checked whole before its one write.
    """
    results: list[Result] = []
    store = call.org.store
    try:
        with store.transaction():
            for item in items:
                try:
                    results.append({"id": act(item), "success": True, "errors": []})
                except RowRefusedError as error:
                    results.append(_refused(_given_id(item), error.errors))
            if all_or_none and not all(result["success"] for result in results):
                raise _AllOrNoneError
    except _AllOrNoneError:
        return [
            _refused(_given_id(item), (_ROLLED_BACK,)) if result["success"] else result
            for item, result in zip(items, results, strict=True)
        ]
    return results


def _given_id(item: Any) -> str | None:
    if isinstance(item, str):
        return item
    found = item.get("Id", item.get("id"))
    return str(found) if found else None


def _create(call: Call) -> Answer:
    submitted, all_or_none = _submitted(call)

    def act(row: dict[str, Any]) -> str:
        if _given_id(row):
            raise RowRefusedError(
                RowError(
                    "INVALID_FIELD_FOR_INSERT_UPDATE",
                    "cannot specify Id in an insert call",
                    ("Id",),
                )
            )
        return records.create(call.org.store, _type_of(call, row), row)

    return Answer(_run(call, submitted, all_or_none, act))


def _update(call: Call) -> Answer:
    submitted, all_or_none = _submitted(call)

    def act(row: dict[str, Any]) -> str:
        name = _type_of(call, row)
        record_id = _given_id(row)
        if record_id is None:
            raise RowRefusedError(
                RowError("MISSING_ARGUMENT", "Id not specified in an update call", ("Id",))
            )
        records.update(call.org.store, name, record_id, row)
        return full_id(record_id)

    return Answer(_run(call, submitted, all_or_none, act))


def _upsert(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    spec = sobject.find(call.path["field"])
    if spec is None or not spec.is_external_id:
        raise ApiError(
            400,
            "INVALID_FIELD",
            f"Field name provided, {call.path['field']} is not an External ID or indexed field for"
            f" {sobject.name}",
        )
    submitted, all_or_none = _submitted(call)
    created: list[bool] = []

    def act(row: dict[str, Any]) -> str:
        created.append(False)
        name, value = _type_of(call, row), row.get(spec.name)
        if name != sobject.name or not value:
            words = f"{spec.name} not specified" if not value else f"not a {sobject.name}"
            raise RowRefusedError(RowError("MISSING_ARGUMENT", words, (spec.name,)))
        found = records.find_by_value(call.org.store, sobject, spec.name, value)
        if found:
            records.update(call.org.store, name, found[0], row)
            return found[0]
        created[-1] = True
        return records.create(call.org.store, name, row)

    results = _run(call, submitted, all_or_none, act)
    return Answer(
        [
            {**result, "created": is_new} if result["success"] else result
            for result, is_new in zip(results, created, strict=True)
        ]
    )


def _delete(call: Call) -> Answer:
    ids = [part for part in call.query.get("ids", "").split(",") if part]
    if len(ids) > MOST_RECORDS:
        raise _too_many(MOST_RECORDS)
    prefixes = {item.key_prefix: name for name, item in call.org.store.objects.items()}

    def act(record_id: str) -> str:
        if not is_id(record_id) or record_id[:3] not in prefixes:
            raise RowRefusedError(RowError("MALFORMED_ID", f"malformed id {record_id}"))
        records.delete(call.org.store, prefixes[record_id[:3]], record_id)
        return full_id(record_id)

    wished = call.query.get("allOrNone", "false").lower() == "true"
    return Answer(_run(call, ids, call.is_all_or_none or wished, act))


def _read(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    if call.method == "POST":
        body = call.json_object()
        ids, names = body.get("ids") or [], ",".join(body.get("fields") or [])
    else:
        ids = [part for part in call.query.get("ids", "").split(",") if part]
        names = call.query.get("fields", "")
    if len(ids) > MOST_READ:
        raise _too_many(MOST_READ)
    if not names:
        raise ApiError(400, "MISSING_ARGUMENT", "The fields parameter is required.")
    fields = asked_fields(sobject, names)
    wanted = [full_id(str(record_id)) for record_id in ids]
    found = call.org.store.records(sobject, [*fields, "IsDeleted"], wanted)
    return Answer(
        [
            None
            if record_id not in found or found[record_id]["IsDeleted"]
            else records.shown(sobject, found[record_id], fields, call.version)
            for record_id in wanted
        ]
    )


ROUTES = [
    ApiRoute(f"{BASE}/composite/sobjects", {"POST": _create, "PATCH": _update, "DELETE": _delete}),
    ApiRoute(f"{BASE}/composite/sobjects/{{object}}", {"GET": _read, "POST": _read}),
    ApiRoute(f"{BASE}/composite/sobjects/{{object}}/{{field}}", {"PATCH": _upsert}),
]
