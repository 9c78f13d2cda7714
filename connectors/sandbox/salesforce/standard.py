"""What Salesforce's standard objects look like, where the catalogue's JSON types say too little.

The catalogue of the synthetic company's CRM streams names the fields; this table gives their
Salesforce types, lengths and rules.
"""

from typing import Any

KEY_PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Task": "00T",
    "Event": "00U",
    "AccountHistory": "017",
    "OpportunityHistory": "008",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "FieldPermissions": "01k",
    "CustomField": "00N",
    "EntityDefinition": "000",
}
HIDDEN_FIELDS = frozenset(
    {
        ("User", "IsDeleted"),
        ("AccountHistory", "LastModifiedDate"),
        ("AccountHistory", "LastModifiedById"),
        ("AccountHistory", "SystemModstamp"),
        ("OpportunityHistory", "LastModifiedDate"),
        ("OpportunityHistory", "LastModifiedById"),
    }
)
ADDRESSES = {"Account": "BillingAddress", "Contact": "MailingAddress", "User": "Address"}
PLURALS = {
    "Opportunity": "Opportunities",
    "AccountHistory": "Account History",
    "OpportunityHistory": "Opportunity History",
}

_SYSTEM: dict[str, dict[str, Any]] = {
    "Id": {"type": "id", "length": 18, "nillable": False},
    "IsDeleted": {"type": "boolean", "nillable": False},
    "CreatedDate": {"type": "datetime", "nillable": False},
    "CreatedById": {"type": "reference", "reference_to": "User", "nillable": False},
    "LastModifiedDate": {"type": "datetime", "nillable": False},
    "LastModifiedById": {"type": "reference", "reference_to": "User", "nillable": False},
    "SystemModstamp": {"type": "datetime", "nillable": False},
}
SYSTEM_FIELDS = {
    name: {"label": name, "createable": False, "updateable": False, **rest}
    for name, rest in _SYSTEM.items()
}
READ_ONLY = frozenset(
    {
        "LastActivityDate",
        "LastViewedDate",
        "LastReferencedDate",
        "MasterRecordId",
        "PhotoUrl",
        "IsClosed",
        "IsWon",
        "ExpectedRevenue",
        "Fiscal",
        "FiscalQuarter",
        "FiscalYear",
        "ForecastCategory",
        "HasOpenActivity",
        "HasOverdueTask",
        "CompletedDateTime",
        "AccountId@Task",
        "AccountId@Event",
        "Name@Contact",
        "Name@User",
        "LastLoginDate",
    }
)
_MONEY = {"type": "currency", "precision": 18, "scale": 2}
_USER = {"type": "reference", "reference_to": "User"}
_ACCOUNT = {"type": "reference", "reference_to": "Account"}
_LONG = {"type": "textarea", "length": 32_000, "is_long": True}

