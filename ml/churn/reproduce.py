"""Churn scores made again from their rows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.churn.schema import rule_factors
from ml.common import baserate, rows
from ml.common.frames import Reader
from ml.common.reproduce import Remade, remake


def reproduce(reader: Reader, as_of: dt.date, account: str | None = None) -> list[Remade]:
    """Make the churn scores of a date again, of one account or of all.

    Raises
    ------
    CopilotError
        A model is no longer stored or was changed, or a row was made by a rule of another version.
    """
    return remake(reader, rows.CHURN, "churn_probability", _rule, as_of, account)


def _rule(frame: pd.DataFrame) -> NDArray[np.float64]:
    mean = frame["mean_lacking_health"].to_numpy(dtype=np.float64)
    return baserate.bounded(rule_factors(frame, mean) * frame["base_rate"].to_numpy())
