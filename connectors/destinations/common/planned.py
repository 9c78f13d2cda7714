"""What a plan is: one row an account, its hash, and how a person reads it."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from connectors.destinations.common.fields import Value

Action = Literal["change", "none", "reject", "park"]
Pair = tuple[Value, Value]
_SHOWN_ROWS = 20
_HASH_LENGTH = 16


@dataclass(frozen=True)
class PlannedRow:
    """What is to become of one outbound row.

    Parameters
    ----------
    record_id, name : str
        The record in the CRM.
    action : str
        ``change`` it, ``none``, ``reject`` it without asking the CRM, or leave it ``park``ed.
    changes : dict
        Column to (value there, value to be).
    edits : dict
        Column to (what a person wrote, what the copilot has); overwritten if in ``changes`` too.
    adopted : dict
        Values that are there and in the warehouse alike, and are not remembered as written yet.
    message : str
        Why it is rejected or parked.
    refusals : int
        How often the CRM has refused just this already.
    """

    record_id: str
    name: str = ""
    action: Action = "none"
    changes: dict[str, Pair] = field(default_factory=dict)
    edits: dict[str, Pair] = field(default_factory=dict)
    adopted: dict[str, Value] = field(default_factory=dict)
    message: str = ""
    refusals: int = 0

    @property
    def payload(self) -> dict[str, Value]:
        """The new values by column."""
        return {column: new for column, (_, new) in self.changes.items()}

    @property
    def kept_edits(self) -> dict[str, Pair]:
        """The edits that stay."""
        return {column: pair for column, pair in self.edits.items() if column not in self.changes}

    def shown(self) -> dict[str, Any] | None:
        """Return the changes and edits as the ledger keeps them."""
        shown: dict[str, Any] = {
            column: {"old": old, "new": new} for column, (old, new) in self.changes.items()
        }
        for column, (there, ours) in self.edits.items():
            edit = "overwritten" if column in self.changes else "kept"
            shown[column] = {"old": there, "new": ours, "edited": edit}
        return shown or None

    def edit_words(self) -> str | None:
        """Return what people wrote into the copilot's fields, and what becomes of it."""
        return edit_words(self.edits, self.changes)


