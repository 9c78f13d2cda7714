"""The one place where the copilot makes anything in Salesforce: fields, and who may see them."""

from collections.abc import Mapping
from typing import Any

from connectors.destinations.common.answers import ANSWERS
from connectors.destinations.common.crm import CrmRefusalError, SetupResult
from connectors.destinations.common.fields import FIELDS, GROUP, OutboundField
from connectors.destinations.salesforce import tasks
from connectors.destinations.salesforce.client import SalesforceClient, refusal_words
from connectors.destinations.salesforce.fields import (
    ANSWER_NAMES,
    API_NAMES,
    OBJECT,
    accepts,
    metadata,
    type_name,
)
from warehouse.errors import CopilotError

WRITER = "Customer_Success_Copilot_Writer"
READER = "Customer_Success_Copilot_Reader"
_SETS = {
    WRITER: (f"{GROUP}: writer", "Lets the copilot's own user write the copilot's fields."),
    READER: (f"{GROUP}: reader", "Lets people see the copilot's fields. Assign it to CSMs."),
}
_NAMES = {**API_NAMES, **ANSWER_NAMES}
_ALREADY = ("DUPLICATE_VALUE", "DUPLICATE_DEVELOPER_NAME")
Described = Mapping[str, Mapping[str, Any]]


def unusable_fields(described: Described) -> list[OutboundField]:
    """Return the fields that are absent, hidden from this user, or not writable by it.

    People's answers need not be writable by it.

    Raises
    ------
    CopilotError
        A field of that name is there, and of another type.
    """
    for field in (*FIELDS, *ANSWERS):
        name = _NAMES[field.column]
        found = described.get(name)
        if found is not None and not accepts(field, found["type"]):
            raise CopilotError(
                f"{OBJECT}.{name} in Salesforce is of type {found['type']}, not"
                f" {type_name(field)}.",
                "Rename or remove that field; the copilot makes its own at the next run.",
            )
    absent = [field for field in ANSWERS if _NAMES[field.column] not in described]
    return [
        *(f for f in FIELDS if not described.get(_NAMES[f.column], {}).get("updateable", False)),
        *absent,
    ]


def ensure_fields(client: SalesforceClient, currency: str) -> SetupResult:
    """Make what is absent; with nothing absent it writes nothing.

    Fields made through the API are hidden from everybody until a permission set shows them, so
    two sets are made: one for the copilot's user (assigned here) and one for people.

    Parameters
    ----------
    client : SalesforceClient
        Acts as a user who may customise the application and manage permission sets.
    currency : str
        Reporting currency, for the label of amounts.

    Raises
    ------
    CopilotError
        Salesforce refuses, or the fields are still not writable afterwards.
    """
    described = client.describe(OBJECT)
    has_marker = tasks.MARKER in client.describe(tasks.OBJECT)
    if has_marker and not unusable_fields(described):
        return SetupResult()
    existing = client.custom_fields(OBJECT)
    is_multi_currency = "CurrencyIsoCode" in described
    made = tuple(
        name
        for field in (*FIELDS, *ANSWERS)
        if (name := _NAMES[field.column]) not in existing
        and client.create_field(
            OBJECT, name, metadata(field, currency, is_multi_currency=is_multi_currency)
        )
    )
    other = (tasks.MARKER,) if not has_marker and _make_marker(client) else ()
    sets = {name: _ensure_set(client, name) for name in _SETS}
    for name, (set_id, _) in sets.items():
        _ensure_grants(client, set_id, is_writer=name == WRITER)
    _ensure_assigned(client, sets[WRITER][0])
    still = [_NAMES[field.column] for field in unusable_fields(client.describe(OBJECT))]
    if tasks.MARKER not in client.describe(tasks.OBJECT):
        still.append(f"{tasks.OBJECT}.{tasks.MARKER}")
    if still:
        raise CopilotError(
            f"The copilot's Salesforce user may not use {', '.join(still)}",
            f"Assign it the permission set {WRITER}, or give its profile edit access.",
        )
    return SetupResult(made, (*other, *(name for name, (_, is_new) in sets.items() if is_new)))


def _make_marker(client: SalesforceClient) -> bool:
    """Make the marker of tasks; as plain text where the org's activities have no external ids."""
    try:
        return client.create_field(tasks.ENTITY, tasks.MARKER, tasks.MARKER_METADATA)
    except CrmRefusalError as error:
        if error.code != "FIELD_INTEGRITY_EXCEPTION":
            raise
    plain = {**tasks.MARKER_METADATA, "unique": False, "externalId": False}
    return client.create_field(tasks.ENTITY, tasks.MARKER, plain)


def _create(client: SalesforceClient, object_name: str, rows: list[dict[str, Any]]) -> list[str]:
    """Create records of the set-up and return the Ids made; one that exists is no error."""
    if not rows:
        return []
    results = client.create(object_name, rows)
    refused = [
        refusal_words(result)
        for result in results
        if not result["success"] and result["errors"][0].get("statusCode") not in _ALREADY
    ]
    if refused:
        raise CopilotError(
            f"Salesforce refused to create {object_name}: {refused[0]}",
            "The copilot's user needs 'Customize Application' and 'Manage Profiles and Permission"
            " Sets' for the set-up; both may be taken away afterwards.",
        )
    return [result["id"] for result in results if result["success"]]


def _ensure_set(client: SalesforceClient, name: str) -> tuple[str, bool]:
    soql = f"SELECT Id FROM PermissionSet WHERE Name = '{name}'"  # noqa: S608
    found = client.query(soql)
    if found:
        return found[0]["Id"], False
    label, description = _SETS[name]
    _create(client, "PermissionSet", [{"Name": name, "Label": label, "Description": description}])
    return client.query(soql)[0]["Id"], True


def _ensure_grants(client: SalesforceClient, set_id: str, *, is_writer: bool) -> None:
    """Show every field; the copilot may write its own, people their answers."""
    granted = client.query(f"SELECT Field FROM FieldPermissions WHERE ParentId = '{set_id}'")  # noqa: S608
    known = {record["Field"] for record in granted}
    wanted = {f"{OBJECT}.{name}": is_writer for name in API_NAMES.values()}
    wanted |= {f"{OBJECT}.{name}": not is_writer for name in ANSWER_NAMES.values()}
    wanted[f"{tasks.OBJECT}.{tasks.MARKER}"] = is_writer
    rows = [
        {
            "ParentId": set_id,
            "SobjectType": name.partition(".")[0],
            "Field": name,
            "PermissionsRead": True,
            "PermissionsEdit": may_edit,
        }
        for name, may_edit in wanted.items()
        if name not in known
    ]
    _create(client, "FieldPermissions", rows)


def _ensure_assigned(client: SalesforceClient, set_id: str) -> None:
    user_id = client.user_id()
    assigned = client.query(
        "SELECT Id FROM PermissionSetAssignment"  # noqa: S608
        f" WHERE PermissionSetId = '{set_id}' AND AssigneeId = '{user_id}'"
    )
    if not assigned:
        row = {"PermissionSetId": set_id, "AssigneeId": user_id}
        _create(client, "PermissionSetAssignment", [row])
