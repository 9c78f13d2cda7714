"""What an offer rests on, in one sentence with the account's own numbers."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any

from ml.common.features import is_unknown, worded
from ml.opportunity.schema import CROSS_SELL

_FULL = {
    "seats": "{used:number} of {allowed:count seat} in use",
    "plan": "{used:number} of {allowed:count kind} of action in use",
    "usage": "{used:number} of {allowed:number} {unit} in 28 days",
}
_NEXT_PLAN = "the next plan costs {step_mrr:money} more a month"
_OWNERS = "{peers_share:percent} of customers own {product}"
_NEW = {
    "new_users": "{new_users:count new user} since {since}",
    "new_event_types": "{new_event_types:count new kind} of action since {since}",
}


def evidence(kind: str, row: Mapping[Any, Any], currency: str) -> str | None:
    """Return such as "14 of 15 seats in use, 3 new users since May"; None where nothing is known.

    Parameters
    ----------
    kind
        ``upsell`` or ``cross_sell``.
    row
        The offer's columns, those of the account's snapshot and of ``ftr_account_growth``.
    """
    if kind == CROSS_SELL.name:
        needs: dict[str, tuple[str, ...]] = {_OWNERS: ("peers_share",)}
    else:
        needs = {_FULL[row["product"]]: ("used", "allowed"), _NEXT_PLAN: ("step_mrr",)}
    said = [text for text, names in needs.items() if not any(is_unknown(row[n]) for n in names)]
    if not is_unknown(row["since_month"]):
        said += [text for name, text in _NEW.items() if row[name] > 0]
    if not said:
        return None
    since = "" if is_unknown(row["since_month"]) else calendar.month_name[int(row["since_month"])]
    values = {**{str(key): value for key, value in row.items()}, "since": since}
    text = ", ".join(worded(one, values, currency) for one in said)
    return text[:1].upper() + text[1:]