@dataclass(frozen=True)
class Plan:
    """What a publish would do, and nothing else will be done with it.

    Parameters
    ----------
    crm, label : str
        The CRM, for programs and for people.
    as_of_date : date or None
        Date of the outbound rows; None if there are none.
    rows : tuple of PlannedRow
        Each outbound row once.
    missing_fields : tuple of str
        Labels of fields that have to be made, or made writable, first.
    brakes : tuple of str
        Why nothing is sent until a person confirms.
    cost : int
        Units of the vendor that carrying it out spends without faults.
    unit : str
        What these are, such as ``calls``.
    remaining : int or None
        Units left today, as the vendor says.
    reconciled : int
        Rows of interrupted runs that were settled before it was made.
    """

    crm: str
    label: str
    as_of_date: dt.date | None
    rows: tuple[PlannedRow, ...] = ()
    missing_fields: tuple[str, ...] = ()
    brakes: tuple[str, ...] = ()
    cost: int = 0
    unit: str = "calls"
    remaining: int | None = None
    reconciled: int = 0

    def of(self, action: Action) -> list[PlannedRow]:
        """Return the rows of which this is to become."""
        return [row for row in self.rows if row.action == action]

    @property
    def changed(self) -> list[PlannedRow]:
        """Rows to send."""
        return self.of("change")

    @property
    def nulls(self) -> int:
        """Fields that it would empty."""
        return sum(new is None for row in self.rows for _, new in row.changes.values())

    @cached_property
    def hash(self) -> str:
        """Letters and digits that stand for this content, and for no other."""
        content = [
            [row.record_id, row.action, row.changes, row.edits, row.message] for row in self.rows
        ]
        text = json.dumps(
            [self.crm, str(self.as_of_date), self.missing_fields, self.brakes, content],
            sort_keys=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]

    def lines(self) -> Iterator[str]:
        """Yield the plan as a person reads it: counts, then field by field, old -> new."""
        yield (
            f"{self.label}, as of {self.as_of_date}: {len(self.changed)} accounts to change,"
            f" {len(self.of('none'))} unchanged, {len(self.of('reject'))} that cannot be sent,"
            f" {len(self.of('park'))} parked."
        )
        left = "" if self.remaining is None else f"; {self.remaining} are left today"
        yield (
            f"It will cost {counted(self.cost, self.unit)}{left}."
            f" It empties {counted(self.nulls, 'fields')}."
        )
        again = sum(row.refusals > 0 and row.action != "park" for row in self.rows)
        kept = sum(len(row.kept_edits) for row in self.rows)
        edited = sum(len(row.edits) for row in self.rows)
        if again:
            yield f"{again} of them were refused before and are tried again."
        if edited:
            yield (
                f"People edited {edited} of the copilot's fields: {kept} are kept,"
                f" {edited - kept} overwritten (publish.edited)."
            )
        if self.missing_fields:
            yield f"Fields to make first: {', '.join(self.missing_fields)}"
        for reason in self.brakes:
            yield f"Held until confirmed: {reason}"
        yield from self._row_lines()

    def _row_lines(self) -> Iterator[str]:
        told = [row for row in self.rows if row.changes or row.edits]
        for row in told[:_SHOWN_ROWS]:
            yield f"{row.record_id} {row.name}"
            for column, (old, new) in row.changes.items():
                note = " (a person's edit, overwritten)" if column in row.edits else ""
                yield f"    {column}: {show(old)} -> {show(new)}{note}"
            for column, (there, ours) in row.kept_edits.items():
                yield f"    {column}: {show(there)} stays, a person's edit (not {show(ours)})"
        if len(told) > _SHOWN_ROWS:
            yield f"... and {len(told) - _SHOWN_ROWS} more accounts"
        for action, what in (("reject", "that cannot be sent"), ("park", "parked")):
            stuck = [row for row in self.rows if row.action == action]
            for row in stuck[:_SHOWN_ROWS]:
                yield f"{row.record_id} {row.name}: {row.message}"
            if len(stuck) > _SHOWN_ROWS:
                yield f"... and {len(stuck) - _SHOWN_ROWS} more {what}"


def edit_words(edits: Mapping[str, Pair], changes: Mapping[str, Pair]) -> str | None:
    """Return what people wrote, and that it is overwritten if it is among the changes."""
    parts = [
        f"{column}: a person wrote {show(there)}, the copilot has {show(ours)};"
        f" {'overwritten' if column in changes else 'kept'}"
        for column, (there, ours) in edits.items()
    ]
    return "; ".join(parts) or None


def counted(count: int, things: str) -> str:
    """Return a count with its noun, which is given in the plural."""
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


def show(value: Value) -> str:
    """Return a value as one short line."""
    text = "(empty)" if value is None else str(value).replace("\n", " / ")
    return text if len(text) <= 100 else f"{text[:97]}..."


def as_content(row: PlannedRow) -> dict[str, Any]:
    """Return the part of a row that is kept as JSON."""
    return {
        "changes": {column: list(pair) for column, pair in row.changes.items()},
        "edits": {column: list(pair) for column, pair in row.edits.items()},
        "adopted": row.adopted,
        "message": row.message,
        "refusals": row.refusals,
    }


def from_content(
    record_id: str, name: str, action: Action, content: Mapping[str, Any]
) -> PlannedRow:
    """Return the row that `as_content` was made of."""
    return PlannedRow(
        record_id,
        name,
        action,
        changes={column: (old, new) for column, (old, new) in content["changes"].items()},
        edits={column: (there, ours) for column, (there, ours) in content["edits"].items()},
        adopted=content["adopted"],
        message=content["message"],
        refusals=content["refusals"],
    )
