"""Create, change and delete records by Salesforce's rules."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce.errors import ApiError, RowError, RowRefusedError
from connectors.sandbox.salesforce.fieldtypes import Field, format_datetime, from_stored, to_stored
from connectors.sandbox.salesforce.ids import full_id, is_id
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store, now, quoted

_CLOSED_STAGES = {"Closed Won": (True, True), "Closed Lost": (True, False)}
_UNIQUE = {
    "FieldPermissions": ("ParentId", "Field"),
    "PermissionSet": ("Name",),
    "PermissionSetAssignment": ("PermissionSetId", "AssigneeId"),
}


def create(store: Store, object_name: str, values: Mapping[str, Any]) -> str:
    """Insert one record and return its Id; the caller holds a transaction.

    Raises
    ------
    RowRefusedError
        The record breaks a rule.
    ApiError
        A value is of a wrong JSON kind.
    """
    sobject = store.visible(object_name)
    stored = _checked(store, sobject, values, is_new=True)
    missing = [spec.name for spec in sobject.fields.values() if _is_missing(spec, stored)]
    if missing:
        raise RowRefusedError(
            RowError(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                tuple(missing),
            )
        )
    _refuse_duplicate(store, sobject, stored)
    _refuse_used_value(store, sobject, stored, "")
    moment = format_datetime(now())
    record_id = store.new_id(sobject.key_prefix)
    system = {
        "Id": record_id,
        "IsDeleted": False,
        "CreatedDate": moment,
        "CreatedById": INTEGRATION_USER_ID,
        **_stamps(moment),
    }
    falses = {spec.name: False for spec in sobject.fields.values() if spec.type == "boolean"}
    row = {**falses, **_defaults(sobject), **stored, **system}
    store.put(object_name, [{**row, **_derived(sobject, row)}])
    return record_id


def update(
    store: Store,
    object_name: str,
    record_id: str,
    values: Mapping[str, Any],
    *,
    by: str = INTEGRATION_USER_ID,
) -> None:
    """Change one record; the caller holds a transaction.

    Parameters
    ----------
    by : str
        Id of the user who changes it. Permission sets bind the integration user alone; everybody
        else may write every field.

    Raises
    ------
    RowRefusedError
        There is no such record, it is deleted, or a value breaks a rule.
    """
    is_bound = by == INTEGRATION_USER_ID
    sobject = store.visible(object_name) if is_bound else store.objects[object_name]
    record = existing(store, sobject, record_id)
    stored = _checked(store, sobject, values, is_new=False)
    emptied = [
        name
        for name, value in stored.items()
        if value is None and not sobject.fields[name].nillable
    ]
    if emptied:
        raise RowRefusedError(
            RowError(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(emptied)}]",
                tuple(emptied),
            )
        )
    _refuse_used_value(store, sobject, stored, record["Id"])
    derived = _derived(sobject, {**record, **stored})
    store.change(
        object_name, record["Id"], {**stored, **derived, **_stamps(format_datetime(now()), by)}
    )


def delete(store: Store, object_name: str, record_id: str) -> None:
    """Put one record into the recycle bin; the caller holds a transaction."""
    record = existing(store, store.objects[object_name], record_id)
    store.change(object_name, record["Id"], {"IsDeleted": True, **_stamps(format_datetime(now()))})


def existing(store: Store, sobject: SObject, record_id: str) -> dict[str, Any]:
    """Return a live record.

    Raises
    ------
    RowRefusedError
        ``INVALID_CROSS_REFERENCE_KEY`` if there is none, ``ENTITY_IS_DELETED`` if it is deleted,
        ``MALFORMED_ID`` if the Id is not one of this object's.
    """
    if not is_id(record_id) or not record_id.startswith(sobject.key_prefix):
        raise RowRefusedError(
            RowError(
                "MALFORMED_ID",
                f"{sobject.label} ID: id value of incorrect type: {record_id}",
                ("Id",),
            )
        )
    record = store.get(sobject, full_id(record_id))
    if record is None:
        raise RowRefusedError(RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))
    if record.get("IsDeleted"):
        raise RowRefusedError(RowError("ENTITY_IS_DELETED", "entity is deleted"))
    return record


def shown(
    sobject: SObject, record: Mapping[str, Any], fields: list[str], version: str
) -> dict[str, Any]:
    """Return a record as the REST API writes it."""
    area = "tooling/" if sobject.is_tooling else ""
    result: dict[str, Any] = {
        "attributes": {
            "type": sobject.name,
            "url": f"/services/data/v{version}/{area}sobjects/{sobject.name}/{record['Id']}",
        }
    }
    for name in fields:
        result[name] = from_stored(sobject.fields[name], record[name])
    return result


def _checked(
    store: Store, sobject: SObject, values: Mapping[str, Any], *, is_new: bool
) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    locked = []
    for name, value in values.items():
        if name.lower() in {"attributes", "id"}:
            continue
        spec = sobject.find(name)
        if spec is None:
            raise RowRefusedError(
                RowError(
                    "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}"
                )
            )
        if not (spec.createable if is_new else spec.updateable):
            locked.append(spec.name)
            continue
        stored[spec.name] = to_stored(spec, value)
    if locked:
        verb = "create/update"
        raise RowRefusedError(
            RowError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to {verb} fields: {', '.join(locked)}. Please check the security settings"
                " of this field and verify that it is read/write for your profile or permission"
                " set.",
                tuple(locked),
            )
        )
    _check_references(store, sobject, stored)
    return stored


def _check_references(store: Store, sobject: SObject, stored: Mapping[str, Any]) -> None:
    for name, value in stored.items():
        target = sobject.fields[name].reference_to
        if name == "WhatId" and str(value).startswith("001"):
            target = "Account"  # of the objects that a task may be related to
        if value is None or not target:
            continue
        if not value.startswith(store.objects[target].key_prefix):
            raise RowRefusedError(
                RowError(
                    "MALFORMED_ID",
                    f"{sobject.fields[name].label}: id value of incorrect type: {value}",
                    (name,),
                )
            )
        found = store.get(store.objects[target], value)
        if found is None or found.get("IsDeleted"):
            raise RowRefusedError(
                RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (name,))
            )
        if name == "OwnerId" and not found["IsActive"]:
            raise RowRefusedError(
                RowError(
                    "INACTIVE_OWNER_OR_USER",
                    f"operation performed with inactive user [{value[:15]}] as owner of"
                    f" {sobject.label.lower()}",
                )
            )


def _refuse_duplicate(store: Store, sobject: SObject, stored: Mapping[str, Any]) -> None:
    names = _UNIQUE.get(sobject.name)
    if not names:
        return
    conditions = " and ".join(f"{quoted(name)} = ?" for name in names)
    found = store.rows(
        f'select "Id" from {quoted(sobject.name)} where {conditions} and not "IsDeleted"',  # noqa: S608
        [stored.get(name) for name in names],
    )
    if found:
        raise RowRefusedError(
            RowError(
                "DUPLICATE_VALUE",
                f"duplicate value found: {', '.join(names)} duplicates value on record with id:"
                f" {found[0][0][:15]}",
            )
        )


def find_by_value(store: Store, sobject: SObject, name: str, value: Any) -> list[str]:
    """Return the Ids of the live records that have a value in a field."""
    return [
        row[0]
        for row in store.rows(
            f'select "Id" from {quoted(sobject.name)}'  # noqa: S608
            f' where {quoted(name)} = ? and not "IsDeleted"',
            [value],
        )
    ]


def _refuse_used_value(
    store: Store, sobject: SObject, stored: Mapping[str, Any], record_id: str
) -> None:
    for name, value in stored.items():
        if value is None or not sobject.fields[name].is_unique:
            continue
        others = set(find_by_value(store, sobject, name, value)) - {record_id}
        if others:
            raise RowRefusedError(
                RowError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {name} duplicates value on record with id:"
                    f" {min(others)[:15]}",
                )
            )


def _is_missing(spec: Field, stored: Mapping[str, Any]) -> bool:
    needed = spec.createable and not spec.nillable and spec.type != "boolean"
    return needed and spec.name != "OwnerId" and stored.get(spec.name) is None


def _stamps(moment: str, by: str = INTEGRATION_USER_ID) -> dict[str, Any]:
    return {"LastModifiedDate": moment, "SystemModstamp": moment, "LastModifiedById": by}


def _defaults(sobject: SObject) -> dict[str, Any]:
    defaults = {"OwnerId": INTEGRATION_USER_ID, "Priority": "Normal", "Status": "Not Started"}
    if sobject.name != "Task":
        defaults = {"OwnerId": INTEGRATION_USER_ID}
    return {name: value for name, value in defaults.items() if name in sobject.fields}


def _derived(sobject: SObject, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that Salesforce computes by itself."""
    derived: dict[str, Any] = {}
    if sobject.name in {"Contact", "User"}:
        parts = [row.get("FirstName"), row.get("LastName")]
        derived["Name"] = " ".join(part for part in parts if part)
    elif sobject.name == "Opportunity":
        derived["IsClosed"], derived["IsWon"] = _CLOSED_STAGES.get(
            str(row.get("StageName")), (False, False)
        )
    elif sobject.name == "Task":
        derived["IsClosed"] = row.get("Status") == "Completed"
        done = row.get("CompletedDateTime") or format_datetime(now())
        derived["CompletedDateTime"] = done if derived["IsClosed"] else None
        if str(row.get("WhatId")).startswith("001"):
            derived["AccountId"] = row["WhatId"]
    return {name: value for name, value in derived.items() if name in sobject.fields}


