"""Health by other rules beside health by those in force: who would move, and who foretold better.

dbt has made both: this compares tables and defines nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from psycopg import sql

from ml.common.dataset import FloatArray
from ml.common.frames import ACCOUNT, DATE, KEY, Column, Reader
from ml.common.metrics import ClusterBootstrap, Estimate, auc, lift_at_top
from warehouse.errors import CopilotError

ALL = "all customers"
ENOUGH = 5
"""Of a segment with fewer customers who left, or who stayed, nothing is said."""


@dataclass(frozen=True)
class Move:
    """An account that would be in another band.

    Parameters
    ----------
    account_id, account_name
        The account.
    band, new_band
        Bands by the rules in force and by the others.
    score, new_score
        Scores, 0 to 1; NaN where too little is known.
    """

    account_id: str
    account_name: str
    band: str
    new_band: str
    score: float
    new_score: float


@dataclass(frozen=True)
class Comparison:
    """How well both scores would have foretold churn, on the same snapshots.

    Parameters
    ----------
    segment
        Whose snapshots, `ALL` for everybody's.
    snapshots, accounts, left
        How many there are, of how many accounts, and how many of these left within the horizon.
    measures
        For AUC and lift at capacity: by the rules in force, by the others, and the difference.
    """

    segment: str
    snapshots: int
    accounts: int
    left: int
    measures: dict[str, tuple[Estimate, Estimate, Estimate]]


def last_built(reader: Reader) -> dt.date:
    """Return the last date for which everybody's health was built.

    What was made anew since then is of a few accounts; the chains are those of the whole build.

    Raises
    ------
    CopilotError
        There is none yet.
    """
    reader.columns("marts", "fct_account_health")
    found = reader.connection.execute(
        sql.SQL("select max(as_of_date) from {} join {} using (as_of_date)").format(
            reader.table("marts", "fct_account_health"),
            reader.table("features", "ftr_account_chain"),
        )
    ).fetchone()
    if found is None or found[0] is None:
        raise CopilotError("No account has a health score yet.", "Build first: `copilot build`.")
    latest: dt.date = found[0]
    return latest


def moves(reader: Reader, as_of: dt.date) -> list[Move]:
    """Return the accounts whose band would change, the largest change of score first."""
    both = _both(reader, [as_of])
    names = _accounts(reader).set_index("account_id")["account_name"]
    moved = both[both["health_band"] != both["health_band_new"]]
    found = [
        Move(
            str(row["account_id"]),
            str(names.get(row["account_id"], row["account_id"])),
            str(row["health_band"]),
            str(row["health_band_new"]),
            float(row["health_score"]),
            float(row["health_score_new"]),
        )
        for row in moved.to_dict("records")
    ]
    return sorted(found, key=lambda one: (-_size(one), one.account_name, one.account_id))


def _size(move: Move) -> float:
    change = abs(move.new_score - move.score)
    return change if np.isfinite(change) else 1.0


def comparisons(
    reader: Reader, as_of: dt.date, horizon_days: int, capacity: float
) -> list[Comparison]:
    """Judge both rule scores by what is known to have happened, for all and by segment.

    Only snapshots that both have a score for are compared; overrides are left out, as they are
    nobody's rule. The first comparison is that of all customers; there is none without outcomes.

    Parameters
    ----------
    capacity
        Share of the customers that the CSMs can look after at a time.
    """
    outcomes = reader.outcomes(as_of, horizon_days)
    both = _both(reader, outcomes["as_of_date"].unique())
    rows = outcomes.merge(both, on=KEY, how="inner", validate="one_to_one")
    rows = rows.dropna(subset=["rule_score", "rule_score_new"])
    rows = rows.merge(_accounts(reader), on="account_id", how="left", validate="many_to_one")
    parts = [(ALL, rows), *((str(name), part) for name, part in rows.groupby("segment"))]
    found = (compare(name, part, capacity) for name, part in parts)
    return [one for one in found if one is not None]


def compare(segment: str, rows: pd.DataFrame, capacity: float) -> Comparison | None:
    """Judge both rule scores on some snapshots; None if too few of the customers left or stayed."""
    label = rows["is_churned"].to_numpy(dtype=float)
    account = rows["account_id"].to_numpy(dtype=object)
    left = len(np.unique(account[label == 1].astype(str)))
    stayed = len(np.unique(account[label == 0].astype(str)))
    if min(left, stayed) < ENOUGH:
        return None
    old, new = (1 - rows[name].to_numpy(dtype=float) for name in ("rule_score", "rule_score_new"))
    bootstrap = ClusterBootstrap(account)
    statistics: dict[str, Callable[[FloatArray, FloatArray], float]] = {
        "AUC": lambda score, weight: auc(label, score, weight),
        "lift": lambda score, weight: lift_at_top(label, score, weight, capacity),
    }
    measures = {
        name: _estimates(bootstrap, statistic, old, new) for name, statistic in statistics.items()
    }
    return Comparison(segment, len(rows), len(np.unique(account.astype(str))), left, measures)


def _estimates(
    bootstrap: ClusterBootstrap,
    statistic: Callable[[FloatArray, FloatArray], float],
    old: FloatArray,
    new: FloatArray,
) -> tuple[Estimate, Estimate, Estimate]:
    # The same draws for both, so that the difference is that of the same customers.
    return (
        bootstrap.estimate(lambda weight: statistic(old, weight)),
        bootstrap.estimate(lambda weight: statistic(new, weight)),
        bootstrap.estimate(lambda weight: statistic(new, weight) - statistic(old, weight)),
    )


def _both(reader: Reader, dates: Iterable[Any]) -> pd.DataFrame:
    """Return health of both kinds on some dates; the new one's columns end in ``_new``."""
    now, new = (_health(reader, schema, dates) for schema in ("marts", "preview"))
    return now.merge(new, on=KEY, how="inner", validate="one_to_one", suffixes=("", "_new"))


def _health(reader: Reader, schema: str, dates: Iterable[Any]) -> pd.DataFrame:
    columns = [ACCOUNT, DATE, Column("health_band", "text"), Column("health_score"),
               Column("rule_score")]  # fmt: skip
    wanted = [pd.Timestamp(date).date() for date in dates]
    where = sql.SQL("as_of_date = any(%s)")
    return reader.read(schema, "fct_account_health", columns, where, (wanted,))


def _accounts(reader: Reader) -> pd.DataFrame:
    columns = [ACCOUNT, Column("account_name", "text"), Column("segment", "text")]
    return reader.read("marts", "dim_account", columns, sql.SQL("true"), ())
