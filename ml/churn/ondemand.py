"""One customer's churn score within milliseconds, the same as the nightly batch would write."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd
from psycopg import sql

from ml.churn.reference import Part, Reference
from ml.churn.schema import SPEC
from ml.churn.score import model_rows, rule_rows
from ml.churn.tiers import UNKNOWN
from ml.common import registry, store
from ml.common.features import SNAPSHOT_NAMES, require_columns
from ml.common.frames import Reader, date_is_built
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


class Scorer:
    """Scores customers one by one, as of the last date that was scored.

    One that was made anew since then (`copilot watch`) is scored as of the day of that, by the
    averages of the last night like all others. Model and reference are read once; make a new one
    after a run. It holds a connection: close it, or use it in a ``with`` statement.

    Parameters
    ----------
    warehouse, settings
        Where to read.
    as_of
        Use the last scored date up to this one; the last of all if not given.

    Raises
    ------
    CopilotError
        Nothing was scored yet, or a table lacks a column.
    """

    def __init__(
        self, warehouse: Warehouse, settings: Settings, as_of: dt.date | None = None
    ) -> None:
        self._currency = settings.reporting_currency
        self._connection = warehouse.connect(Role.SCIENTIST)
        self._connection.autocommit = True
        with ExitStack() as opened:
            opened.callback(self._connection.close)
            self._until = as_of or dt.date.max
            self._load(Reader(warehouse, self._connection), self._until)
            opened.pop_all()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def score_account(self, account_id: str) -> dict[str, Any]:
        """Return the row that the batch would publish of a customer; nothing is written.

        Raises
        ------
        CopilotError
            There is no such account, or it was no customer on the date.
        """
        bounds = (account_id, self.as_of_date, self._until)
        row = self._connection.execute(self._customer, bounds).fetchone()
        if row is None or not row[1]:
            raise self._absent(account_id)
        numbers = {
            name: np.nan if value is None else value
            for name, value in zip((*SNAPSHOT_NAMES, "health_score"), row[3:], strict=True)
        }
        frame = pd.DataFrame(
            {"account_id": account_id, **numbers, "health_band": row[2] or UNKNOWN}, index=[0]
        )
        [scored] = self._scored(account_id, frame, row[0])
        return scored | {"as_of_date": row[0], "risk_tier": self._tiers.tier(scored)}

    def _scored(
        self, account_id: str, frame: pd.DataFrame, on_date: dt.date
    ) -> list[dict[str, Any]]:
        champion = self._standing.champion
        if self.model is not None and champion is not None:
            return model_rows(frame, self.model, champion, self._currency, is_published=True)
        parts = self._connection.execute(self._parts, (account_id, on_date)).fetchall()
        measures = {account_id: sorted(Part(*part) for part in parts)}
        newest = self._standing.newest
        return rule_rows(frame, measures, newest, self._reference, is_published=True)

    def _load(self, reader: Reader, as_of: dt.date) -> None:
        self.as_of_date, self._reference, self._tiers = Reference.latest(reader, as_of)
        self._standing = registry.standing(reader, SPEC.name, SPEC.declared, self.as_of_date)
        self.model = None
        if self._standing.champion is not None:
            from ml.common.warm import WarmModel  # noqa: PLC0415 - scikit-learn takes seconds

            version = self._standing.champion.model_version
            self.model = WarmModel.of(store.load_model(reader, version))
        snapshot = ("features", "ftr_account_snapshot")
        require_columns(reader.columns(*snapshot), SNAPSHOT_NAMES, ".".join(snapshot))
        if not date_is_built(reader, self.as_of_date):
            raise CopilotError(
                f"The features of {self.as_of_date}, the last date that was scored, are no longer "
                "there: the warehouse was built for another date since.",
                "Score that one first: `copilot score`.",
            )
        self._snapshot = reader.table(*snapshot)
        self._customer = _customer_statement(reader)
        self._parts = sql.SQL(
            "select measure, contribution::double precision, reason from {}"
            " where account_id = %s and as_of_date = %s"
        ).format(reader.table("marts", "fct_account_health_measure"))

    def _absent(self, account_id: str) -> CopilotError:
        statement = sql.SQL("select exists (select 1 from {} where account_id = %s)")
        row = self._connection.execute(statement.format(self._snapshot), (account_id,)).fetchone()
        if row and row[0]:
            return CopilotError(
                f"The account {account_id} was no customer on {self.as_of_date}, the last date "
                "that was scored.",
                "Only customers are scored.",
            )
        return CopilotError(
            f"There is no account {account_id} among the customers of any date.",
            "Ids stand in marts.dim_account (`account_id`).",
        )


def _customer_statement(reader: Reader) -> sql.Composed:
    names = sql.SQL(", ").join(
        sql.SQL("f.{}::double precision").format(sql.Identifier(name)) for name in SNAPSHOT_NAMES
    )
    return sql.SQL(
        "select f.as_of_date, f.is_customer, h.health_band, {names},"
        " h.health_score::double precision"
        " from {features} as f left join {health} as h using (account_id, as_of_date)"
        " where f.account_id = %s and f.as_of_date between %s and %s"
        " order by f.as_of_date desc limit 1"
    ).format(
        names=names,
        features=reader.table("features", "ftr_account_snapshot"),
        health=reader.table("marts", "fct_account_health"),
    )
