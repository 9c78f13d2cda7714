"""The one place where the copilot makes anything in Salesforce: fields, and who may see them."""

from collections.abc import Mapping
from typing import Any

from connectors.destinations.common.crm import SetupResult
from connectors.destinations.common.fields import FIELDS, GROUP, OutboundField
from connectors.destinations.salesforce.client import SalesforceClient, refusal_words
from connectors.destinations.salesforce.fields import (
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
_ALREADY = ("DUPLICATE_VALUE", "DUPLICATE_DEVELOPER_NAME")
Described = Mapping[str, Mapping[str, Any]]


def unusable_fields(described: Described) -> list[OutboundField]:
    """Return the fields that are absent, hidden from this user, or not writable by it.

    Raises
    ------
    CopilotError
        A field of that name is there, and of another type.
    """
    for field in FIELDS:
        name = API_NAMES[field.column]
        found = described.get(name)
        if found is not None and not accepts(field, found["type"]):
            raise CopilotError(
                f"{OBJECT}.{name} in Salesforce is of type {found['type']}, not"
                f" {type_name(field)}.",
                "Rename or remove that field; the copilot makes its own at the next run.",
            )
    return [
        field
        for field in FIELDS
        if not described.get(API_NAMES[field.column], {}).get("updateable", False)
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
    missing = unusable_fields(described)
    if not missing:
        return SetupResult()
    existing = client.custom_fields(OBJECT)
    is_multi_currency = "CurrencyIsoCode" in described
    made = tuple(
        name
        for field in FIELDS
        if (name := API_NAMES[field.column]) not in existing
        and client.create_field(
            OBJECT, name, metadata(field, currency, is_multi_currency=is_multi_currency)
        )
    )
    sets = {name: _ensure_set(client, name) for name in _SETS}
    for name, (set_id, _) in sets.items():
        _ensure_grants(client, set_id, is_writer=name == WRITER)
    _ensure_assigned(client, sets[WRITER][0])
    still = unusable_fields(client.describe(OBJECT))
    if still:
        raise CopilotError(
            "The copilot's Salesforce user may not write "
            + ", ".join(API_NAMES[field.column] for field in still),
            f"Assign it the permission set {WRITER}, or give its profile edit access.",
        )
    return SetupResult(made, tuple(name for name, (_, is_new) in sets.items() if is_new))


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
    granted = client.query(
        "SELECT Field FROM FieldPermissions"  # noqa: S608
        f" WHERE ParentId = '{set_id}' AND SobjectType = '{OBJECT}'"
    )
    known = {record["Field"] for record in granted}
    wanted = [f"{OBJECT}.{name}" for name in API_NAMES.values()]
    rows = [
        {
            "ParentId": set_id,
            "SobjectType": OBJECT,
            "Field": name,
            "PermissionsRead": True,
            "PermissionsEdit": is_writer,
        }
        for name in wanted
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
