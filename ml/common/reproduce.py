"""Scores made again from their rows: the features kept there, and the version named there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from psycopg import sql

from ml.common import store
from ml.common.features import PRODUCT
from ml.common.frames import Reader
from ml.common.lifecycle import RULE_VERSION
from ml.common.rows import ScoreTable
from warehouse.errors import CopilotError

FloatArray = NDArray[np.float64]
Rule = Callable[[pd.DataFrame], FloatArray]
TOLERANCE = 1e-12
_TEXTS = frozenset({PRODUCT, "health_band", "kind"})


@dataclass(frozen=True)
class Remade:
    """A stored score and what its row gives today.

    Parameters
    ----------
    subject
        What it is about: the kind and product of an opportunity, else empty.
    """

    account_id: str
    model_version: str
    subject: str
    is_published: bool
    stored: float
    again: float

    @property
    def is_same(self) -> bool:
        """Whether the two agree within `TOLERANCE`."""
        return abs(self.stored - self.again) <= TOLERANCE


def remake(
    reader: Reader, table: ScoreTable, value: str, rule: Rule, as_of: dt.date, account: str | None
) -> list[Remade]:
    """Make the scores of one date again, nothing but their rows and models being read.

    Parameters
    ----------
    value
        The column with the probability.
    rule
        Returns the rule's probabilities of rows whose features it is given.
    account
        One account, or None for all.

    Raises
    ------
    CopilotError
        A model is no longer stored or was changed, or a row was made by a rule of another version.
    """
    stored = _rows(reader, table, value, as_of, account)
    found: list[Remade] = []
    for version, rows in stored.groupby("model_version"):
        frame = frame_of(rows["features"].tolist(), rows)
        again = _again(reader, str(version), frame, rule)
        for row, probability in zip(rows.to_dict("records"), again, strict=True):
            subject = " ".join(str(row[name]) for name in table.key if name != "account_id")
            found.append(
                Remade(
                    account_id=row["account_id"],
                    model_version=row["model_version"],
                    subject=subject,
                    is_published=row["is_published"],
                    stored=row[value],
                    again=float(probability),
                )
            )
    return found


def _again(reader: Reader, version: str, frame: pd.DataFrame, rule: Rule) -> FloatArray:
    if version == RULE_VERSION:
        return rule(frame)
    if store.find_run(reader, version) is None:
        raise CopilotError(
            f"Scores of {version} cannot be made again: there is no such model.",
            "A rule of another version than the present one is made again by the release it is of.",
        )
    return store.load_model(reader, version).probability(frame)


def _rows(
    reader: Reader, table: ScoreTable, value: str, as_of: dt.date, account: str | None
) -> pd.DataFrame:
    names = [*table.key, "model_version", "is_published", "features", value]
    statement = sql.SQL(
        "select {} from {} where as_of_date = %s and (%s::text is null or account_id = %s)"
        " order by model_version, {}"
    ).format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        reader.table("ml", table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.key)),
    )
    rows = reader.connection.execute(statement, (as_of, account, account)).fetchall()
    return pd.DataFrame(rows, columns=names)


def frame_of(features: list[Mapping[str, Any]], keys: pd.DataFrame) -> pd.DataFrame:
    """Return stored features as a frame: numbers as float, null as not known."""
    frame = pd.DataFrame(features)
    numbers = {name: float for name in frame.columns if name not in _TEXTS}
    frame = frame.astype(numbers)
    return frame.assign(kind=keys["kind"].to_numpy()) if "kind" in keys else frame
