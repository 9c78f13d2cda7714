"""The Airbyte protocol as far as a runner needs it: catalogs, modes and messages."""

import dataclasses
import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson

# Sixteen digits and more, or a three-digit exponent, do not survive a double. Digits are looked
# for by folding all of them into one byte: many times faster than a regular expression.
_FOLDED = bytes(ord("0") if chr(code) in "0123456789." else ord(" ") for code in range(256))
_LONG_NUMBER = b"0" * 16
_LARGE_EXPONENT = re.compile(rb"[0-9][eE][+-]?[0-9]{3}")
_INT64 = range(-(2**63), 2**63)


class NotANumber:
    """What ``NaN`` and ``Infinity`` in a record become: no JSON, but seen in the wild."""


class SyncMode(StrEnum):
    """How a stream is read and how its rows are put into its table."""

    FULL_REFRESH_OVERWRITE = "full_refresh_overwrite"
    FULL_REFRESH_APPEND = "full_refresh_append"
    INCREMENTAL_APPEND = "incremental_append"
    INCREMENTAL_APPEND_DEDUP = "incremental_append_dedup"

    @property
    def is_incremental(self) -> bool:
        """Whether the source is given its last state."""
        return self.value.startswith("incremental")

    @property
    def source_mode(self) -> str:
        """The protocol's ``sync_mode``."""
        return "incremental" if self.is_incremental else "full_refresh"

    @property
    def destination_mode(self) -> str:
        """The protocol's ``destination_sync_mode``."""
        return self.value.removeprefix(self.source_mode + "_")


@dataclass(frozen=True)
class CatalogStream:
    """A stream as the source's catalog describes it."""

    name: str
    json_schema: Mapping[str, Any]
    supported_sync_modes: tuple[str, ...] = ("full_refresh",)
    default_cursor_field: tuple[str, ...] = ()
    source_defined_primary_key: tuple[tuple[str, ...], ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)
    rest_column: str = ""

    def with_rest(self, column: str) -> "CatalogStream":
        """Return the stream with a JSON column for what its schema does not name."""
        properties = {**(self.json_schema.get("properties") or {}), column: {"type": "object"}}
        schema = {**self.json_schema, "properties": properties}
        return dataclasses.replace(self, json_schema=schema, rest_column=column)

    @classmethod
    def from_json(cls, stream: Mapping[str, Any]) -> "CatalogStream":
        """Read one element of a catalog's ``streams``."""
        return cls(
            name=str(stream["name"]),
            json_schema=stream.get("json_schema") or {},
            supported_sync_modes=tuple(stream.get("supported_sync_modes") or ("full_refresh",)),
            default_cursor_field=tuple(stream.get("default_cursor_field") or ()),
            source_defined_primary_key=tuple(
                tuple(path) for path in stream.get("source_defined_primary_key") or ()
            ),
            raw=stream,
        )


@dataclass(frozen=True)
class ConfiguredStream:
    """A stream somebody wants, and how.

    Parameters
    ----------
    name : str
        The stream's name in the source's catalog.
    mode : SyncMode, optional
        Without it: append and deduplicate where the source can (incremental, primary key),
        else overwrite.
    cursor_field : tuple of str
        Without it the source's default.
    primary_key : tuple of str
        Without it the source's own.
    is_optional : bool
        Whether it is left out where the source does not list it, or its vendor refuses it: some
        objects are there only if somebody switched them on, or pays for them.
    feed_days : int, optional
        The source reads everything without a state, and with any state only a feed of changes
        that reaches back so many days. So a first read counts only as a whole, and with an older
        state the rows are read anew and replaced.
    rest_column : str
        A JSON column of the table for what records hold and the stream's schema does not name, such
        as the fields that a company made. Without it that is left out, as a destination of Airbyte
        does.
    """

    name: str
    mode: SyncMode | None = None
    cursor_field: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    feed_days: int | None = None
    is_optional: bool = False
    rest_column: str = ""


