"""Reads the streams that lie on disk: everything but the CRM."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from connectors.sources.sample_company.catalog import Wanted
from connectors.sources.sample_company.crm_ids import rewrite_account_ids
from connectors.sources.sample_company.cursors import CURSORS, Cursor
from connectors.sources.sample_company.protocol import Output
from connectors.sources.sample_company.simulation.timeline import Array

CHECKPOINT = 10_000


def read_stream(
    output: Output,
    folder: Path,
    wanted: Wanted,
    state: dict[str, Any],
    vendor: str,
    crm: str = "salesforce",
) -> int:
    """Emit a stream's records from its state on, with a checkpoint every 10,000.

    Records come in order of arrival. Few events arrive late, none later than the lookback, so
    what a state acknowledges is never missed by the read that resumes from it.

    Parameters
    ----------
    crm : str
        Whose ids stand for the accounts.

    Returns
    -------
    int
        Number of records.
    """
    cursor = CURSORS[vendor][wanted.name]
    known = state.get(cursor.field) if wanted.is_incremental else None
    highest = cursor.parse(known, wanted.name) if known is not None else None
    since = None if highest is None else highest - cursor.lookback_ms
    output.status(wanted.name, "STARTED")
    total = 0
    for moments, lines in _pages(folder / f"{wanted.name}.parquet", since):
        if total == 0:
            output.status(wanted.name, "RUNNING")
        output.records(wanted.name, [rewrite_account_ids(line, crm) for line in lines])
        total += len(lines)
        highest = max(int(moments.max()), highest or 0)
        output.state(wanted.name, _state(cursor, highest), len(lines))
    if total == 0:
        output.state(wanted.name, _state(cursor, highest), 0)
    output.status(wanted.name, "COMPLETE")
    return total


def _state(cursor: Cursor, highest: int | None) -> dict[str, Any]:
    return {} if highest is None else {cursor.field: cursor.text(highest)}


def _pages(path: Path, since: int | None) -> Iterator[tuple[Array, list[bytes]]]:
    """Yield at most 10,000 records at a time whose cursor is `since` or later."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            statistics = file.metadata.row_group(group).column(0).statistics
            if since is not None and statistics.max < since:
                continue
            table = file.read_row_group(group)
            moments = table.column("cursor").to_numpy()
            lines = table.column("data").to_pylist()
            if since is not None:
                keep = moments >= since
                lines = [line for line, kept in zip(lines, keep.tolist(), strict=True) if kept]
                moments = moments[keep]
            if lines:
                yield moments, lines
