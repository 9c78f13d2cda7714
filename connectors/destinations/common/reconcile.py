"""After an interruption: read back what may have been applied, and settle it in the ledger."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from connectors.destinations.common.crm import CrmRecord, FieldCrm, WorksLater
from connectors.destinations.common.fields import Value
from connectors.destinations.common.ledger import Intent, Ledger, Outcome, Remembered
from connectors.destinations.common.planned import edit_words, show
from connectors.destinations.common.slipped import edits_since, slipped_words

_ALL_CHANGED = (
    "Somebody else changed all of it since; whether it was applied before that cannot be told."
)
_CLOCK_MARGIN = dt.timedelta(minutes=5)  # the intents were logged by another clock than the CRM's


def reconcile(crm: FieldCrm, ledger: Ledger) -> int:
    """Settle the intents that earlier runs left open; return how many there were.

    A row whose values are in the CRM was applied. One whose values are not was not, and is
    deferred: the plan of this run sends it again.
    """
    intents = ledger.open_intents()
    if not intents:
        return 0
    if isinstance(crm, WorksLater):
        crm.settle()
    there = crm.read(list(dict.fromkeys(intent.record_id for intent in intents)))
    known = ledger.remembered()
    since = min(intent.logged_at for intent in intents) - _CLOCK_MARGIN
    edits = edits_since(crm, list(dict.fromkeys(intent.record_id for intent in intents)), since)
    by_run: dict[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        by_run[intent.run_id].append(intent)
    for run_id, members in by_run.items():
        outcomes = [
            _outcome(
                crm,
                intent,
                there.get(key),
                (known.get(intent.record_id, Remembered()).written, edits.get(key, {})),
            )
            for intent in members
            for key in (crm.canonical_id(intent.record_id),)
        ]
        applied = sum(outcome.state == "applied" for outcome in outcomes)
        ledger.record(
            run_id,
            outcomes,
            settled=[intent.intent_id for intent in members],
            audit=("read_back", {"records": len(members), "applied": applied}),
        )
    return len(intents)


def missing_words(crm: FieldCrm, record: CrmRecord | None) -> str:
    """Return why a record cannot be written; empty if it can."""
    if record is None:
        return f"{crm.label} has no such account, or the copilot's user may not see it."
    if record.merged_into:
        return (
            f"The account was merged into {record.merged_into} in {crm.label}; its link follows"
            " with the next sync."
        )
    return f"The account is deleted in {crm.label}." if record.is_deleted else ""


def _outcome(
    crm: FieldCrm,
    intent: Intent,
    record: CrmRecord | None,
    told: tuple[Mapping[str, Value], Mapping[str, Sequence[Value]]],
) -> Outcome:
    """Judge by what is there; one value of it there means that all were written together.

    ``told`` is what the copilot wrote before, and what others wrote meanwhile, by column.
    """
    words = missing_words(crm, record)
    if record is None or words:
        return Outcome(intent.record_id, "rejected", words)
    sent = {column: new for column, (_, new) in intent.changes.items()}
    differing = {
        column: record.values.get(column)
        for column in sent
        if record.values.get(column) != sent[column]
    }
    if not differing:
        words = _words("Read back after an interruption.", intent, record, told)
        return Outcome(intent.record_id, "applied", words, written=sent)
    if len(differing) < len(sent):
        words = _words(differing_words(sent, differing), intent, record, told)
        return Outcome(intent.record_id, "deferred", words, written=sent)
    if all(there != intent.changes[column][0] for column, there in differing.items()):
        words = _words(_ALL_CHANGED, intent, record, told)
        return Outcome(intent.record_id, "deferred", words)
    return Outcome(
        intent.record_id, "deferred", "Not applied when read back after an interruption."
    )


def _words(
    first: str,
    intent: Intent,
    record: CrmRecord,
    told: tuple[Mapping[str, Value], Mapping[str, Sequence[Value]]],
) -> str:
    """Return what is to be said of a row that was written: also whose edits that overwrote."""
    written, edits = told
    overwritten = {
        column: pair for column, pair in intent.changes.items() if pair[0] != written.get(column)
    }
    parts = [
        first,
        edit_words(overwritten, overwritten),
        slipped_words(intent.changes, record.values, edits),
    ]
    return " ".join(part for part in parts if part)


def differing_words(sent: dict[str, Value], there: dict[str, Value]) -> str:
    """Return what was changed after it was written."""
    parts = [
        f"{column} is {show(value)}, not {show(sent[column])}" for column, value in there.items()
    ]
    return "Written, and changed since by somebody else: " + "; ".join(parts)
