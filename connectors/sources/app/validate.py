"""Which rows keep the contract, and what is wrong with those that do not."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.app.contract import Kind, OwnTable, Rule

Mask = npt.NDArray[np.bool_]

_ZONE = r"([zZ]|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_SHAPES = {
    Kind.DATE: (r"^\d{4}-\d{2}-\d{2}$", "a date such as 2026-03-31"),
    Kind.TIME: (
        rf"^\d{{4}}-\d{{2}}-\d{{2}}([T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?{_ZONE})?$",
        "a time with its zone such as 2026-03-31T09:30:00Z",
    ),
    Kind.INTEGER: (r"^[+-]?\d{1,18}(\.0+)?$", "a whole number"),
    Kind.NUMBER: (r"^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?$", "a number"),
}
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass
class Checked:
    """The rows that may load, and the reasons of the others.

    Parameters
    ----------
    cells : pyarrow.Table
        All rows, contract columns first and trimmed.
    is_good : array of bool
        Which of them load.
    reasons : dict
        The first broken rule of each other row, by position.
    collapsed : int
        How many rows only repeated an earlier one.
    """

    cells: pa.Table
    is_good: Mask
    reasons: dict[int, str] = field(default_factory=dict)
    collapsed: int = 0

    def reject(self, bad: Mask, reason: str, column: str | None = None) -> None:
        """Take rows out that were good so far; ``{}`` in the reason stands for the cell."""
        hit = np.flatnonzero(bad & self.is_good)
        if not len(hit):
            return
        shown = self.cells.column(column).take(pa.array(hit)).to_pylist() if column else None
        for n, position in enumerate(hit.tolist()):
            value = "" if shown is None else str(shown[n])[:80]
            self.reasons[position] = reason.replace("{}", value)
        self.is_good[hit] = False


def check(
    cells: pa.Table, table: OwnTable, accounts: pa.Array | None, file_rows: list[int]
) -> Checked:
    """Check all rows of a file.

    Parameters
    ----------
    cells : pyarrow.Table
        The file's cells as texts.
    accounts : pyarrow.Array, optional
        The ids of the accounts that load; None for the account table itself.
    file_rows : list of int
        Each row's number in the file, for messages about repeated ids.
    """
    checked = Checked(_arrange(cells, table), np.ones(cells.num_rows, dtype=bool))
    for rule in table.columns:
        _check_column(checked, rule)
    moments = {
        rule.name: _moments(checked.cells.column(rule.name))
        for rule in table.columns
        if rule.kind in (Kind.DATE, Kind.TIME)
    }
    for earlier, later in table.orders:
        bad = (moments[later] < moments[earlier]).to_numpy()
        checked.reject(bad, f"{later} {{}} lies before {earlier}", later)
    for position, name in enumerate(checked.cells.column_names):
        has_nul = pc.match_substring(checked.cells.column(position), "\x00")
        checked.reject(_true(has_nul), f"{name} holds a NUL character")
    if accounts is not None:
        known = pc.is_in(checked.cells.column("account_id"), value_set=accounts)
        checked.reject(~_true(known), "account_id {} is no account of this load", "account_id")
    _check_repeats(checked, table, file_rows)
    return checked


def _arrange(cells: pa.Table, table: OwnTable) -> pa.Table:
    """Put the contract's columns first (absent ones empty) and trim them."""
    columns: dict[str, pa.ChunkedArray] = {}
    for rule in table.columns:
        if rule.name in cells.column_names:
            trimmed = pc.utf8_trim_whitespace(cells.column(rule.name))
            empty = pc.equal(trimmed, "")
            text = pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)
        else:
            text = pa.chunked_array([pa.nulls(cells.num_rows, pa.string())])
        if rule.kind is Kind.INTEGER:
            text = pc.replace_substring_regex(text, r"\.0+$", "")
        columns[rule.name] = text
    for name in cells.column_names:
        if name not in columns and not name.startswith("_airbyte_"):
            columns[name] = cells.column(name)
    return pa.table(columns)


def _check_column(checked: Checked, rule: Rule) -> None:
    column = checked.cells.column(rule.name)
    filled = _true(pc.is_valid(column))
    if rule.is_required:
        checked.reject(~filled, f"{rule.name} is empty")
    shape, wording = _SHAPES.get(rule.kind, (f"^(?:{rule.pattern})$", rule.wording))
    if rule.kind is not Kind.TEXT or rule.pattern:
        fits = _true(pc.match_substring_regex(column, shape))
        if rule.kind in (Kind.DATE, Kind.TIME):
            fits &= _moments(column).notna().to_numpy()
        checked.reject(filled & ~fits, f"{rule.name} '{{}}' is not {wording}", rule.name)
    if rule.kind in (Kind.DATE, Kind.TIME):
        years = _moments(column).dt.year
        absurd = ((years < _FIRST_YEAR) | (years > _LAST_YEAR)).to_numpy(dtype=bool)
        checked.reject(absurd, f"{rule.name} {{}} lies outside of {_FIRST_YEAR}-{_LAST_YEAR}",
                       rule.name)  # fmt: skip
    if rule.low is not None or rule.high is not None:
        numbers = pd.to_numeric(column.to_pandas(), errors="coerce").astype(float).to_numpy()
        if rule.low is not None:
            checked.reject(numbers < rule.low, f"{rule.name} {{}} is below {rule.low:g}", rule.name)
        if rule.high is not None:
            bad = numbers > rule.high
            checked.reject(bad, f"{rule.name} {{}} is above {rule.high:g}", rule.name)


def _moments(column: pa.ChunkedArray) -> "pd.Series[Any]":
    """Return the texts as UTC times, NaT where a text is none."""
    shaped = pc.match_substring_regex(column, _SHAPES[Kind.TIME][0])
    texts = pc.if_else(pc.fill_null(shaped, False), column, pa.scalar(None, pa.string()))
    moments: pd.Series[Any] = pd.to_datetime(
        texts.to_pandas(), format="ISO8601", utc=True, errors="coerce"
    )
    return moments


def _check_repeats(checked: Checked, table: OwnTable, file_rows: list[int]) -> None:
    """Let the first row of an id win: the same row again is dropped, another one rejected."""
    good = np.flatnonzero(checked.is_good)
    keys = checked.cells.column(table.key).take(pa.array(good)).to_pandas()
    repeated = keys.duplicated().to_numpy()
    if not repeated.any():
        return
    first_of = dict(zip(keys[~repeated], good[~repeated].tolist(), strict=True))
    for position, key in zip(good[repeated].tolist(), keys[repeated], strict=True):
        first = first_of[key]
        checked.is_good[position] = False
        if _row(checked.cells, position) == _row(checked.cells, first):
            checked.collapsed += 1
        else:
            checked.reasons[position] = (
                f"{table.key} {key} stands in row {file_rows[first]} with other values already"
            )


def _row(cells: pa.Table, position: int) -> list[str | None]:
    return [column[position].as_py() for column in cells.columns]


def _true(values: pa.ChunkedArray) -> Mask:
    filled = pc.fill_null(values, False)
    return np.asarray(filled.to_numpy(), dtype=bool).copy()
