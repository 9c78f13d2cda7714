"""Reading the warehouse: plain columns and dates, nothing computed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from ml.common.features import SNAPSHOT_NAMES, require_columns
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

Connection = psycopg.Connection[tuple[Any, ...]]
KEY = ["account_id", "as_of_date"]


@dataclass(frozen=True)
class Column:
    """A column to read and the type it is read as."""

    name: str
    kind: str = "double precision"


ACCOUNT = Column("account_id", "text")
DATE = Column("as_of_date", "date")


class Reader:
    """Reads tables of one warehouse up to a date.

    Parameters
    ----------
    warehouse
        Gives schemas their names.
    connection
        Open connection of the scientist's role.
    """

    def __init__(self, warehouse: Warehouse, connection: Connection) -> None:
        self.warehouse = warehouse
        self.connection = connection

    def table(self, schema: str, name: str) -> sql.Identifier:
        """Return the quoted name of a table in this installation."""
        return sql.Identifier(self.warehouse.schema(schema), name)

    def columns(self, schema: str, name: str) -> list[str]:
        """Return the columns that a table has.

        Raises
        ------
        CopilotError
            The table does not exist.
        """
        statement = sql.SQL("select * from {} limit 0").format(self.table(schema, name))
        try:
            found = self.connection.execute(statement).description or []
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
            self.connection.rollback()
            raise CopilotError(
                f"The table {schema}.{name} does not exist in the warehouse.",
                "Build it first: `copilot build`.",
            ) from error
        return [column.name for column in found]

    def read(
        self,
        schema: str,
        name: str,
        columns: Sequence[Column],
        where: sql.Composable,
        parameters: Sequence[Any],
    ) -> pd.DataFrame:
        """Return rows of a table, keys as text and ``datetime64[D]``, sorted by all keys."""
        require_columns(self.columns(schema, name), [c.name for c in columns], f"{schema}.{name}")
        chosen = sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Identifier(c.name), sql.SQL(c.kind)) for c in columns
        )
        statement = sql.SQL("select {} from {} where {}").format(
            chosen, self.table(schema, name), where
        )
        with self.connection.cursor(binary=True) as cursor:
            rows = cursor.execute(statement, parameters).fetchall()
        values = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
        data = {c.name: _array(c, v) for c, v in zip(columns, values, strict=True)}
        frame = pd.DataFrame(data)
        keys = [c.name for c in columns if c.kind in {"date", "text"}]
        order = np.lexsort([np.asarray(frame[key]).astype("U") for key in reversed(keys)])
        return frame.iloc[order].reset_index(drop=True)

    def snapshots(self, since: dt.date | None, until: dt.date) -> pd.DataFrame:
        """Return the features of customers with ``since <= as_of_date <= until``."""
        columns = [ACCOUNT, DATE, *[Column(name) for name in SNAPSHOT_NAMES]]
        where = sql.SQL("is_customer and as_of_date >= %s and as_of_date <= %s")
        bounds = (since or dt.date.min, until)
        return self.read("features", "ftr_account_snapshot", columns, where, bounds)

    def outcomes(self, until: dt.date, horizon_days: int) -> pd.DataFrame:
        """Return what happened after snapshots up to a date, where it is known."""
        columns = [
            ACCOUNT,
            DATE,
            Column("is_churned", "integer"),
        ]
        where = sql.SQL("is_known and as_of_date <= %s and horizon_days = %s")
        bounds = (until, horizon_days)
        return self.read("features", "ftr_account_outcome", columns, where, bounds)

    def departures(self, until: dt.date, horizon_days: int) -> pd.DataFrame:
        """Return the snapshots up to a date that a departure followed, with its days."""
        columns = [ACCOUNT, DATE, Column("churned_date", "date"), Column("noticed_date", "date")]
        where = sql.SQL("is_known and is_churned and as_of_date <= %s and horizon_days = %s")
        bounds = (until, horizon_days)
        return self.read("features", "ftr_account_outcome", columns, where, bounds)

    def known_dates(self, until: dt.date, horizon_days: int) -> list[dt.date]:
        """Return the snapshot dates up to a date whose outcome is known, in order."""
        statement = sql.SQL(
            "select distinct as_of_date from {} where is_known and as_of_date <= %s"
            " and horizon_days = %s order by as_of_date"
        ).format(self.table("features", "ftr_account_outcome"))
        rows = self.connection.execute(statement, (until, horizon_days)).fetchall()
        return [row[0] for row in rows]

    def product_snapshots(self, since: dt.date | None, until: dt.date) -> pd.DataFrame:
        """Return the products that accounts did not own at a date."""
        columns = [
            ACCOUNT,
            DATE,
            Column("product", "text"),
            Column("is_known", "integer"),
            Column("is_bought", "integer"),
            Column("bought_mrr"),
            Column("peers_share"),
        ]
        where = sql.SQL("not owns_product and as_of_date >= %s and as_of_date <= %s")
        bounds = (since or dt.date.min, until)
        return self.read("features", "ftr_account_product_snapshot", columns, where, bounds)

    def upsell_snapshots(self, since: dt.date | None, until: dt.date) -> pd.DataFrame:
        """Return what accounts could buy more of at a date, and how full it was."""
        columns = [
            ACCOUNT,
            DATE,
            Column("product", "text"),
            Column("unit", "text"),
            *map(Column, ("bought_mrr", "used", "allowed", "step_mrr", "fullness")),
            Column("is_known", "integer"),
            Column("is_bought", "integer"),
        ]
        where = sql.SQL("as_of_date >= %s and as_of_date <= %s")
        bounds = (since or dt.date.min, until)
        return self.read("features", "ftr_account_upsell_snapshot", columns, where, bounds)

    def health(self, dates: Iterable[Any]) -> pd.DataFrame:
        """Return the rule score on the given dates."""
        columns = [ACCOUNT, DATE, Column("health_band", "text"), Column("health_score")]
        wanted = [pd.Timestamp(date).date() for date in dates]
        where = sql.SQL("as_of_date = any(%s)")
        return self.read("marts", "fct_account_health", columns, where, (wanted,))

    def health_measures(self, as_of: dt.date) -> pd.DataFrame:
        """Return the parts of the rule score at a date."""
        columns = [
            ACCOUNT,
            DATE,
            Column("measure", "text"),
            Column("contribution"),
            Column("reason", "text"),
        ]
        where = sql.SQL("as_of_date = %s")
        return self.read("marts", "fct_account_health_measure", columns, where, (as_of,))

    def segments(self) -> dict[str, str]:
        """Return the segment of each account that has one, as it is on the date last built."""
        found = self.read(
            "marts",
            "dim_account",
            [ACCOUNT, Column("segment", "text")],
            sql.SQL("segment is not null"),
            (),
        )
        return dict(zip(found["account_id"], found["segment"], strict=True))

    def has_rows(self, schema: str, name: str) -> bool:
        """Return whether a table holds anything at all."""
        statement = sql.SQL("select exists (select 1 from {})").format(self.table(schema, name))
        row = self.connection.execute(statement).fetchone()
        return bool(row and row[0])


def _array(column: Column, values: Sequence[Any]) -> Any:
    if column.kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[s]")
    if column.kind == "text":
        return pd.Series(list(values), dtype=object)
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def days(frame: pd.DataFrame) -> Any:
    """Return the snapshot dates of a frame as ``datetime64[D]``."""
    return frame["as_of_date"].to_numpy().astype("datetime64[D]")


def features_at(reader: Reader, as_of: dt.date) -> pd.DataFrame:
    """Return the customers' features at one date.

    Raises
    ------
    CopilotError
        The table has other dates, but not this one.
    """
    found = reader.snapshots(as_of, as_of)
    if found.empty and not date_is_built(reader, as_of):
        if not reader.has_rows("features", "ftr_account_snapshot"):
            return found
        raise CopilotError(
            f"features.ftr_account_snapshot holds nothing for {as_of}.",
            f"Build the warehouse as of that date: `copilot build --as-of {as_of}`.",
        )
    return found


def date_is_built(reader: Reader, as_of: dt.date) -> bool:
    """Return whether the table of features holds anything for a date."""
    table = reader.table("features", "ftr_account_snapshot")
    statement = sql.SQL("select exists (select 1 from {} where as_of_date = %s)").format(table)
    row = reader.connection.execute(statement, (as_of,)).fetchone()
    return bool(row and row[0])
