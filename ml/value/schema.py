"""The tables of renewals and value: what is read, and what is written."""

from __future__ import annotations

from ml.common.frames import ACCOUNT, DATE, Column
from ml.common.rows import ScoreTable

METHOD_VERSION = "survival-v1"
"""Raise it when the same data would give other numbers."""

CHAINS = (
    Column("account_chain_id", "text"),
    DATE,
    Column("chain_no"),
    Column("entry_months"),
    Column("exit_months"),
    Column("is_ended", "integer"),
    Column("start_mrr"),
    Column("start_term_months"),
)
CONTRACTS = (
    ACCOUNT,
    DATE,
    Column("chain_no"),
    Column("start_mrr"),
    Column("start_term_months"),
    Column("tenure_months"),
    Column("horizon_tenure_months"),
    Column("mrr"),
    Column("leaving_tenure_months"),
)
RENEWALS = (
    ACCOUNT,
    Column("renewal_date", "date"),
    Column("renewal_tenure_months"),
    Column("mrr"),
    Column("open_mrr"),
    Column("term_months"),
)
OUTCOMES = (
    ACCOUNT,
    Column("renewed_on", "date"),
    Column("term_months"),
    Column("mrr_before"),
    Column("mrr_after"),
    Column("is_renewed", "integer"),
)
CHURN = (
    ACCOUNT,
    Column("churn_probability"),
    Column("probability_low"),
    Column("probability_high"),
    Column("basis", "text"),
)

_ABOUT = {"basis": "text", "churn_basis": "text", "is_published": "boolean"}
_NUMBER, _MONEY = "double precision", "numeric(16,2)"

RENEWAL_FORECAST = ScoreTable(
    "renewal_forecast",
    {"account_id": "text", "renewal_date": "date"},
    {
        "current_arr": _MONEY,
        "renewal_probability": _NUMBER,
        "probability_low": _NUMBER,
        "probability_high": _NUMBER,
        "price_ratio": _NUMBER,
        "ratio_low": _NUMBER,
        "ratio_high": _NUMBER,
        "expected_arr": _MONEY,
        "arr_low": _MONEY,
        "arr_high": _MONEY,
        **_ABOUT,
    },
)
ACCOUNT_VALUE = ScoreTable(
    "account_value",
    {"account_id": "text"},
    {
        "tenure_months": _NUMBER,
        "mrr": _MONEY,
        "expected_months": _NUMBER,
        "months_low": _NUMBER,
        "months_high": _NUMBER,
        "lifetime_value": _MONEY,
        "value_low": _MONEY,
        "value_high": _MONEY,
        "horizon_months": "integer",
        "discount_rate": _NUMBER,
        "chains_observed": "bigint",
        "chains_ended": "bigint",
        **_ABOUT,
    },
)
