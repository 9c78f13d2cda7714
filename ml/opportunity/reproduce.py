"""Opportunity scores made again from their rows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.common import baserate, rows
from ml.common.frames import Reader
from ml.common.reproduce import Remade, remake
from ml.opportunity.schema import MEAN_SCORE, TYPICAL, rule_parts
from warehouse.errors import CopilotError


def reproduce(reader: Reader, as_of: dt.date, account: str | None = None) -> list[Remade]:
    """Make the opportunity scores of a date again, of one account or of all.

    Raises
    ------
    CopilotError
        A model is no longer stored or was changed, or a row was made by a rule of another version.
    """
    return remake(reader, rows.OPPORTUNITY, "propensity", _rule, as_of, account)


def _rule(frame: pd.DataFrame) -> NDArray[np.float64]:
    again = np.empty(len(frame))
    for kind in frame["kind"].unique():
        chosen = (frame["kind"] == kind).to_numpy()
        part = frame[chosen]
        typical = {
            name.removeprefix(TYPICAL): part[name].to_numpy()
            for name in part
            if name.startswith(TYPICAL) and part[name].notna().all()
        }
        if not typical:
            raise CopilotError(
                f"Scores of the {kind} rule for this date cannot be made again.",
                "Their rows are of a release that did not keep what stood in for unknown values.",
            )
        score = rule_parts(str(kind), part, typical).score
        factors = baserate.rule_factors(score, part[MEAN_SCORE].to_numpy())
        again[chosen] = baserate.bounded(factors * part["base_rate"].to_numpy())
    return again
