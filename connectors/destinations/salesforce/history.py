"""What others wrote into the copilot's fields, as Account's field history tells where it is on."""

import datetime as dt
from collections.abc import Sequence

from connectors.destinations.common.fields import BY_COLUMN, Value
from connectors.destinations.salesforce.client import SalesforceClient
from connectors.destinations.salesforce.fields import API_NAMES, COLUMNS

CALLS = 1  # a batch, besides who the copilot is, once


def edits_since(
    client: SalesforceClient, user_id: str, record_ids: Sequence[str], since: dt.datetime
) -> dict[str, dict[str, list[Value]]]:
    """Return the values that others than this user gave the accounts' fields, oldest first.

    Of a long text the history tells only that it changed, so these are left out.

    Raises
    ------
    CrmRefusalError
        Account has no field history.
    """
    wanted = {record_id[:15] for record_id in record_ids}
    named = ", ".join(
        f"'{name}'" for column, name in API_NAMES.items() if BY_COLUMN[column].kind != "long_text"
    )
    soql = (
        "SELECT AccountId, Field, NewValue FROM AccountHistory"  # noqa: S608
        f" WHERE CreatedDate >= {since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        f" AND CreatedById != '{user_id}' AND Field IN ({named}) ORDER BY CreatedDate"
    )
    found: dict[str, dict[str, list[Value]]] = {}
    for row in client.query(soql):
        account, column = str(row["AccountId"])[:15], COLUMNS[row["Field"]]
        if account in wanted:
            value = BY_COLUMN[column].normal(row["NewValue"])
            found.setdefault(account, {}).setdefault(column, []).append(value)
    return found
