"""What others wrote into the copilot's fields, as Pipedrive's changelogs tell."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.destinations.common.fields import Value
from connectors.destinations.pipedrive import refusals
from connectors.destinations.pipedrive.fields import PipedriveField
from connectors.destinations.pipedrive.transport import AGENT, Sender

COST = 20  # tokens: a list of version 1, and version 2 has no changelog
_PATH = "/api/v1/organizations/{}/changelog"
_PAGE = 500


def edits_since(
    sender: Sender, fields: Mapping[str, PipedriveField], record_id: str, since: dt.datetime
) -> dict[str, list[Value]]:
    """Return the values that others than the copilot gave an organisation's fields since then.

    The copilot's own writes are known by the name under which it sends.
    """
    known = {field.key: (column, field) for column, field in fields.items()}
    earliest = f"{since.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
    found: dict[str, list[Value]] = {}
    for row in _listed(sender, record_id, earliest):
        is_own = row["change_source_user_agent"] == AGENT
        if row["field_key"] in known and row["time"] >= earliest and not is_own:
            column, field = known[row["field_key"]]
            found.setdefault(column, []).append(field.logged(row["new_value"]))
    return found


def _listed(sender: Sender, record_id: str, earliest: str) -> Iterator[dict[str, Any]]:
    """Yield changes, to the end or, where the newest come first, back to a moment."""
    params: dict[str, Any] = {"limit": _PAGE}
    while True:
        answer = sender.send("GET", _PATH.format(record_id), cost=COST, params=params)
        if answer.status_code in {404, 410}:  # deleted meanwhile: the reading tells
            return
        if not answer.is_success:
            raise refusals.refusal(answer)
        page = sender.payload(answer)
        rows = page["data"] or []
        yield from rows
        cursor = (page.get("additional_data") or {}).get("next_cursor")
        if not cursor or rows[-1]["time"] < earliest <= rows[0]["time"]:
            return
        params["cursor"] = cursor
