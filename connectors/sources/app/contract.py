"""The own-tables contract: what a company's own files must hold. Everything else follows from it.

An empty cell is null. Dates and times are ISO 8601; a time needs its zone (a bare date stands for
its midnight in UTC). A row that breaks a rule is rejected with the rule's words, the rest loads.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; the values are Postgres types."""

    TEXT = "varchar"
    DATE = "date"
    TIME = "timestamptz"
    INTEGER = "bigint"
    NUMBER = "numeric"


@dataclass(frozen=True)
class Rule:
    """A column of the contract.

    Parameters
    ----------
    name : str
        The column's name in the file and in the table.
    kind : Kind
        What it holds.
    is_required : bool
        The file has the column, and no row leaves it empty.
    low, high : float, optional
        Bounds of a number, both inclusive.
    pattern, wording : str
        A regular expression that the whole text matches, and what it asks for in words.
    """

    name: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    low: float | None = None
    high: float | None = None
    pattern: str = ""
    wording: str = ""


@dataclass(frozen=True)
class OwnTable:
    """A table of the contract.

    Parameters
    ----------
    name : str
        The table's name, and the file's without its ending.
    columns : tuple of Rule
        The first one is the key.
    is_required : bool
        Whether the file has to be there.
    orders : tuple of pairs
        ``(earlier, later)``: the later one may not lie before the earlier one.
    """

    name: str
    columns: tuple[Rule, ...]
    is_required: bool = False
    orders: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The name of the column that identifies a row."""
        return self.columns[0].name

    @property
    def refers_to_account(self) -> bool:
        """Whether each row belongs to a row of ``account``."""
        return self.key != "account_id"


def _text(*names: str) -> tuple[Rule, ...]:
    return tuple(Rule(name) for name in names)


def _needed(*names: str) -> tuple[Rule, ...]:
    return tuple(Rule(name, is_required=True) for name in names)


_CURRENCY = Rule("currency", pattern="[A-Z]{3}", wording="a currency code such as USD")

ACCOUNT = OwnTable(
    "account",
    (
        *_needed("account_id", "name"),
        *_text("domain", "industry", "segment", "country"),
        Rule("created_at", Kind.TIME),
        *_text("csm_name", "csm_email", "csm_pulse"),
        Rule("csm_pulse_on", Kind.DATE),
    ),
    is_required=True,
)
SUBSCRIPTION = OwnTable(
    "subscription",
    (
        *_needed("subscription_id", "account_id"),
        *_text("product", "plan"),
        Rule("seats", Kind.INTEGER, low=0),
        Rule("mrr", Kind.NUMBER, is_required=True, low=0),
        _CURRENCY,
        Rule("billing_period"),
        Rule("started_on", Kind.DATE, is_required=True),
        Rule("ended_on", Kind.DATE),
        Rule("renewal_on", Kind.DATE),
        Rule("cancelled_on", Kind.DATE),
    ),
    is_required=True,
    orders=(("started_on", "ended_on"),),
)
USER = OwnTable(
    "user",
    (
        *_needed("user_id", "account_id"),
        *_text("email", "name"),
        Rule("created_at", Kind.TIME, is_required=True),
    ),
)
EVENT = OwnTable(
    "event",
    (
        *_needed("event_id", "account_id"),
        *_text("user_id", "name"),
        Rule("occurred_at", Kind.TIME, is_required=True),
        Rule("quantity", Kind.NUMBER),
    ),
)
TICKET = OwnTable(
    "ticket",
    (
        *_needed("ticket_id", "account_id"),
        *_text("requester_email", "priority", "status"),
        Rule("created_at", Kind.TIME, is_required=True),
        Rule("first_response_at", Kind.TIME),
        Rule("solved_at", Kind.TIME),
        Rule("satisfaction_score", Kind.NUMBER, low=1, high=5),
        *_text("subject", "body"),
    ),
    orders=(("created_at", "first_response_at"), ("created_at", "solved_at")),
)
INVOICE = OwnTable(
    "invoice",
    (
        *_needed("invoice_id", "account_id"),
        Rule("amount", Kind.NUMBER),
        _CURRENCY,
        Rule("issued_on", Kind.DATE, is_required=True),
        Rule("due_on", Kind.DATE),
        Rule("paid_on", Kind.DATE),
    ),
)
CHURN_EVENT = OwnTable(
    "churn_event",
    (
        *_needed("churn_event_id", "account_id"),
        Rule("churned_on", Kind.DATE, is_required=True),
    ),
)

TABLES = (ACCOUNT, SUBSCRIPTION, USER, EVENT, TICKET, INVOICE, CHURN_EVENT)
