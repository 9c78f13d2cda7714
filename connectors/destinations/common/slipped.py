"""Edits that slipped in between the last look and the write, as far as the CRM tells of them."""

import datetime as dt
from collections.abc import Mapping, Sequence

from connectors.destinations.common.crm import FieldCrm, KeepsHistory, RowAnswer
from connectors.destinations.common.fields import Value
from connectors.destinations.common.planned import Pair, show

Edits = Mapping[str, Mapping[str, Sequence[Value]]]


def clock(crm: FieldCrm) -> dt.datetime | None:
    """Return the CRM's own time; None from one that keeps no history."""
    return crm.clock() if isinstance(crm, KeepsHistory) else None


def edits_since(crm: FieldCrm, record_ids: Sequence[str], since: dt.datetime | None) -> Edits:
    """Return what others wrote since then; nothing from a CRM that keeps no history."""
    if not record_ids or since is None or not isinstance(crm, KeepsHistory):
        return {}
    return crm.edits(record_ids, since)


def told_by(
    answer: RowAnswer, edits: Mapping[str, Sequence[Value]]
) -> Mapping[str, Sequence[Value]]:
    """Return what the history tells of a row, and what the write itself found, each edit once."""
    found = {
        column: (*edits.get(column, ()), value)
        for column, value in (answer.before or {}).items()
        if value not in edits.get(column, ())
    }
    return {**edits, **found}


def slipped_words(
    sent: Mapping[str, Pair], there: Mapping[str, Value], edits: Mapping[str, Sequence[Value]]
) -> str | None:
    """Return which edits were overwritten unseen: neither what was looked at, nor what is there."""
    parts = [
        f"{column}: a person wrote {show(value)} meanwhile; overwritten unseen"
        for column, (old, new) in sent.items()
        for value in edits.get(column, ())
        if value not in (old, new, there.get(column))
    ]
    return "; ".join(parts) or None
