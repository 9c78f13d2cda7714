"""The features a model learns from: name, shape and the sentence that explains each.

Declared once. The table may hold further columns, which are ignored; one that is absent raises.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from warehouse.errors import CopilotError

Shape = Literal["linear", "log", "share"]


@dataclass(frozen=True)
class Feature:
    """One column of the snapshot.

    Parameters
    ----------
    name : str
        Column of ``features.ftr_account_snapshot``.
    shape : str
        ``log`` for amounts and counts with a long tail (signed log1p), ``share`` for a share whose
        steps near nothing and all weigh more (log-odds of 5% to 95%), else ``linear``.
    text : str
        Sentence with the account's own numbers. ``{only}`` becomes "Only " where the account lies
        below the typical one.
    missing : str
        Sentence where the value is not known.
    cuts : tuple of float
        Thresholds at which the effect may jump: "at most this much" is a column of its own.
    trust : float
        How many times larger an effect is expected of it than of the others.
    direction : int
        1 if more of it cannot make the event less likely, -1 if not more likely, 0 if either may
        be: what is known of the cause before any data. A model never learns the opposite.
    has_late_history : bool
        Whether it rests on a history that may begin late (a snapshot since installation) and is
        unknown before: learnt from only once every row of the training window knows it.
    """

    name: str
    shape: Shape
    text: str
    missing: str
    cuts: tuple[float, ...] = ()
    trust: float = 1.0
    direction: int = 0
    has_late_history: bool = False


_NO_USAGE = "No product usage is recorded"
_NO_INVOICE = "No invoices are recorded"

SNAPSHOT_FEATURES: tuple[Feature, ...] = (
    Feature("tenure_days", "log", "Customer for {tenure_days:count day}", "Start date not known"),
    Feature("mrr", "log", "Pays {mrr:money} a month", "Monthly revenue not known"),
    Feature("seats", "log", "{only}{seats:count seat} under contract", "Number of seats not known"),
    Feature("term_months", "linear", "Term of {term_months:count month}", "Term not known"),
    Feature(
        "days_to_term_end",
        "linear",
        "The term ends in {days_to_term_end:count day}",
        "End of the term not known",
        cuts=(30.0, 60.0, 90.0, 180.0),
    ),
    Feature(
        "cancelled_share",
        "linear",
        "{cancelled_share:percent} of the monthly revenue is cancelled and soon ends",
        "Not known what is cancelled",
        cuts=(0.0, 0.99),
    ),
    Feature(
        "product_count",
        "linear",
        "{only}{product_count:count product} in use",
        "Number of products not known",
    ),
    Feature(
        "mrr_change_90d",
        "linear",
        "Monthly revenue changed by {mrr_change_90d:money} in 90 days",
        "Change of revenue not known",
    ),
    Feature(
        "active_users_7d",
        "log",
        "{only}{active_users_7d:count user} active in the last 7 days",
        _NO_USAGE,
    ),
    Feature(
        "active_users_28d",
        "log",
        "{only}{active_users_28d:count user} active in the last 28 days",
        _NO_USAGE,
    ),
    Feature(
        "active_users_prev_28d",
        "log",
        "{active_users_prev_28d:count user} active in the 28 days before, "
        "{active_users_28d:number} in the last 28",
        _NO_USAGE,
    ),
    Feature(
        "events_28d",
        "log",
        "{only}{events_28d:count action} in the product in the last 28 days",
        _NO_USAGE,
    ),
    Feature(
        "events_prev_28d",
        "log",
        "{events_prev_28d:count action} in the product in the 28 days before, "
        "{events_28d:number} in the last 28",
        _NO_USAGE,
    ),
    Feature(
        "events_90d",
        "log",
        "{only}{events_90d:count action} in the product in the last 90 days",
        _NO_USAGE,
    ),
    Feature(
        "usage_depth_90d",
        "share",
        "{only}{usage_depth_90d:percent} of the actions of 90 days were more than logging in",
        _NO_USAGE,
    ),
    Feature(
        "event_types_28d",
        "linear",
        "{only}{event_types_28d:count kind} of action used in the last 28 days",
        _NO_USAGE,
    ),
    Feature(
        "active_days_28d",
        "linear",
        "{only}{active_days_28d:number} of the last 28 days with any activity",
        _NO_USAGE,
    ),
    Feature(
        "days_since_last_event",
        "log",
        "Last active {days_since_last_event:count day} ago",
        "Never active in the product",
    ),
    Feature(
        "seat_utilisation",
        "linear",
        "{only}{active_users_28d:number} of {seats:count seat} active in the last 28 days "
        "({seat_utilisation:percent})",
        "Share of active seats not known",
    ),
    Feature(
        "usage_trend",
        "linear",
        "{events_28d:count action} in the last 28 days against {events_prev_28d:number} "
        "in the 28 days before",
        "Trend of usage not known",
    ),
    Feature(
        "tickets_30d",
        "log",
        "{tickets_30d:count support ticket} in the last 30 days",
        "No support desk is connected",
    ),
    Feature(
        "tickets_90d",
        "log",
        "{tickets_90d:count support ticket} in the last 90 days",
        "No support desk is connected",
    ),
    Feature(
        "slow_responses_90d",
        "log",
        "{slow_responses_90d:count ticket} answered late in the last 90 days",
        "Response times not known",
    ),
    Feature(
        "bad_ratings_90d",
        "log",
        "{bad_ratings_90d:count bad rating} of support in the last 90 days",
        "No ratings of support",
    ),
    Feature(
        "open_tickets",
        "log",
        "{open_tickets:count support ticket} open",
        "Past states of support tickets not known",
        has_late_history=True,
    ),
    Feature(
        "open_urgent_tickets",
        "log",
        "{open_urgent_tickets:count urgent support ticket} open",
        "Past states of support tickets not known",
        has_late_history=True,
    ),
    Feature("invoices_overdue", "log", "{invoices_overdue:count invoice} overdue", _NO_INVOICE),
    Feature(
        "late_invoices_180d",
        "log",
        "{late_invoices_180d:count invoice} paid late in the last 180 days",
        _NO_INVOICE,
    ),
    Feature(
        "touchpoints_90d",
        "log",
        "{only}{touchpoints_90d:count contact} with our team in the last 90 days",
        "No contacts with our team are recorded",
    ),
    Feature(
        "days_since_touchpoint",
        "log",
        "Last contact with our team {days_since_touchpoint:count day} ago",
        "No contact with our team is recorded",
    ),
)
HEALTH_SCORE = Feature(
    "health_score",
    "linear",
    "Health score {health_score:percent}",
    "Too little known for a health score",
    trust=3.0,
)
"""The rule score itself: whoever wrote the rules knew something before the first churn was seen."""
PEERS_SHARE = Feature(
    "peers_share",
    "linear",
    "{peers_share:percent} of customers own {product}",
    "Not known what customers own",
)
FULLNESS = Feature(
    "fullness",
    "linear",
    "Uses {fullness:percent} of its {product}",
    "Not known how much of it is used",
)
PRODUCT = "product"
PRODUCT_OFFERED = Feature(
    PRODUCT, "linear", "The product on offer is {product}", "Product not known"
)
SNAPSHOT_NAMES: tuple[str, ...] = tuple(feature.name for feature in SNAPSHOT_FEATURES)
_SAYABLE = (*SNAPSHOT_NAMES, HEALTH_SCORE.name, PEERS_SHARE.name, FULLNESS.name, PRODUCT)


def require_columns(present: Iterable[str], wanted: Iterable[str], table: str) -> None:
    """Raise naming the features that the table does not have.

    Raises
    ------
    CopilotError
        At least one wanted column is absent.
    """
    have = set(present)
    absent = [name for name in wanted if name not in have]
    if absent:
        raise CopilotError(
            f"{table} lacks {'the column' if len(absent) == 1 else 'the columns'} "
            f"{', '.join(absent)}, which the model needs.",
            "Build the warehouse anew (`copilot build`), then train again (`copilot train`).",
        )


def is_unknown(value: Any) -> bool:
    """Return whether a value is absent (null, NaN or infinite)."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


