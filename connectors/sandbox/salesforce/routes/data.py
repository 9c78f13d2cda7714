"""Versions, limits, describe answers, and single records."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.api import VERSIONS, Answer, ApiRoute, Call, not_found
from connectors.sandbox.salesforce.describe import describe_object, describe_summary
from connectors.sandbox.salesforce.errors import ApiError, RowRefusedError, as_api_error
from connectors.sandbox.salesforce.ids import full_id, is_id
from connectors.sandbox.salesforce.schema import SObject

BASE = "/services/data/v{version}"


def _versions(_call: Call) -> Answer:
    return Answer(
        [
            {"label": f"API {version}", "url": f"/services/data/v{version}", "version": version}
            for version in VERSIONS
        ]
    )


def _resources(call: Call) -> Answer:
    base = f"/services/data/v{call.version}"
    names = ("limits", "sobjects", "query", "queryAll", "jobs", "composite", "tooling")
    return Answer({name: f"{base}/{name}" for name in names})


def _limits(call: Call) -> Answer:
    limit = call.org.daily_limit
    remaining = max(0, limit - call.org.usage())
    return Answer({"DailyApiRequests": {"Max": limit, "Remaining": remaining}})


def _describe_all(call: Call) -> Answer:
    objects = [describe_summary(item, call.version) for item in call.org.store.objects.values()]
    return Answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


def _basic(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    return Answer({"objectDescribe": describe_summary(sobject, call.version), "recentItems": []})


def _describe(call: Call) -> Answer:
    return Answer(describe_object(call.org.sobject(call.path["object"]), call.version))


def _create(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    try:
        with call.org.store.transaction():
            record_id = records.create(call.org.store, sobject.name, call.json_object())
    except RowRefusedError as error:
        raise as_api_error(error) from error
    place = f"/services/data/v{call.version}/sobjects/{sobject.name}/{record_id}"
    made = {"id": record_id, "success": True, "errors": []}
    return Answer(made, 201, headers={"Location": place})


def asked_fields(sobject: SObject, listed: str | None) -> list[str]:
    """Return the fields that a ``fields=`` parameter names; all if it is absent.

    Raises
    ------
    ApiError
        There is no such field.
    """
    if not listed:
        return list(sobject.fields)
    names = []
    for name in listed.split(","):
        spec = sobject.find(name.strip())
        if spec is None:
            raise ApiError(
                400,
                "INVALID_FIELD",
                f"No such column '{name.strip()}' on entity '{sobject.name}'. If you are attempting"
                " to use a custom field, be sure to append the '__c' after the custom field name.",
            )
        names.append(spec.name)
    return names


def find_live(call: Call, sobject: SObject) -> dict[str, Any]:
    """Return the record that the address names, or answer 404."""
    record_id = call.path["id"]
    record = call.org.store.get(sobject, full_id(record_id)) if is_id(record_id) else None
    if record is None:
        raise ApiError(
            404,
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {record_id}",
        )
    if record.get("IsDeleted"):
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
    return record


def _read(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    fields = asked_fields(sobject, call.query.get("fields"))
    record = find_live(call, sobject)
    if call.query.get("fields") and "Id" not in fields:
        fields = [*fields, "Id"]
    return Answer(records.shown(sobject, record, fields, call.version))


def _update(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    record = find_live(call, sobject)
    values: Mapping[str, Any] = call.json_object()
    if any(name.lower() == "id" for name in values):
        raise ApiError(
            400,
            "INVALID_FIELD",
            "The Id field should not be specified in the sobject data.",
            ("Id",),
        )
    try:
        with call.org.store.transaction():
            records.update(call.org.store, sobject.name, record["Id"], values)
    except RowRefusedError as error:
        raise as_api_error(error) from error
    return Answer()


def _delete(call: Call) -> Answer:
    sobject = call.org.sobject(call.path["object"])
    record = find_live(call, sobject)
    with call.org.store.transaction():
        records.delete(call.org.store, sobject.name, record["Id"])
    return Answer()


def _unknown(_call: Call) -> Answer:
    raise not_found()


ROUTES = [
    ApiRoute("/services/data", {"GET": _versions}, is_public=True),
    ApiRoute(BASE, {"GET": _resources}),
    ApiRoute(f"{BASE}/limits", {"GET": _limits}),
    ApiRoute(f"{BASE}/sobjects", {"GET": _describe_all}),
    ApiRoute(f"{BASE}/sobjects/{{object}}", {"GET": _basic, "POST": _create}),
    ApiRoute(f"{BASE}/sobjects/{{object}}/describe", {"GET": _describe}),
    ApiRoute(
        f"{BASE}/sobjects/{{object}}/{{id}}", {"GET": _read, "PATCH": _update, "DELETE": _delete}
    ),
]
FALLBACK = ApiRoute(
    "/services/{rest:path}",
    dict.fromkeys(("GET", "POST", "PATCH", "PUT", "DELETE"), _unknown),
)
