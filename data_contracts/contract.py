"""Data contracts: the subset of the Open Data Contract Standard (ODCS 3.2) that is enforced here.

Read from YAML, checked for misspelt keys. Importing this costs little: Great Expectations is
imported only where a contract is checked.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warehouse.database import Role
from warehouse.errors import CopilotError
from warehouse.settings import Settings

FOLDER = Path(__file__).resolve().parent
GREAT_EXPECTATIONS = "great-expectations"
PUBLISH = "publish_"  # followed by the CRM: one file, in which the CRM's name is filled in
_RECORD_IDS = {
    "salesforce": "^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$",
    "hubspot": "^[0-9]+$",
    "pipedrive": "^[0-9]+$",
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomProperty(_Part):
    """A key of our own; ``presence: optional`` marks what may be absent altogether."""

    property: str
    value: Any
    description: str | None = None


class EnumValue(_Part):
    """One allowed value."""

    value: str | int | float | bool
    description: str | None = None


class TypeOptions(_Part):
    """Limits of a column's values."""

    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = Field(None, alias="minLength")
    max_length: int | None = Field(None, alias="maxLength")
    pattern: str | None = None


class Quality(_Part):
    """One quality rule: a library metric, a rule of Great Expectations, or text for people."""

    name: str | None = None
    description: str | None = None
    type: Literal["library", "custom", "text"] = "library"
    metric: Literal["nullValues", "invalidValues", "duplicateValues", "rowCount"] | None = None
    arguments: dict[str, Any] = {}
    unit: Literal["rows", "percent"] = "rows"
    must_be: float | None = Field(None, alias="mustBe")
    at_least: float | None = Field(None, alias="mustBeGreaterOrEqualTo")
    more_than: float | None = Field(None, alias="mustBeGreaterThan")
    at_most: float | None = Field(None, alias="mustBeLessOrEqualTo")
    engine: str | None = None
    implementation: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Quality":
        if self.type == "library" and self.metric is None:
            msg = "a rule of type library needs a metric"
            raise ValueError(msg)
        if self.type == "custom" and (
            self.engine != GREAT_EXPECTATIONS
            or not isinstance((self.implementation or {}).get("unexpected_rows_query"), str)
            or not self.description
        ):
            msg = (
                f"a rule of type custom needs engine {GREAT_EXPECTATIONS}, a description and an"
                " implementation with an unexpected_rows_query"
            )
            raise ValueError(msg)
        return self


class _Element(_Part):
    name: str
    description: str
    custom_properties: list[CustomProperty] = Field([], alias="customProperties")
    quality: list[Quality] = []

    @property
    def is_optional(self) -> bool:
        """Whether it may be absent from the warehouse."""
        return any(
            item.property == "presence" and item.value == "optional"
            for item in self.custom_properties
        )


class Column(_Element):
    """A column: its type, its rules, and whether it holds personal data."""

    logical_type: str = Field(alias="logicalType")
    physical_type: str = Field(alias="physicalType")
    logical_type_options: TypeOptions = Field(TypeOptions(), alias="logicalTypeOptions")
    required: bool = False
    unique: bool = False
    primary_key: bool = Field(False, alias="primaryKey")
    primary_key_position: int = Field(-1, alias="primaryKeyPosition")
    classification: str | None = None
    enum: list[EnumValue] = []

    @property
    def is_personal(self) -> bool:
        """Whether no value of it may stand in a message."""
        return self.classification == "personal"


class Table(_Element):
    """A table or view and its columns."""

    logical_type: Literal["object"] = Field("object", alias="logicalType")
    physical_type: Literal["table", "view"] = Field("table", alias="physicalType")
    granularity: str = Field(alias="dataGranularityDescription")
    columns: list[Column] = Field(alias="properties", min_length=1)

    @property
    def primary_key(self) -> list[str]:
        """Names of the primary key's columns, in their order."""
        keys = [column for column in self.columns if column.primary_key]
        return [column.name for column in sorted(keys, key=lambda key: key.primary_key_position)]

    def column(self, name: str) -> Column | None:
        """Return the column of a name."""
        return next((column for column in self.columns if column.name == name), None)


class ReaderRole(_Part):
    """The warehouse role that may read what the contract covers."""

    role: Role
    access: Literal["read"] = "read"


class Server(_Part):
    """Where the tables lie; host, port and database belong to the installation."""

    server: str
    type: Literal["postgres"]
    host: str
    port: str
    database: str
    schema_name: str = Field(alias="schema")
    roles: list[ReaderRole] = Field(min_length=1, max_length=1)


class Description(_Part):
    """What the contract is for."""

    purpose: str
    limitations: str | None = None


class Contract(_Part):
    """A data contract."""

    api_version: Literal["v3.2.0"] = Field(alias="apiVersion")
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str
    status: Literal["active"]
    description: Description
    servers: list[Server] = Field(min_length=1, max_length=1)
    tables: list[Table] = Field(alias="schema", min_length=1)

    @property
    def schema_name(self) -> str:
        """The schema of all tables, without the installation's prefix."""
        return self.servers[0].schema_name

    @property
    def reader(self) -> Role:
        """The role that reads the tables."""
        return self.servers[0].roles[0].role


def contract_names(settings: Settings) -> list[str]:
    """Return the contracts that apply: ``raw_<source>`` of each source, scores, outbound rows."""
    names = [f"raw_{source}" for source in settings.sources]
    names.append("scores")
    if settings.crm != "none":
        names.append(f"{PUBLISH}{settings.crm}")
    return names


def contract_path(name: str) -> Path:
    """Return the contract's file."""
    if name == "scores":
        return FOLDER / "scores.odcs.yaml"
    if name.removeprefix(PUBLISH) in _RECORD_IDS:
        return FOLDER / "publish.odcs.yaml"
    return FOLDER / "raw" / f"{name.removeprefix('raw_')}.odcs.yaml"


@lru_cache
def load_contract(name: str) -> Contract:
    """Read a contract of the project.

    Raises
    ------
    CopilotError
        There is no such contract, or its file is not right.
    """
    path = contract_path(name)
    if not path.is_file():
        raise CopilotError(
            f"There is no data contract '{name}' ({path}).",
            "Each source needs one: copy the contract of another source and adapt it.",
        )
    crm = name.removeprefix(PUBLISH)
    return read_contract(path, {"crm": crm, "record_id": _RECORD_IDS.get(crm, "")})


def read_contract(path: Path, names: Mapping[str, str] = MappingProxyType({})) -> Contract:
    """Read and check a contract's file, with ``${name}`` filled in.

    Raises
    ------
    CopilotError
        The file is not YAML, or a key is wrong; the message names the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        for name, value in names.items():
            text = text.replace(f"${{{name}}}", value)
        return Contract.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise CopilotError(f"{path} is not valid YAML: {error}", "Correct the file.") from error
    except ValidationError as error:
        problems = "\n".join(
            f"  {'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors(include_url=False)
        )
        raise CopilotError(
            f"The data contract {path} is not right:\n{problems}", "Correct the keys above."
        ) from error
