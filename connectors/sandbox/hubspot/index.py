"""Finds records by unique values and in the order of their ids, without looking at them all."""

import bisect
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.hubspot.properties import Property


class Index:
    """What is known of records beside themselves.

    Parameters
    ----------
    records : mapping
        Records by kind and id.
    properties : mapping
        Definitions of properties by kind and name.
    """

    def __init__(
        self,
        records: Mapping[str, dict[str, Record]],
        properties: Mapping[str, dict[str, Property]],
    ) -> None:
        self._records = records
        self._properties = properties
        self._ids: dict[tuple[str, bool], list[int]] = {}
        self._unique: dict[tuple[str, str], dict[str, str]] = {}

    def take(self, kind: str, record: Record) -> None:
        """Note a record that came, or came back."""
        place = self._ids.setdefault((kind, record["archived"]), [])
        number = int(record["id"])
        if not place or number > place[-1]:
            place.append(number)
        else:
            bisect.insort(place, number)
        self.note_values(kind, record)

    def forget(self, kind: str, record: Record) -> None:
        """Note that a record goes."""
        place = self._ids[(kind, record["archived"])]
        del place[bisect.bisect_left(place, int(record["id"]))]
        self.forget_values(kind, record)

    def note_values(self, kind: str, record: Record) -> None:
        """Note a record's unique values; those of an archived one are free again."""
        if record["archived"]:
            return
        for name, value in self._values(kind, record):
            self._unique.setdefault((kind, name), {})[value] = record["id"]

    def forget_values(self, kind: str, record: Record) -> None:
        """Free a record's unique values."""
        for name, value in self._values(kind, record):
            known = self._unique.get((kind, name), {})
            if known.get(value) == record["id"]:
                del known[value]

    def holder(self, kind: str, name: str, value: Any) -> str | None:
        """Return the id of the live record that has a unique value."""
        return self._unique.get((kind, name), {}).get(_key(value))

    def after(self, kind: str, record_id: int, limit: int, *, is_archived: bool) -> list[Record]:
        """Return up to `limit` records whose ids follow one, by their ids."""
        place = self._ids.get((kind, is_archived), [])
        start = bisect.bisect_right(place, record_id)
        return [self._records[kind][str(number)] for number in place[start : start + limit]]

    def all(self, kind: str, *, is_archived: bool) -> list[Record]:
        """Return all records of a kind by their ids."""
        return self.after(kind, -1, len(self._records[kind]), is_archived=is_archived)

    def _values(self, kind: str, record: Record) -> list[tuple[str, str]]:
        held = ((n, record["properties"].get(n)) for n in self._unique_names(kind))
        return [(name, _key(value)) for name, value in held if value not in (None, "")]

    def _unique_names(self, kind: str) -> list[str]:
        return [name for name, spec in self._properties[kind].items() if spec.has_unique_value]


def _key(value: Any) -> str:
    return str(value).strip().lower()
