"""From what happened to a row to the one state that it ends in."""

from collections.abc import Mapping, Sequence

from connectors.destinations.common.crm import CrmRecord, CrmRefusalError, FieldCrm, RowAnswer
from connectors.destinations.common.fields import Value
from connectors.destinations.common.ledger import Outcome, Refusal, State
from connectors.destinations.common.planned import PlannedRow, show
from connectors.destinations.common.reconcile import differing_words, missing_words
from connectors.destinations.common.slipped import slipped_words


def still(row: PlannedRow) -> Outcome:
    """Return the outcome of a row that is not sent."""
    if row.action == "none":
        words = row.edit_words()
        return Outcome(row.record_id, "unchanged", words, row.shown(), written=row.adopted)
    refusal = Refusal({}, attempts=row.refusals + 1)
    if row.action == "reject":
        return Outcome(row.record_id, "rejected", row.message, row.shown(), refused=refusal)
    return Outcome(row.record_id, "deferred", row.message, row.shown())


def not_sent(row: PlannedRow, why: str, state: State = "deferred") -> Outcome:
    """Return the outcome of a row that stays as it is there, or of which nothing is known."""
    return Outcome(row.record_id, state, why, row.shown())


def refused_row(row: PlannedRow, answer: RowAnswer) -> Outcome:
    """Return the outcome of a row that the CRM refused, or never came to, in its words."""
    words = f"{answer.code}: {answer.words}" + (f"\n-> {answer.hint}" if answer.hint else "")
    if answer.is_untried:
        return not_sent(row, words)
    named = {column: row.payload[column] for column in answer.columns if column in row.payload}
    sent = {column: new for column, new in row.payload.items() if column != "as_of_date"}
    refusal = Refusal(named or sent or row.payload, bool(named), row.refusals + 1)
    return Outcome(row.record_id, "rejected", words, row.shown(), refused=refusal)


def refused_whole(row: PlannedRow, error: CrmRefusalError) -> Outcome:
    """Return the outcome of a row whose whole request was refused."""
    if error.ends_run:
        return not_sent(row, f"{error.code}: {error.words}")
    return refused_row(row, RowAnswer(row.record_id, error.code, error.words, hint=error.hint))


def moved_words(row: PlannedRow, record: CrmRecord | None) -> str:
    """Return which fields are neither as planned nor as wanted; empty if none."""
    if record is None:
        return ""
    parts = [
        f"{column} was {show(old)} and is {show(record.values.get(column))}"
        for column, (old, new) in row.changes.items()
        if record.values.get(column) not in (old, new)
    ]
    return f"Changed since the plan was made: {'; '.join(parts)}" if parts else ""


def read_back(
    crm: FieldCrm, row: PlannedRow, record: CrmRecord | None, edits: Mapping[str, Sequence[Value]]
) -> Outcome:
    """Return the outcome of a row that the CRM took, by what is there and what others wrote."""
    words = missing_words(crm, record)
    if record is None or words:
        return not_sent(row, f"Written, and gone since: {words}", state="rejected")
    sent = row.payload
    differing = {
        column: record.values.get(column)
        for column, value in sent.items()
        if record.values.get(column) != value
    }
    told = [
        differing_words(sent, differing) if differing else None,
        row.edit_words(),
        slipped_words(row.changes, record.values, edits),
    ]
    words = "; ".join(part for part in told if part)
    return Outcome(
        row.record_id,
        "deferred" if differing else "applied",
        words or None,
        row.shown(),
        written={**row.adopted, **sent},
    )
