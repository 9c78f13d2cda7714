"""Accounts read and written in one call: what was there right before the write."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.destinations.common.crm import CrmUnreachableError
from connectors.destinations.salesforce.client import (
    API_VERSION,
    SalesforceClient,
    collection,
    results_of,
)

_PATH = f"/services/data/v{API_VERSION}/composite/sobjects"


def read_and_update(
    client: SalesforceClient, object_name: str, records: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Update up to 200 records, each for itself, having read their fields in the same call.

    Within Salesforce one part follows the other, so what somebody writes in just that moment is
    not seen. A reading that fails does not keep the update from being made.

    Parameters
    ----------
    client : SalesforceClient
        What to send it by.
    object_name : str
        Of all the records.
    records : sequence of mapping
        ``Id``, and new values by API name.

    Returns
    -------
    tuple
        The results in the same order, and what was there before, by the Id's first 15 characters:
        values of all the fields that any of the records names; nothing where it could not be read.

    Raises
    ------
    CrmRefusalError
        The whole request or the update as a whole was refused.
    CrmUnreachableError
        There was no usable answer.
    """
    names = sorted({name for record in records for name in record} | {"Id"})
    asked = {"ids": [record["Id"] for record in records], "fields": names}
    parts = {
        "before": ("POST", f"{_PATH}/{object_name}", asked),
        "update": ("PATCH", _PATH, collection(object_name, records)),
    }
    body = {
        "allOrNone": False,
        "collateSubrequests": False,  # in just this order
        "compositeRequest": [
            {"method": method, "url": url, "referenceId": name, "body": content}
            for name, (method, url, content) in parts.items()
        ],
    }
    answer = client.call("POST", "composite", json=body)
    _, read = _part(answer, "before")
    status, updated = _part(answer, "update")
    if status >= 400:
        raise client.failure(status, updated)
    found = read if isinstance(read, list) else []
    before = {record["Id"][:15]: record for record in found if record and "Id" in record}
    return results_of(updated, len(records)), before


def _part(answer: Any, name: str) -> tuple[int, Any]:
    """Return status and body of one part."""
    try:
        (part,) = [one for one in answer["compositeResponse"] if one["referenceId"] == name]
        return int(part["httpStatusCode"]), part["body"]
    except (KeyError, TypeError, ValueError) as error:
        raise CrmUnreachableError(
            "Salesforce's answer lacks what became of a part of the request.",
            "Run it again: what was applied is read back first.",
        ) from error
