"""Train the churn model for a date."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ml.churn.schema import SPEC, announced
from ml.common import lifecycle
from ml.common.dataset import Dataset
from ml.common.frames import KEY, Reader
from ml.common.store import ModelRun
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings


def is_due(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> bool:
    """Return whether the churn model should be trained for a date."""
    with warehouse.connect(Role.SCIENTIST) as connection:
        return lifecycle.is_due(Reader(warehouse, connection), settings, SPEC, as_of)


def train(
    warehouse: Warehouse,
    settings: Settings,
    as_of: dt.date,
    *,
    progress: lifecycle.Progress | None = None,
) -> ModelRun:
    """Train, judge and keep the churn model as of a date.

    Only outcomes decided by ``as_of`` are learnt from. The same data again writes nothing.

    Parameters
    ----------
    progress
        Called with a sentence at each step.

    Raises
    ------
    CopilotError
        A table or a feature is absent.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        data = as_dataset(read_labelled(reader, settings, as_of))
        return lifecycle.train(reader, settings, SPEC, as_of, data, {}, progress)


def read_labelled(reader: Reader, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """Return known outcomes with their features and the rule score of the same day."""
    until = lifecycle.known_until(settings, as_of)
    snapshots = reader.snapshots(None, until)
    outcomes = reader.outcomes(until, settings.churn.horizon_days)
    labelled = lifecycle.with_features(outcomes, snapshots)
    health = reader.health(labelled["as_of_date"].unique())
    return labelled.merge(health, on=KEY, how="left", validate="one_to_one")


def as_dataset(labelled: pd.DataFrame) -> Dataset:
    """Return known outcomes as what the model learns from; who had cancelled all is no exam."""
    rule = -labelled["health_score"]
    return lifecycle.make_dataset(labelled, "is_churned", rule, SPEC.features, announced(labelled))
