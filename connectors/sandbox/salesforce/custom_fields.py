"""Custom fields: from the Tooling API's metadata to a field of the org."""

import re
from typing import Any

from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.fieldtypes import Field

_FULL_NAME = re.compile(r"([A-Za-z]\w*)\.([A-Za-z][A-Za-z0-9_]*)__c")
_TYPES = {
    "Number": "double",
    "Percent": "percent",
    "Currency": "currency",
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Picklist": "picklist",
    "Date": "date",
    "DateTime": "datetime",
    "Url": "url",
    "Checkbox": "boolean",
    "Email": "email",
    "Phone": "phone",
}
_FIXED_LENGTHS = {"TextArea": 255, "Url": 255, "Email": 80, "Phone": 40, "Picklist": 255}


def split_full_name(full_name: Any) -> tuple[str, str]:
    """Return object and developer name of ``Account.Thing__c``.

    Raises
    ------
    ApiError
        It is not the name of a custom field.
    """
    match = _FULL_NAME.fullmatch(full_name) if isinstance(full_name, str) else None
    if match is None or "__" in match[2] or match[2].endswith("_") or len(match[2]) > 40:
        raise ApiError(
            400,
            "FIELD_INTEGRITY_EXCEPTION",
            "The Field Name can only contain alphanumeric characters, must begin with a letter,"
            " and cannot end with an underscore or contain two consecutive underscore characters.",
            ("FullName",),
        )
    return match[1], match[2]


def custom_field(developer_name: str, metadata: Any) -> Field:
    """Return the field that this metadata describes.

    Raises
    ------
    ApiError
        Something is missing or out of range.
    """
    if not isinstance(metadata, dict) or metadata.get("type") not in _TYPES:
        kind = metadata.get("type") if isinstance(metadata, dict) else None
        raise _refused(f"Cannot create field of type: {kind}")
    if not metadata.get("label"):
        raise _refused("Required fields are missing: [label]")
    kind = metadata["type"]
    sizes = _sizes(kind, metadata)
    values, restricted = _value_set(kind, metadata)
    return Field(
        name=f"{developer_name}__c",
        label=str(metadata["label"])[:40],
        type=_TYPES[kind],
        nillable=kind != "Checkbox" and not metadata.get("required", False),
        values=values,
        is_restricted=restricted,
        is_custom=True,
        is_long=kind == "LongTextArea",
        is_unique=bool(metadata.get("unique")),
        is_external_id=bool(metadata.get("externalId")),
        length=sizes.get("length", 0),
        precision=sizes.get("precision", 0),
        scale=sizes.get("scale", 0),
    )


def _sizes(kind: str, metadata: dict[str, Any]) -> dict[str, int]:
    if kind in {"Number", "Percent", "Currency"}:
        precision, scale = metadata.get("precision"), metadata.get("scale")
        if not isinstance(precision, int) or not isinstance(scale, int):
            raise _refused(f"Must specify 'precision' and 'scale' for a CustomField of type {kind}")
        if not 0 <= scale <= precision <= 18:
            raise _refused("The sum of the length and decimal places must be an integer <= 18.")
        return {"precision": precision, "scale": scale}
    if kind == "LongTextArea":
        length, lines = metadata.get("length"), metadata.get("visibleLines")
        if not isinstance(length, int) or not 256 <= length <= 131_072:
            raise _refused("Long Text Area length must be between 256 and 131072 characters.")
        if not isinstance(lines, int):
            raise _refused(f"Must specify 'visibleLines' for a CustomField of type {kind}")
        return {"length": length}
    if kind == "Text":
        length = metadata.get("length")
        if not isinstance(length, int) or not 1 <= length <= 255:
            raise _refused("Must specify 'length' for a CustomField of type Text")
        return {"length": length}
    return {"length": _FIXED_LENGTHS.get(kind, 0)}


def _value_set(kind: str, metadata: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
    if kind != "Picklist":
        return (), False
    value_set = metadata.get("valueSet") or {}
    values = (value_set.get("valueSetDefinition") or {}).get("value") or []
    if not values:
        raise _refused("Must specify either valueSetName or valueSetDefinition for a picklist")
    names = tuple(str(value.get("valueName") or value.get("fullName")) for value in values)
    return names, bool(value_set.get("restricted"))


def _refused(message: str) -> ApiError:
    return ApiError(400, "FIELD_INTEGRITY_EXCEPTION", message, ())
