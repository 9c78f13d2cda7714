"""The org's objects and fields: standard ones from the catalogue, custom ones as they are made."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.sandbox.salesforce.fieldtypes import Field
from connectors.sandbox.salesforce.standard import (
    ACCESS_OBJECTS,
    ADDRESSES,
    BY_OBJECT,
    COMMON,
    KEY_PREFIXES,
    PLURALS,
    READ_ONLY,
    SYSTEM_FIELDS,
    TOOLING_OBJECTS,
)

CATALOG = Path(__file__).resolve().parents[2] / "sources" / "salesforce" / "catalog.json"
HISTORIES = ("AccountHistory", "OpportunityHistory")
STANDARD_OBJECTS = ("Account", "Contact", "Opportunity", "User", "Task", "Event", *HISTORIES)


@dataclass
class SObject:
    """One object: its name and its fields by API name."""

    name: str
    key_prefix: str
    fields: dict[str, Field]
    is_tooling: bool = False
    _by_lower: dict[str, Field] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._by_lower = {name.lower(): spec for name, spec in self.fields.items()}

    @property
    def label(self) -> str:
        """Label in the singular."""
        return spaced(self.name)

    @property
    def label_plural(self) -> str:
        """Label in the plural."""
        return PLURALS.get(self.name, f"{self.label}s")

    def find(self, name: str) -> Field | None:
        """Return the field of this name, whatever its case; None if there is none."""
        return self._by_lower.get(name.lower())

    def with_fields(self, added: list[Field]) -> "SObject":
        """Return this object with more fields."""
        fields = {**self.fields, **{spec.name: spec for spec in added}}
        return SObject(self.name, self.key_prefix, fields, self.is_tooling)


def spaced(name: str) -> str:
    """Return ``AnnualRevenue`` as ``Annual Revenue``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def standard_objects(catalog: Path = CATALOG) -> dict[str, SObject]:
    """Return the objects of a fresh org, by name.

    Parameters
    ----------
    catalog : Path
        Airbyte catalogue of the CRM streams: a list of streams, or an object holding ``streams``.
    """
    loaded = json.loads(catalog.read_text(encoding="utf-8"))
    streams = loaded["streams"] if isinstance(loaded, dict) else loaded
    objects: dict[str, SObject] = {}
    for stream in [entry.get("stream", entry) for entry in streams]:
        if stream["name"] in STANDARD_OBJECTS:
            properties = stream["json_schema"]["properties"]
            fields = [_catalog_field(stream["name"], *entry) for entry in properties.items()]
            compound = ADDRESSES.get(stream["name"])
            if compound and compound not in properties:
                fields.append(_catalog_field(stream["name"], compound, {"type": "object"}))
            objects[stream["name"]] = _object(stream["name"], fields)
    for name, specs in ACCESS_OBJECTS.items():
        objects[name] = _object(name, [_listed_field(spec) for spec in specs])
    return objects


def tooling_objects() -> dict[str, SObject]:
    """Return the objects that the Tooling API knows, by name."""
    return {
        name: _object(name, [_listed_field(spec) for spec in specs], is_tooling=True)
        for name, specs in TOOLING_OBJECTS.items()
    }


def _object(name: str, fields: list[Field], *, is_tooling: bool = False) -> SObject:
    system = [
        Field(name=key, **{**spec, "label": spaced(key)}) for key, spec in SYSTEM_FIELDS.items()
    ]
    own = [spec for spec in fields if spec.name not in SYSTEM_FIELDS]
    ordered = [system[0], *own, *system[1:]]
    return SObject(
        name, KEY_PREFIXES[name], {spec.name: spec for spec in ordered}, is_tooling=is_tooling
    )


def _listed_field(spec: dict[str, Any]) -> Field:
    return Field(**{"label": spaced(spec["name"]), **spec})


def _catalog_field(object_name: str, name: str, schema: dict[str, Any]) -> Field:
    known = BY_OBJECT.get((object_name, name)) or COMMON.get(name) or {}
    guessed = _guess(schema)
    settings = {"label": spaced(name), **(known if "type" in known else {**guessed, **known})}
    if name in READ_ONLY or f"{name}@{object_name}" in READ_ONLY:
        settings |= {"createable": False, "updateable": False}
    if name.endswith("__c"):
        settings |= {"is_custom": True, "label": spaced(name.removesuffix("__c")).replace("_", " ")}
    return Field(name=name, **settings)


def _guess(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds or "array" in kinds:
        return {"type": "address", "createable": False, "updateable": False}
    if "boolean" in kinds:
        return {"type": "boolean", "nillable": False}
    if "integer" in kinds:
        return {"type": "int", "precision": 9}
    if "number" in kinds:
        return {"type": "double", "precision": 18, "scale": 2}
    text_format = schema.get("format")
    if text_format in {"date", "date-time"}:
        return {"type": "date" if text_format == "date" else "datetime"}
    return {"type": "string", "length": 255}
