"""Train the upsell and the cross-sell model for a date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from ml.common import lifecycle
from ml.common.dataset import MAX_ROWS
from ml.common.frames import Reader
from ml.common.store import ModelRun
from ml.opportunity.schema import CROSS_SELL, MOST_GROWTH, UPSELL, rule_parts
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings


def is_due(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> bool:
    """Return whether either opportunity model should be trained for a date."""
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        return any(lifecycle.is_due(reader, settings, spec, as_of) for spec in (UPSELL, CROSS_SELL))


def train(
    warehouse: Warehouse,
    settings: Settings,
    as_of: dt.date,
    *,
    progress: lifecycle.Progress | None = None,
) -> list[ModelRun]:
    """Train, judge and keep both opportunity models as of a date.

    Only outcomes decided by ``as_of`` are learnt from. The same data again writes nothing.

    Raises
    ------
    CopilotError
        A table or a feature is absent.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        until = lifecycle.known_until(settings, as_of)
        snapshots = reader.snapshots(None, until)
        runs = []
        for spec, labelled, label, typical in (
            (UPSELL, *_upsell(reader, until, snapshots)),
            (CROSS_SELL, *_cross_sell(reader, until, snapshots)),
        ):
            rule = rule_parts(spec.name, labelled).score
            data = lifecycle.make_dataset(labelled, label, rule, spec.features)
            extra = {"typical": typical}
            runs.append(lifecycle.train(reader, settings, spec, as_of, data, extra, progress))
        return runs


def _upsell(
    reader: Reader, until: dt.date, snapshots: pd.DataFrame
) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    levers = _thinned(reader.upsell_snapshots(None, until))
    labelled = lifecycle.with_features(levers, snapshots)
    grown = labelled[(labelled["is_bought"] == 1) & (labelled["mrr"] > 0)]
    share = (grown["bought_mrr"] / grown["mrr"]).clip(upper=MOST_GROWTH)
    by_product = share.groupby(grown["product"].to_numpy()).median()
    typical = {
        "share": {str(product): float(value) for product, value in by_product.items()},
        "any": _known(share.median()),
    }
    return labelled, "is_bought", typical


def _cross_sell(
    reader: Reader, until: dt.date, snapshots: pd.DataFrame
) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    products = _thinned(reader.product_snapshots(None, until))
    labelled = lifecycle.with_features(products, snapshots)
    bought = labelled[(labelled["is_bought"] == 1) & (labelled["bought_mrr"] > 0)]
    by_product = bought.groupby("product")["bought_mrr"].median()
    typical = {
        "mrr": {str(product): float(value) for product, value in by_product.items()},
        "any": _known(bought["bought_mrr"].median()),
    }
    return labelled, "is_bought", typical


def _thinned(offers: pd.DataFrame) -> pd.DataFrame:
    """Return offers whose outcome is known, not more than training takes.

    It is the same even thinning as there, before the join that would fill the memory.
    """
    known = offers[offers["is_known"] == 1]
    if len(known) <= MAX_ROWS:
        return known
    dates = np.sort(known["as_of_date"].unique())[::-1]
    return known[known["as_of_date"].isin(dates[:: -(-len(known) // MAX_ROWS)])]


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
