"""What HubSpot refuses, in its own words, and what a person can do about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.destinations.common.crm import CrmRefusalError, RowAnswer
from connectors.destinations.hubspot.fields import NAMES

LABEL = "HubSpot"
Body = Mapping[str, Any]
_SET_UP = "Run `copilot publish setup hubspot`, which makes what is missing."
_WRONG_TYPE = (
    "The property is of another type than the copilot made: rename or remove it in HubSpot, then"
    " run `copilot publish setup hubspot`."
)
_HINTS = {
    "INVALID_AUTHENTICATION": "Check HUBSPOT_ACCESS_TOKEN: copy it anew from the private app's page"
    " (Settings, Integrations, Private Apps, Auth).",
    "EXPIRED_AUTHENTICATION": "The token has expired: put a new one into HUBSPOT_ACCESS_TOKEN.",
    "DAILY": "The day's calls are used up; what is left goes with the first run after midnight in"
    " the account's time zone.",
    "PROPERTY_DOESNT_EXIST": _SET_UP,
    "INVALID_OPTION": f"An option was taken away from the property. {_SET_UP}",
    "INVALID_DOUBLE": _WRONG_TYPE,
    "INVALID_LONG": _WRONG_TYPE,
    "INVALID_INTEGER": _WRONG_TYPE,
    "INVALID_BOOLEAN": _WRONG_TYPE,
    "INVALID_DATE": _WRONG_TYPE,
    "READ_ONLY_VALUE": "The property may not be written through the API: rename it in HubSpot, then"
    " run `copilot publish setup hubspot`.",
    "OBJECT_NOT_FOUND": "The record was deleted for good, or is of another account. Sync HubSpot;"
    " if it is still there then, compare the token's account with the one that is read.",
    "MERGED": "The company was merged into another one in HubSpot. Sync HubSpot: the copilot then"
    " follows the one that is left.",
    "CONFLICT": "Another record has this unique value already.",
}
_SOON_OVER = frozenset({"RATE_LIMITS", "INTERNAL_ERROR", "LOCKED"})
_OF_ALL_ROWS = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})


class HubspotRefusalError(CrmRefusalError):
    """HubSpot refused a request as a whole.

    Parameters
    ----------
    status : int
        HTTP status.
    body : mapping
        HubSpot's answer.
    """

    def __init__(self, status: int, body: Body) -> None:
        code = code_of(body) or str(status)
        is_quota = body.get("policyName") == "DAILY"
        super().__init__(
            LABEL,
            code,
            words_of(body),
            _scope_hint(body) if status == 403 else hint_of("DAILY" if is_quota else code),
            ends_run=is_quota or status in {401, 403},
            is_quota=is_quota,
        )
        self.status = status
        self.body = body

    @property
    def is_of_rows(self) -> bool:
        """Whether single rows of the batch may be to blame."""
        return self.status in {400, 404, 409}

    @property
    def is_of_all_rows(self) -> bool:
        """Whether each row of the batch would be refused alike."""
        return self.code in _OF_ALL_ROWS


def code_of(body: Body) -> str:
    """Return HubSpot's most exact code: the first value's, else the request's category."""
    first = next(iter(_details(body)), {})
    category = "MISSING_SCOPES" if body.get("category") == "MISSING_SCOPES" else ""
    return str(category or first.get("code") or body.get("category") or "")


def words_of(body: Body) -> str:
    """Return HubSpot's sentence; those on values rather than the one around them."""
    said = [str(one["message"]) for one in _details(body) if one.get("message")]
    return ("; ".join(said) or str(body.get("message") or "no words"))[:1000]


def hint_of(code: str) -> str:
    """Return what to do about a refusal."""
    return _HINTS.get(code, "HubSpot's own words say what is wrong.")


def row_answer(record_id: str, body: Body) -> RowAnswer:
    """Return the answer of one row that was refused."""
    code = code_of(body) or "REFUSED"
    return RowAnswer(
        record_id,
        code,
        words_of(body),
        columns=tuple(NAMES[name].column for name in _properties(body) if name in NAMES),
        may_pass=code in _SOON_OVER,
        hint=hint_of(code),
    )


def merged_answer(record_id: str, into: str) -> RowAnswer:
    """Return the answer of a row that HubSpot wrote to the record that it was merged into."""
    words = f"It was merged into {into}."
    return RowAnswer(record_id, "MERGED", words, hint=hint_of("MERGED"))


def _details(body: Body) -> Sequence[Body]:
    found = body.get("errors")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _properties(body: Body) -> list[str]:
    named: list[str] = []
    for one in _details(body):
        context = one.get("context")
        names = context.get("propertyName") if isinstance(context, dict) else None
        named += names if isinstance(names, list) else [names] if isinstance(names, str) else []
    return list(dict.fromkeys(named))


def _scope_hint(body: Body) -> str:
    scopes: list[str] = []
    for one in _details(body):
        context = one.get("context")
        if isinstance(context, dict):
            for key in ("requiredGranularScopes", "requiredScopes", "missingScopes"):
                scopes += [str(scope) for scope in context.get(key) or []]
    wanted = ", ".join(dict.fromkeys(scopes)) or "that README.md lists"
    return f"Give the private app the scopes {wanted}; its token stays the same."
