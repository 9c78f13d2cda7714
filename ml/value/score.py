"""Foretell the renewals and the value of the customers of a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from psycopg import sql

from ml.common import rows
from ml.common.frames import Reader
from ml.value import curve as curves
from ml.value.curve import Curve
from ml.value.rate import FloatArray
from ml.value.schema import (
    ACCOUNT_VALUE,
    CHAINS,
    CHURN,
    CONTRACTS,
    METHOD_VERSION,
    OUTCOMES,
    RENEWAL_FORECAST,
    RENEWALS,
)
from ml.value.survival import Customers, Estimate, staying
from ml.value.worth import price_ratio, renewed_arr, worth
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

DIGITS = 12
AT_ONCE = 5_000
"""So many customers are worked out together: one number for each month of the horizon."""


@dataclass(frozen=True)
class ValueResult:
    """What a run did.

    Parameters
    ----------
    customers, renewals
        Rows that now stand for the date.
    changed
        Rows written anew or removed; 0 when the same was foretold before.
    basis
        What the survival curve rests on: ``cox``, ``curve`` or ``constant``.
    ends
        Ends of chains it has learnt from.
    """

    customers: int
    renewals: int
    changed: int
    basis: str
    ends: int


@dataclass(frozen=True)
class _Data:
    chains: pd.DataFrame
    contracts: pd.DataFrame
    renewals: pd.DataFrame
    outcomes: pd.DataFrame


def score(
    warehouse: Warehouse,
    settings: Settings,
    as_of: dt.date,
    accounts: Sequence[str] | None = None,
) -> ValueResult:
    """Write expected ARR at each renewal and the lifetime value of each paying account.

    The same data again changes no row.

    Parameters
    ----------
    accounts
        Of these alone, by the curve and prices of the last night; of all if not given.

    Raises
    ------
    CopilotError
        A table is absent, or the warehouse was built as of another date.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        data = _read(reader, as_of, accounts)
        curve = curves.fit(data.chains)
        found = _value_rows(data.contracts, curve, settings)
        renewals = _renewal_rows(data, curve)
        written = [
            rows.write_scores(reader, table, as_of, given, [METHOD_VERSION], accounts)
            for table, given in ((ACCOUNT_VALUE, found), (RENEWAL_FORECAST, renewals))
        ]
        connection.commit()
    return ValueResult(
        customers=len(found),
        renewals=len(renewals),
        changed=sum(one.changed + one.deleted for one in written),
        basis=curve.basis,
        ends=curve.ends,
    )


def _read(reader: Reader, as_of: dt.date, accounts: Sequence[str] | None) -> _Data:
    on_date, date = sql.SQL("as_of_date = %s"), (as_of,)
    chains = reader.read("features", "ftr_account_chain", CHAINS, sql.SQL("true"), ())
    built_for = chains["as_of_date"].iloc[0].date() if len(chains) else as_of
    if built_for != as_of and accounts is None:
        raise CopilotError(
            f"features.ftr_account_chain was built as of {built_for}, not {as_of}.",
            f"Build the warehouse as of that date: `copilot build --as-of {as_of}`.",
        )
    published = sql.SQL("as_of_date = %s and is_published")
    churn = reader.read("ml", "churn_score", CHURN, published, date)
    contracts = reader.read("features", "ftr_account_contract", CONTRACTS, on_date, date)
    if accounts is not None:
        contracts = contracts[contracts["account_id"].isin(accounts)]
    return _Data(
        chains,
        contracts.merge(
            churn.rename(columns={"basis": "churn_basis"}), on="account_id", how="left",
            validate="one_to_one",
        ),
        reader.read("features", "ftr_account_renewal", RENEWALS, on_date, date),
        reader.read("features", "ftr_renewal_outcome", OUTCOMES,
                    sql.SQL("renewed_on <= %s and mrr_before > 0"), date),
    )  # fmt: skip


def _value_rows(contracts: pd.DataFrame, curve: Curve, settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    rule = settings.value
    for start in range(0, len(contracts), AT_ONCE):
        part = contracts.iloc[start : start + AT_ONCE]
        mrr = part["mrr"].to_numpy(dtype=np.float64)
        customers = Customers.of(part, curve)
        known = worth(curve, customers, mrr, rule.horizon_months, rule.discount_rate)
        columns = {
            "account_id": part["account_id"],
            "tenure_months": part["tenure_months"],
            "mrr": mrr,
            **_named(known.months, "expected_months", "months"),
            **_named(known.value, "lifetime_value", "value"),
        }
        about = {
            "horizon_months": rule.horizon_months,
            "discount_rate": rule.discount_rate,
            "chains_observed": curve.chains,
            "chains_ended": curve.ends,
        }
        is_known = np.isfinite(customers.leaving_age)
        found += _rows(columns, about, _basis(curve, is_known), part["churn_basis"])
    return found


def _renewal_rows(data: _Data, curve: Curve) -> list[dict[str, Any]]:
    due = data.renewals.merge(
        data.contracts.drop(columns=["mrr", "as_of_date"]), on="account_id", how="inner"
    )
    if due.empty:
        return []
    age = due["renewal_tenure_months"].to_numpy(dtype=np.float64)
    is_open = due["open_mrr"].to_numpy(dtype=np.float64) > 0
    customers = Customers.of(due, curve)
    chance = staying(curve, customers, age)
    chance = Estimate(
        *(np.where(is_open, one, 0.0) for one in (chance.value, chance.low, chance.high))
    )
    ratios = price_ratio(data.outcomes)
    chosen = np.array([ratios[months >= curves.LONG_TERM_MONTHS] for months in due["term_months"]])
    ratio = Estimate(chosen[:, 0], chosen[:, 1], chosen[:, 2])
    expected = renewed_arr(due["open_mrr"].to_numpy(dtype=np.float64) * 12, chance, ratio)
    columns = {
        "account_id": due["account_id"],
        "renewal_date": due["renewal_date"].dt.strftime("%Y-%m-%d"),
        "current_arr": due["mrr"] * 12,
        **_named(chance, "renewal_probability", "probability"),
        **_named(ratio, "price_ratio", "ratio"),
        **_named(expected, "expected_arr", "arr"),
    }
    is_known = ~is_open | np.isfinite(customers.leaving_age)
    return _rows(columns, {}, _basis(curve, is_known), due["churn_basis"])


def _named(estimate: Estimate, value: str, short: str) -> dict[str, FloatArray]:
    """Return columns whose interval holds the value to the last digit."""
    found = [np.round(one, DIGITS) for one in (estimate.value, estimate.low, estimate.high)]
    return {
        value: found[0],
        f"{short}_low": np.minimum(found[1], found[0]),
        f"{short}_high": np.maximum(found[2], found[0]),
    }


def _basis(curve: Curve, is_known: Any) -> list[str]:
    return ["notice" if known else curve.basis for known in is_known]


def _rows(
    columns: dict[str, Any], about: dict[str, Any], basis: list[str], churn_basis: pd.Series
) -> list[dict[str, Any]]:
    names = list(columns)
    values = zip(*(list(column) for column in columns.values()), strict=True)
    return [
        {
            **{name: _plain(value) for name, value in zip(names, one, strict=True)},
            **about,
            "basis": rests_on,
            "churn_basis": churn if isinstance(churn, str) else None,
            "model_version": METHOD_VERSION,
            "is_published": True,
        }
        for one, rests_on, churn in zip(values, basis, churn_basis, strict=True)
    ]


def _plain(value: Any) -> str | float:
    return value if isinstance(value, str) else float(value)
