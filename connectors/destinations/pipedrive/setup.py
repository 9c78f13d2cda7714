"""The one place where the copilot makes anything in Pipedrive: its organisation fields."""

from typing import Any

from connectors.destinations.common.crm import SetupResult
from connectors.destinations.common.fields import OutboundField
from connectors.destinations.pipedrive.fields import (
    MADE,
    PipedriveField,
    found_fields,
    name_of,
    new_field,
)
from connectors.destinations.pipedrive.transport import Sender
from warehouse.errors import CopilotError

PATH = "/api/v2/organizationFields"
_LIST, _CHANGE = 10, 5  # tokens
_PAGE = 500


def list_fields(sender: Sender) -> dict[str, PipedriveField]:
    """Return the copilot's fields that are there, by column."""
    described: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {"limit": _PAGE, **({"cursor": cursor} if cursor else {})}
        page = sender.call("GET", PATH, cost=_LIST, params=params)
        described += page["data"] or []
        cursor = (page.get("additional_data") or {}).get("next_cursor")
        if not cursor:
            return found_fields(described)


def unusable(fields: dict[str, PipedriveField]) -> tuple[OutboundField, ...]:
    """Return the fields that are absent, or lack an option."""
    return tuple(
        outbound
        for outbound in MADE
        if outbound.column not in fields or fields[outbound.column].missing_options
    )


def ensure_fields(sender: Sender, currency: str) -> SetupResult:
    """Make what is absent; with nothing absent it writes nothing.

    Nothing is sent twice where the answer is lost: the next call lists the fields first, and finds
    what was made.

    Parameters
    ----------
    sender : Sender
        Acts as a user who may add custom fields.
    currency : str
        Reporting currency; it stands in the names of amounts, and in their values.

    Raises
    ------
    CopilotError
        Pipedrive refuses, or a field is not there afterwards.
    """
    fields = list_fields(sender)
    made: list[str] = []
    changed: list[str] = []
    for outbound in MADE:
        known = fields.get(outbound.column)
        if known is None:
            _post(sender, PATH, new_field(outbound, currency))
            made.append(name_of(outbound, currency))
            continue
        if known.missing_options:
            labels = [{"label": label} for label in known.missing_options]
            _post(sender, f"{PATH}/{known.key}/options", labels)
            changed.append(f"options of {outbound.label}")
        if known.currency not in {"", currency}:
            named = {"field_name": name_of(outbound, currency)}
            sender.call("PATCH", f"{PATH}/{known.key}", cost=_CHANGE, json=named)
            changed.append(f"currency of {outbound.label}")
    if not made and not changed:
        return SetupResult()
    _check(sender)
    return SetupResult(tuple(made), tuple(changed))


def _post(sender: Sender, path: str, body: Any) -> None:
    sender.call("POST", path, cost=_CHANGE, json=body, is_repeatable=False)


def _check(sender: Sender) -> None:
    left = unusable(list_fields(sender))
    if left:
        raise CopilotError(
            f"Pipedrive took the copilot's fields, and does not show {left[0].label}.",
            "Look under Company settings, Data fields; then run it again.",
        )