COMMON: dict[str, dict[str, Any]] = {
    "OwnerId": {**_USER, "nillable": False, "label": "Owner ID"},
    "AccountId": {**_ACCOUNT, "label": "Account ID"},
    "ParentId": {**_ACCOUNT, "label": "Parent Account ID"},
    "MasterRecordId": {"type": "reference"},
    "ReportsToId": {"type": "reference", "reference_to": "Contact"},
    "ContactId": {"type": "reference", "reference_to": "Contact"},
    "ManagerId": _USER,
    "ProfileId": {"type": "reference"},
    "WhoId": {"type": "reference", "label": "Name ID"},
    "WhatId": {"type": "reference", "label": "Related To ID"},
    "Description": _LONG,
    "Phone": {"type": "phone", "length": 40},
    "Fax": {"type": "phone", "length": 40},
    "MobilePhone": {"type": "phone", "length": 40},
    "Website": {"type": "url", "length": 255},
    "Email": {"type": "email", "length": 80},
    "AnnualRevenue": _MONEY,
    "NumberOfEmployees": {"type": "int", "precision": 8, "label": "Employees"},
    "Amount": _MONEY,
    "ExpectedRevenue": _MONEY,
    "Probability": {"type": "percent", "precision": 3, "scale": 0, "label": "Probability (%)"},
    "TotalOpportunityQuantity": {"type": "double", "precision": 18, "scale": 2},
    "DurationInMinutes": {"type": "int", "precision": 8},
    "CallDurationInSeconds": {"type": "int", "precision": 8},
    "FiscalYear": {"type": "int", "precision": 9},
    "FiscalQuarter": {"type": "int", "precision": 9},
    "Industry": {"type": "picklist", "length": 255},
    "Type": {"type": "picklist", "length": 255},
    "Rating": {"type": "picklist", "length": 255},
    "Status": {"type": "picklist", "length": 255},
    "Priority": {"type": "picklist", "length": 255},
    "StageName": {"type": "picklist", "length": 255, "label": "Stage"},
    "LeadSource": {"type": "picklist", "length": 255},
    "Subject": {"type": "combobox", "length": 255},
    "Title": {"type": "string", "length": 128},
    "Department": {"type": "string", "length": 80},
    "FirstName": {"type": "string", "length": 40},
    "LastName": {"type": "string", "length": 80},
    "BillingStreet": {"type": "textarea", "length": 255},
    "BillingCity": {"type": "string", "length": 40},
    "BillingState": {"type": "string", "length": 80},
    "BillingPostalCode": {"type": "string", "length": 20},
    "BillingCountry": {"type": "string", "length": 80},
    "ShippingStreet": {"type": "textarea", "length": 255},
}
BY_OBJECT: dict[tuple[str, str], dict[str, Any]] = {
    ("Account", "Name"): {"length": 255, "label": "Account Name", "nillable": False},
    ("Opportunity", "Name"): {"length": 120, "nillable": False},
    ("Opportunity", "StageName"): {**COMMON["StageName"], "nillable": False},
    ("Opportunity", "CloseDate"): {"type": "date", "nillable": False},
    ("Contact", "LastName"): {**COMMON["LastName"], "nillable": False},
    ("User", "Username"): {"length": 80, "nillable": False},
    ("User", "LastName"): {**COMMON["LastName"], "nillable": False},
    ("User", "Email"): {**COMMON["Email"], "length": 128, "nillable": False},
}

ACCESS_OBJECTS: dict[str, list[dict[str, Any]]] = {
    "PermissionSet": [
        {"name": "Name", "type": "string", "length": 80, "nillable": False},
        {"name": "Label", "type": "string", "length": 80, "nillable": False},
        {"name": "Description", "type": "string", "length": 255},
    ],
    "PermissionSetAssignment": [
        {
            "name": "PermissionSetId",
            "type": "reference",
            "reference_to": "PermissionSet",
            "nillable": False,
        },
        {"name": "AssigneeId", "type": "reference", "reference_to": "User", "nillable": False},
    ],
    "FieldPermissions": [
        {
            "name": "ParentId",
            "type": "reference",
            "reference_to": "PermissionSet",
            "nillable": False,
        },
        {"name": "SobjectType", "type": "picklist", "length": 40, "nillable": False},
        {"name": "Field", "type": "picklist", "length": 255, "nillable": False},
        {"name": "PermissionsRead", "type": "boolean", "nillable": False},
        {"name": "PermissionsEdit", "type": "boolean", "nillable": False},
    ],
}
TOOLING_OBJECTS: dict[str, list[dict[str, Any]]] = {
    "CustomField": [
        {"name": "DeveloperName", "type": "string", "length": 80},
        {"name": "TableEnumOrId", "type": "picklist", "length": 40},
        {"name": "NamespacePrefix", "type": "string", "length": 15},
        {"name": "FullName", "type": "string", "length": 255},
        {"name": "Metadata", "type": "anyType", "length": 0},
    ],
    "EntityDefinition": [
        {"name": "DurableId", "type": "string", "length": 255},
        {"name": "QualifiedApiName", "type": "string", "length": 70},
        {"name": "DeveloperName", "type": "string", "length": 80},
        {"name": "Label", "type": "string", "length": 80},
        {"name": "KeyPrefix", "type": "string", "length": 3},
        {"name": "IsCustomizable", "type": "boolean"},
    ],
}
