"""The part of the Tooling API that makes, changes and removes custom fields."""

import json
from typing import Any

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.api import Answer, ApiRoute, Call, not_found
from connectors.sandbox.salesforce.custom_fields import custom_field, split_full_name
from connectors.sandbox.salesforce.describe import describe_object, describe_summary
from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.fieldtypes import format_datetime
from connectors.sandbox.salesforce.ids import full_id
from connectors.sandbox.salesforce.routes.data import BASE
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.store import ACTIVITY, INTEGRATION_USER_ID, now, objects_of


def _object(call: Call) -> SObject:
    for name, sobject in call.org.store.tooling.items():
        if name.lower() == call.path["object"].lower():
            return sobject
    raise not_found()


def _custom_fields(call: Call) -> SObject:
    sobject = _object(call)
    if sobject.name != "CustomField":
        raise not_found()
    return sobject


def _record(call: Call, sobject: SObject) -> dict[str, Any]:
    record = call.org.store.get(sobject, full_id(call.path["id"]))
    if record is None or record["IsDeleted"]:
        raise not_found()
    return record


def _describe_all(call: Call) -> Answer:
    objects = [describe_summary(item, call.version) for item in call.org.store.tooling.values()]
    return Answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


def _describe(call: Call) -> Answer:
    return Answer(describe_object(_object(call), call.version))


def _create(call: Call) -> Answer:
    _custom_fields(call)
    body = call.json_object()
    object_name, developer_name = split_full_name(body.get("FullName"))
    store = call.org.store
    entities = [*(name for name in store.objects if name not in objects_of(ACTIVITY)), ACTIVITY]
    target = next((name for name in entities if name.lower() == object_name.lower()), None)
    if target is None:
        raise ApiError(
            400,
            "INVALID_CROSS_REFERENCE_KEY",
            f"In field: CustomField - no CustomObject named {object_name} found",
        )
    spec = custom_field(developer_name, body.get("Metadata"))
    moment = format_datetime(now())
    with store.transaction():
        if store.objects[objects_of(target)[0]].find(spec.name):
            raise ApiError(
                400,
                "DUPLICATE_DEVELOPER_NAME",
                f"There is already a field named {developer_name} on {target}.",
                ("FullName",),
            )
        store.add_field(target, spec)
        record_id = store.new_id("00N")
        row = {
            "Id": record_id,
            "DeveloperName": developer_name,
            "TableEnumOrId": target,
            "FullName": f"{target}.{spec.name}",
            "Metadata": json.dumps(body["Metadata"]),
            "IsDeleted": False,
            "CreatedById": INTEGRATION_USER_ID,
            "LastModifiedById": INTEGRATION_USER_ID,
            **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), moment),
        }
        store.put("CustomField", [row])
    return Answer(
        {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []}, 201
    )


def _read(call: Call) -> Answer:
    sobject = _object(call)
    record = _record(call, sobject)
    if "Metadata" in record:
        record["Metadata"] = json.loads(record["Metadata"])
    return Answer(records.shown(sobject, record, list(sobject.fields), call.version))


def _change(call: Call) -> Answer:
    record = _record(call, _custom_fields(call))
    metadata = call.json_object().get("Metadata")
    spec = custom_field(record["DeveloperName"], metadata)
    store = call.org.store
    (target, *_) = objects_of(record["TableEnumOrId"])
    if spec.column_type != store.objects[target].fields[spec.name].column_type:
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", "Cannot change the type of this field.")
    moment = format_datetime(now())
    with store.transaction():
        store.add_field(record["TableEnumOrId"], spec)
        store.change(
            "CustomField",
            record["Id"],
            {
                "Metadata": json.dumps(metadata),
                "LastModifiedDate": moment,
                "SystemModstamp": moment,
            },
        )
    return Answer()


def _delete(call: Call) -> Answer:
    record = _record(call, _custom_fields(call))
    store = call.org.store
    name = f"{record['DeveloperName']}__c"
    with store.transaction():
        store.remove_field(record["TableEnumOrId"], name)
        store.rows('delete from "CustomField" where "Id" = ?', (record["Id"],))
        store.rows('delete from "FieldPermissions" where "Field" = ?', (record["FullName"],))
    return Answer()


ROUTES = [
    ApiRoute(f"{BASE}/tooling/sobjects", {"GET": _describe_all}),
    ApiRoute(f"{BASE}/tooling/sobjects/{{object}}", {"POST": _create}),
    ApiRoute(f"{BASE}/tooling/sobjects/{{object}}/describe", {"GET": _describe}),
    ApiRoute(
        f"{BASE}/tooling/sobjects/{{object}}/{{id}}",
        {"GET": _read, "PATCH": _change, "DELETE": _delete},
    ),
]
