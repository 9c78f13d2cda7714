"""What Pipedrive says when it does not do what was asked, and what to do then."""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from connectors.destinations.common.crm import CrmRefusalError, CrmUnreachableError, RowAnswer

LABEL = "Pipedrive"
OF_A_ROW = frozenset({400, 403, 404, 409, 410, 422})
_CODE = re.compile(r"[0-9a-f]{40}")
_LONGEST = 500
_READ_BACK = "Run it again: what was applied is read back first."
_HINTS = {
    401: "Check PIPEDRIVE_API_TOKEN: Pipedrive shows it under Personal preferences, API. A new one"
    " there ends the old one, and so does a permission set without the use of the API.",
    402: "The company's subscription is not open (trial ended, payment missing): an administrator"
    " sees why under Billing.",
    403: "Let the token's user see and edit this: its permission set, and the organisation's"
    " visibility group.",
    404: "It was deleted, merged into another or never there; the next sync of Pipedrive tells.",
    410: "It was deleted for good; the next sync of Pipedrive tells.",
}
_BLOCKED = (
    "Pipedrive's firewall shuts an address out that goes on after too many 429. Wait some minutes,"
    " and see what else uses this token."
)
_DAY = (
    "The tokens are the whole company's and renew at midnight of its server. An administrator sees"
    " who uses them under Company settings, API usage, and may buy more."
)
_CAPPED = "The plan allows no more of these: remove unused custom fields, or choose a larger plan."
_VALUE = (
    "A field was removed or is of another type or lacks an option: `copilot publish setup"
    " pipedrive` says which, and makes what is missing."
)


def told(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; empty if it is none."""
    try:
        payload = json.loads(answer.content)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def is_days_end(answer: httpx.Response, cost: int) -> bool:
    """Say whether the day's tokens do not hold a call of this cost any more."""
    left = remaining_tokens(answer)
    return answer.status_code == 429 and left is not None and left < cost


def remaining_tokens(answer: httpx.Response) -> int | None:
    """Return the tokens left for the day; None where the answer does not tell."""
    return number(answer.headers.get("x-daily-ratelimit-token-remaining"))


def number(text: str | None) -> int | None:
    """Return a header's whole number; None if it is absent or none."""
    return int(text) if text is not None and text.strip().isdecimal() else None


def unreachable(url: str, error: Exception | None = None, status: int = 0) -> CrmUnreachableError:
    """Return the error for an answer that did not come, or that says nothing."""
    if status:
        return CrmUnreachableError(
            f"Pipedrive at {url} keeps answering {status}.",
            f"https://status.pipedrive.com tells of outages. {_READ_BACK}",
        )
    is_late = isinstance(error, httpx.TimeoutException)
    kind = "no answer in time" if is_late else "no usable answer"
    return CrmUnreachableError(
        f"There is {kind} from Pipedrive at {url} ({type(error).__name__}).",
        f"Is the network up? {_READ_BACK}",
    )


def refusal(answer: httpx.Response, *, is_day: bool = False) -> CrmRefusalError:
    """Return the error for a request that was refused as a whole.

    Parameters
    ----------
    answer : httpx.Response
        Of a status from 400 to 499.
    is_day : bool
        The day's tokens are used up.
    """
    status, payload = answer.status_code, told(answer)
    if status == 403 and not payload:
        words = "its firewall sent a web page instead of an answer"
        return CrmRefusalError(LABEL, "403", words, _BLOCKED, ends_run=True)
    code, words = _words(answer, payload)
    if status == 429:
        hint = _DAY if is_day else "Too much is sent with this token by others; run it again later."
        words = "the day's tokens are used up" if is_day else words
        return CrmRefusalError(LABEL, code, words, hint, ends_run=True, is_quota=is_day)
    hint = _CAPPED if code.startswith("feature_capping") else _HINTS.get(status, _VALUE)
    return CrmRefusalError(LABEL, code, words, hint, ends_run=status in {401, 402})


def row_answer(
    record_id: str, answer: httpx.Response, columns: Mapping[str, str] | None = None
) -> RowAnswer:
    """Return what a refusal says of one row.

    Parameters
    ----------
    columns : mapping of str to str
        The copilot's column by the field's key in Pipedrive; those named by the refusal are told.
    """
    code, words = _words(answer, told(answer))
    named = [columns[key] for key in _CODE.findall(words) if columns and key in columns]
    hint = _HINTS.get(answer.status_code, _VALUE)
    return RowAnswer(record_id, code, words, tuple(dict.fromkeys(named)), hint=hint)


def _words(answer: httpx.Response, payload: Mapping[str, Any]) -> tuple[str, str]:
    code = str(payload.get("code") or answer.status_code)
    words = payload.get("error") or payload.get("message") or answer.reason_phrase
    return code, str(words)[:_LONGEST]
