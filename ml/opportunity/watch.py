"""Watch the opportunity models: whether inputs moved, whether they still mean what they say."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ml.common import lifecycle, monitor, rows
from ml.common.frames import KEY, Reader
from ml.common.lifecycle import ModelSpec
from ml.opportunity.schema import CROSS_SELL, UPSELL
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings


def watch(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> list[monitor.Figure]:
    """Measure and keep what moved by a date; nothing where no model was ever fitted."""
    found: list[monitor.Figure] = []
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        for spec in (UPSELL, CROSS_SELL):
            run = monitor.watched(reader, spec.name, as_of)
            if run is None:
                continue
            figures = monitor.drifted(reader, run, spec.features, as_of)
            judged = _judged(reader, settings, spec, as_of)
            horizon = settings.churn.horizon_days
            figures += monitor.slipped(judged, "propensity", "is_bought", horizon)
            monitor.write(reader, run, as_of, figures)
            found += figures
        connection.commit()
    return found


def _judged(reader: Reader, settings: Settings, spec: ModelSpec, as_of: dt.date) -> pd.DataFrame:
    until = lifecycle.known_until(settings, as_of)
    scores = monitor.decided_scores(reader, rows.OPPORTUNITY, "propensity", until, spec.name)
    read = reader.upsell_snapshots if spec is UPSELL else reader.product_snapshots
    offers = read(until - dt.timedelta(days=monitor.JUDGED_DAYS), until)
    known = offers[offers["is_known"] == 1]
    return scores.merge(known, on=[*KEY, "product"], validate="one_to_one")