def seed(store: Store, object_name: str, records: list[dict[str, Any]]) -> None:
    """Write records as they are given: Id, CreatedDate, SystemModstamp and IsDeleted included.

    Raises
    ------
    ApiError
        An object or a field does not exist, an Id is missing, or a value is of a wrong kind.
    """
    sobject = store.objects.get(object_name)
    if sobject is None:
        raise ApiError(400, "INVALID_TYPE", f"sObject type '{object_name}' is not supported.")
    moment = format_datetime(now())
    rows = [_seeded(sobject, record, moment) for record in records]
    store.put(object_name, rows)


def _seeded(sobject: SObject, record: Mapping[str, Any], moment: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: False if spec.type == "boolean" else None for name, spec in sobject.fields.items()
    }
    for name, value in record.items():
        if name == "attributes":
            continue
        spec = sobject.find(name)
        if spec is None:
            raise ApiError(
                400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}"
            )
        if spec.type == "address":
            continue
        try:
            row[spec.name] = to_stored(spec, value)
        except RowRefusedError as error:
            raise ApiError(400, error.errors[0].code, error.errors[0].message) from error
    if row["Id"] is None:
        raise ApiError(400, "MISSING_ARGUMENT", "A seeded record needs its Id.")
    created = row["CreatedDate"] or moment
    row["CreatedDate"] = created
    row["LastModifiedDate"] = row["LastModifiedDate"] or row["SystemModstamp"] or created
    row["SystemModstamp"] = row["SystemModstamp"] or row["LastModifiedDate"]
    return row
