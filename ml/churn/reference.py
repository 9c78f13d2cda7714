"""What the rule score of one customer is measured by: the average of all customers.

The nightly batch freezes it for its date, so that one customer is scored anew at noon as the batch
would have done it, without reading all the others.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from psycopg import sql
from psycopg.types.json import Jsonb

from ml.churn.tiers import Tiers
from ml.common import baserate
from ml.common.frames import Reader
from warehouse.errors import CopilotError


class Part(NamedTuple):
    """A measure's part of a health score, in words too."""

    measure: str
    contribution: float
    text: str | None


Measures = Mapping[str, Sequence[Part]]
"""The parts of each account's health score, by measure."""


def measures_of(table: pd.DataFrame) -> Measures:
    """Return the rows of ``fct_account_health_measure`` by account."""
    names = ("account_id", "measure", "contribution", "reason")
    found: defaultdict[str, list[Part]] = defaultdict(list)
    for account, *part in zip(*(table[name].tolist() for name in names), strict=True):
        found[account].append(Part(*part))
    return found


@dataclass(frozen=True)
class Reference:
    """The averages of one date.

    Parameters
    ----------
    model_version
        The model run by which the date was scored.
    mean_lacking_health
        Mean of 1 - health score of those who have one; 0 where nobody has.
    mean_contribution
        Mean contribution to the health score by measure, of those for whom it is known.
    """

    model_version: str
    mean_lacking_health: float
    mean_contribution: Mapping[str, float]

    @classmethod
    def of(cls, frame: pd.DataFrame, measures: Measures, model_version: str) -> Self:
        """Take the averages of all customers of a date."""
        return cls(
            model_version,
            baserate.rule_mean(1 - frame["health_score"].to_numpy(dtype=float)),
            _means(part for parts in measures.values() for part in parts),
        )

    def lacking(self, part: Part) -> float:
        """Return by how much a measure lies below the average; 0 where there is none."""
        mean = self.mean_contribution.get(part.measure, part.contribution)
        return mean - part.contribution

    def save(self, reader: Reader, as_of: dt.date, tiers: Tiers) -> None:
        """Write it for a date in the connection's transaction; the same again writes nothing."""
        columns = ("model_version", "mean_lacking_health", "mean_contribution", "tiers")
        statement = sql.SQL(
            "insert into {table} as kept (as_of_date, {columns}) values (%s, %s, %s, %s, %s)"
            " on conflict (as_of_date) do update set ({columns}) = ({new})"
            " where ({old}) is distinct from ({new})"
        ).format(
            table=reader.table("ml", "score_reference"),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            old=sql.SQL(", ").join(sql.Identifier("kept", name) for name in columns),
            new=sql.SQL(", ").join(sql.Identifier("excluded", name) for name in columns),
        )
        means = Jsonb(dict(self.mean_contribution))
        bounds = Jsonb(tiers.as_json())
        values = (as_of, self.model_version, self.mean_lacking_health, means, bounds)
        reader.connection.execute(statement, values)

    @classmethod
    def latest(cls, reader: Reader, as_of: dt.date) -> tuple[dt.date, Self, Tiers]:
        """Return the newest one made for a date up to ``as_of``, with its date and tiers.

        Raises
        ------
        CopilotError
            Nothing was scored for that date or before.
        """
        statement = sql.SQL(
            "select as_of_date, model_version, mean_lacking_health, mean_contribution, tiers"
            " from {} where as_of_date <= %s order by as_of_date desc limit 1"
        ).format(reader.table("ml", "score_reference"))
        row = reader.connection.execute(statement, (as_of,)).fetchone()
        if row is None:
            raise CopilotError(
                "No customer was scored for that date or before.",
                "Score all first: `copilot score`.",
            )
        return row[0], cls(*row[1:4]), Tiers(**row[4])


def _means(parts: Iterable[Part]) -> dict[str, float]:
    values: defaultdict[str, list[float]] = defaultdict(list)
    for part in parts:
        if np.isfinite(part.contribution):
            values[part.measure].append(part.contribution)
    return {measure: float(np.mean(values[measure])) for measure in sorted(values)}
