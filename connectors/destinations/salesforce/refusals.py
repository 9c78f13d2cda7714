"""Salesforce's reasons for refusing one record, and what a person can do about each."""

from collections.abc import Mapping
from typing import Any

from connectors.destinations.common.crm import RowAnswer
from connectors.destinations.salesforce.fields import COLUMNS

UNTRIED = "JOB_NOT_PROCESSED"
"""What the copilot says of a row that a bulk job never came to; Salesforce says nothing of it."""
HINTS = {
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "Put the value back among those of the picklist"
    " (Setup, Object Manager, Account, Fields).",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "Field-level security: assign the copilot's user the"
    " permission set 'Customer Success Copilot: writer', or run `copilot publish setup`.",
    "INVALID_FIELD": "The field is gone or hidden: `copilot publish setup` makes it again.",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "A validation rule of yours refuses this account as it"
    " is: exempt the copilot's user from the rule, or correct the account.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger or flow of yours failed: its words are"
    " above; exempt the copilot's user from it.",
    "REQUIRED_FIELD_MISSING": "The account lacks a field that your page requires; fill it in.",
    "STRING_TOO_LONG": "The field in Salesforce is shorter than the copilot made it; lengthen it.",
    "NUMBER_OUTSIDE_VALID_RANGE": "The field in Salesforce has fewer digits than the copilot gave"
    " it; widen it.",
    "UNABLE_TO_LOCK_ROW": "Somebody was saving this account or a child of it; the next run tries"
    " again.",
    "ENTITY_IS_LOCKED": "An approval process holds the account; it goes once that is over.",
    "ENTITY_IS_DELETED": "The account is in the recycle bin; restore it, or wait for the next"
    " sync to drop it.",
    "INVALID_CROSS_REFERENCE_KEY": "There is no such account for the copilot's user: deleted, or"
    " not shared with it.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "Share the account with the copilot's user, or give it"
    " 'Edit' on accounts.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "Share the account with the copilot's user,"
    " or give it 'Edit' on accounts.",
    "DUPLICATES_DETECTED": "A duplicate rule of yours blocks this account: merge its duplicates,"
    " or let the rule report instead of block.",
    UNTRIED: "Salesforce stopped the bulk job before this account; the next run sends it again.",
    "MALFORMED_ID": "The link to the CRM is wrong: see marts.account_source_link.",
}
_MAY_PASS = frozenset({"UNABLE_TO_LOCK_ROW"})


def taken(record_id: str) -> RowAnswer:
    """Return the answer on a record that Salesforce took."""
    return RowAnswer(record_id)


def refused(record_id: str, code: str, words: str, fields: list[str]) -> RowAnswer:
    """Return the answer on a record that it refused, with what to do."""
    return RowAnswer(
        record_id,
        code,
        words,
        columns=tuple(COLUMNS[name] for name in fields if name in COLUMNS),
        may_pass=code in _MAY_PASS,
        is_untried=code == UNTRIED,
        hint=HINTS.get(code, "Salesforce's own words say what is wrong."),
    )


def answer(record_id: str, result: Mapping[str, Any]) -> RowAnswer:
    """Return the answer in one result of a collections call."""
    if result["success"]:
        return taken(record_id)
    errors = result["errors"] or [{}]
    first = errors[0]
    words = "; ".join(
        str(error.get("message"))
        if error is first
        else f"{error.get('statusCode')}: {error.get('message')}"
        for error in errors
    )
    fields = [name for error in errors for name in error.get("fields") or []]
    return refused(record_id, str(first.get("statusCode") or "UNKNOWN"), words, fields)
