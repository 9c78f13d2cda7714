"""Describe answers: what an object and its fields are like."""

from typing import Any

from connectors.sandbox.salesforce.fieldtypes import NUMBER_TYPES, TEXT_TYPES, Field
from connectors.sandbox.salesforce.schema import SObject

_SAME_FOR_ALL: dict[str, Any] = {
    "calculated": False,
    "inlineHelpText": None,
}
_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}


def describe_field(spec: Field) -> dict[str, Any]:
    """Return one field's entry of a describe answer."""
    is_text = spec.type in TEXT_TYPES
    return {
        **_SAME_FOR_ALL,
        "name": spec.name,
        "label": spec.label,
        "type": spec.type,
        "soapType": _SOAP_TYPES.get(spec.type, "xsd:string"),
        "length": spec.length if is_text else 18 if spec.type in {"id", "reference"} else 0,
        "byteLength": spec.length * 3 if is_text else 0,
        "precision": spec.precision if spec.type in NUMBER_TYPES - {"int"} else 0,
        "scale": spec.scale,
        "digits": spec.precision if spec.type == "int" else 0,
        "nillable": spec.nillable,
        "createable": spec.createable,
        "updateable": spec.updateable,
        "custom": spec.is_custom,
        "unique": spec.is_unique,
        "externalId": spec.is_external_id,
        "filterable": spec.is_filterable,
        "sortable": spec.is_filterable,
        "groupable": spec.is_filterable and spec.type not in {"double", "currency", "percent"},
        "defaultedOnCreate": spec.type in {"id", "boolean"} or not spec.createable,
        "idLookup": spec.type == "id" or spec.is_external_id,
        "nameField": spec.name == "Name",
        "restrictedPicklist": spec.is_restricted,
        "extraTypeInfo": "plaintextarea" if spec.is_long else None,
        "referenceTo": [spec.reference_to] if spec.reference_to else [],
        "relationshipName": spec.name.removesuffix("Id") if spec.type == "reference" else None,
        "picklistValues": [
            {
                "active": True,
                "defaultValue": False,
                "label": value,
                "validFor": None,
                "value": value,
            }
            for value in spec.values
        ],
    }


def describe_summary(sobject: SObject, version: str) -> dict[str, Any]:
    """Return an object's entry of the global describe answer."""
    area = "tooling/" if sobject.is_tooling else ""
    base = f"/services/data/v{version}/{area}sobjects/{sobject.name}"
    return {
        "name": sobject.name,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "keyPrefix": sobject.key_prefix,
        "custom": False,
        "createable": True,
        "updateable": True,
        "deletable": True,
        "queryable": True,
        "retrieveable": True,
        "searchable": True,
        "replicateable": True,
        "layoutable": True,
        "triggerable": True,
        "undeletable": True,
        "mergeable": False,
        "deprecatedAndHidden": False,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def describe_object(sobject: SObject, version: str) -> dict[str, Any]:
    """Return a whole describe answer."""
    return {
        **describe_summary(sobject, version),
        "fields": [describe_field(spec) for spec in sobject.fields.values()],
        "childRelationships": [],
        "recordTypeInfos": [],
    }
