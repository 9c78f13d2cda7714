"""Watch the churn model: whether its inputs moved and whether it still means what it says."""

from __future__ import annotations

import datetime as dt

from ml.churn.schema import SPEC
from ml.common import lifecycle, monitor, rows
from ml.common.frames import KEY, Reader
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings


def watch(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> list[monitor.Figure]:
    """Measure and keep what moved by a date; nothing where no model was ever fitted."""
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        run = monitor.watched(reader, SPEC.name, as_of)
        if run is None:
            return []
        found = monitor.drifted(reader, run, SPEC.features, as_of)
        until, horizon = lifecycle.known_until(settings, as_of), settings.churn.horizon_days
        scores = monitor.decided_scores(reader, rows.CHURN, "churn_probability", until)
        judged = scores.merge(reader.outcomes(until, horizon), on=KEY, validate="one_to_one")
        found += monitor.slipped(judged, "churn_probability", "is_churned", horizon)
        monitor.write(reader, run, as_of, found)
        connection.commit()
    return found