class _Wording(string.Formatter):
    """Formats numbers as people write them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def format_field(self, value: Any, format_spec: str) -> str:
        kind, _, noun = format_spec.partition(" ")
        if not kind:
            return str(value)
        if is_unknown(value):
            return f"an unknown number of {noun}s" if noun else "unknown"
        if kind == "percent":
            return f"{value:.0%}"
        if kind == "money":
            return f"{self.currency} {value:,.0f}"
        number = f"{round(value):,}"
        if not noun:
            return number
        return f"{number} {noun}" if number in {"1", "-1"} else f"{number} {noun}s"


def sentence(
    feature: Feature,
    row: Mapping[Any, Any],
    typical: float | None = None,
    currency: str = "USD",
) -> str:
    """Say a feature of one account in words, with the account's own numbers.

    Parameters
    ----------
    feature
        What to say.
    row
        All values of the account's snapshot by column.
    typical
        The median account's value; below it a template may say "Only".
    currency
        ISO code in front of amounts.
    """
    value = row.get(feature.name)
    if is_unknown(value):
        return feature.missing
    below = typical is not None and float(value) < typical  # type: ignore[arg-type]
    values = {name: row.get(name) for name in _SAYABLE}
    values["only"] = "Only " if below else ""
    text = worded(feature.text, values, currency)
    return text[:1].upper() + text[1:]


def worded(template: str, values: Mapping[str, Any], currency: str) -> str:
    """Return a template filled as people write numbers: ``{seats:count seat}``, ``{mrr:money}``."""
    return _Wording(currency).vformat(template, (), values)