@dataclass(frozen=True)
class ResolvedStream:
    """A configured stream whose every choice is made."""

    catalog: CatalogStream
    mode: SyncMode
    cursor_field: tuple[str, ...]
    primary_key: tuple[str, ...]
    feed_days: int | None = None
    is_optional: bool = False

    @property
    def name(self) -> str:
        """The stream's name, which is its table's name too."""
        return self.catalog.name

    def to_json(self, generation_id: int, sync_id: int) -> dict[str, Any]:
        """Return the element of a ``ConfiguredAirbyteCatalog``."""
        overwrite = self.mode is SyncMode.FULL_REFRESH_OVERWRITE
        return {
            "stream": dict(self.catalog.raw),
            "sync_mode": self.mode.source_mode,
            "destination_sync_mode": self.mode.destination_mode,
            "cursor_field": list(self.cursor_field),
            "primary_key": [[name] for name in self.primary_key],
            "generation_id": generation_id,
            "minimum_generation_id": generation_id if overwrite else 0,
            "sync_id": sync_id,
        }


def offered_streams(
    wanted: Sequence[ConfiguredStream], offered: Container[str]
) -> list[ConfiguredStream]:
    """Return the wanted streams without the optional ones that a source does not list."""
    return [one for one in wanted if one.name in offered or not one.is_optional]


def resolve(wanted: ConfiguredStream, catalog: Sequence[CatalogStream]) -> ResolvedStream:
    """Match a wanted stream with the source's catalog.

    Raises
    ------
    ValueError
        The source has no such stream, or cannot read it that way; the text says which.
    """
    found = {stream.name: stream for stream in catalog}.get(wanted.name)
    if found is None:
        names = ", ".join(sorted(stream.name for stream in catalog)) or "none"
        raise ValueError(f"it has no stream '{wanted.name}'; its streams: {names}")
    if wanted.rest_column:
        found = found.with_rest(wanted.rest_column)
    key = wanted.primary_key or _plain_key(found)
    cursor = wanted.cursor_field or found.default_cursor_field
    incremental = "incremental" in found.supported_sync_modes
    mode = wanted.mode
    if mode is None:
        mode = (
            SyncMode.INCREMENTAL_APPEND_DEDUP
            if incremental and key
            else SyncMode.FULL_REFRESH_OVERWRITE
        )
    if mode.is_incremental and not incremental:
        raise ValueError(f"it cannot read the stream '{wanted.name}' incrementally")
    if mode is SyncMode.INCREMENTAL_APPEND_DEDUP and not key:
        raise ValueError(f"the stream '{wanted.name}' has no primary key to deduplicate by")
    unknown = [name for name in key if name not in (found.json_schema.get("properties") or {})]
    if unknown:
        raise ValueError(f"the primary key of '{wanted.name}' names unknown fields: {unknown}")
    return ResolvedStream(found, mode, cursor, key, wanted.feed_days, wanted.is_optional)


def _plain_key(stream: CatalogStream) -> tuple[str, ...]:
    """Return the source's own key; none if a part of it lies inside a field, not in a column."""
    paths = stream.source_defined_primary_key
    return tuple(path[0] for path in paths) if all(len(path) == 1 for path in paths) else ()


def parse_line(line: bytes) -> Any:
    """Parse one line of JSON without losing a digit of a number.

    Integers of any size stay exact; a decimal that a double cannot hold comes as `Decimal`.

    Raises
    ------
    ValueError
        The line is no JSON.
    """
    if not _may_lose_digits(line):
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError:
            pass
    text = line.decode("utf-8")
    return json.loads(text, parse_float=Decimal, parse_int=_exact_int, parse_constant=_no_number)


def _may_lose_digits(line: bytes) -> bool:
    if _LONG_NUMBER in line.translate(_FOLDED):
        return True
    has_exponent = b"e-" in line or b"E-" in line  # too large a number is refused by itself
    return has_exponent and _LARGE_EXPONENT.search(line) is not None


def _exact_int(digits: str) -> int | Decimal:
    if len(digits) > 4000:
        return Decimal(digits)
    number = int(digits)
    return number if number in _INT64 else Decimal(digits)


def _no_number(_: str) -> NotANumber:
    return NotANumber()
