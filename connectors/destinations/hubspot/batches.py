"""Many rows in one call, each with an answer of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.destinations.common.crm import CrmUnreachableError
from connectors.destinations.hubspot.refusals import Body, HubspotRefusalError
from connectors.destinations.hubspot.transport import HubspotTransport

BATCH_SIZE = 100
_MOST_SPLITS = 16  # finds one wrong row of a hundred; a batch of many must not eat the quota


@dataclass(frozen=True)
class Outcome:
    """What became of one row: the id of the record that was written, or HubSpot's error."""

    record_id: str = ""
    error: Body | None = None


def send_rows(
    transport: HubspotTransport,
    method: Callable[..., Any],
    rows: Mapping[str, Mapping[str, Any]],
) -> dict[str, Outcome]:
    """Send up to 100 rows in one call; return the outcome of each by its key.

    Each row carries its key as a trace, which asks HubSpot to answer row by row (207). Where it
    refuses the whole batch nonetheless, the batch is halved until the wrong rows stand alone.

    Parameters
    ----------
    transport : HubspotTransport
        Sends it.
    method : callable
        The client's method for a batch.
    rows : mapping
        Inputs by key; of an update the key is the record's id.

    Raises
    ------
    HubspotRefusalError
        The call was refused for another reason than a row.
    CrmUnreachableError
        There was no usable answer.
    """
    found: dict[str, Outcome] = {}
    waiting, splits = [list(rows)], 0
    while waiting:
        keys = waiting.pop(0)
        inputs = [{**rows[key], "objectWriteTraceId": key} for key in keys]
        try:
            body = transport.send(method, {"inputs": inputs}, is_again=splits > 0)
        except HubspotRefusalError as refusal:
            if not refusal.is_of_rows:
                raise
            if len(keys) == 1 or refusal.is_of_all_rows or splits >= _MOST_SPLITS:
                found |= dict.fromkeys(keys, Outcome(error=refusal.body))
                continue
            splits += 2
            half = len(keys) // 2
            waiting[:0] = [keys[:half], keys[half:]]
        else:
            found |= _outcomes(keys, body)
    return found


def _outcomes(keys: Sequence[str], body: Body) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for result in body.get("results") or []:
        key = str(result.get("objectWriteTraceId") or result.get("id"))
        found[key] = Outcome(str(result.get("id")))
    nameless: Body | None = None
    for error in body.get("errors") or []:
        named = _named(error)
        nameless = nameless if named else error
        found |= dict.fromkeys(named, Outcome(error=error))
    for key in keys:
        if key not in found and nameless is None:
            raise CrmUnreachableError(
                f"HubSpot's answer says nothing of the row {key}.",
                "Run it again: what was applied is read back first.",
            )
        found.setdefault(key, Outcome(error=nameless))
    return {key: found[key] for key in keys}


def _named(error: Body) -> list[str]:
    """Return the keys of the rows that an error of a batch is about."""
    context = error.get("context")
    if not isinstance(context, dict):
        return []
    for name in ("objectWriteTraceId", "ids", "id"):
        if context.get(name):
            return [str(key) for key in context[name]]
    return []
