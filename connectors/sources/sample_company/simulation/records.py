"""Records on their way to disk: encoded, ordered by cursor, some of them twice."""

from array import array
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.sources.sample_company.simulation.timeline import Array

Record = dict[str, Any]
ROWS_A_GROUP = 10_000
REPEATED_SHARE = 0.003
SCHEMA = pa.schema([("cursor", pa.int64()), ("data", pa.binary())])


class RecordFile:
    """A stream's file: cursor (ms since 1970) and the record as JSON, in order of emission."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self.count = 0

    def write(self, cursor: Array, lines: list[bytes]) -> None:
        """Append lines in the order given."""
        if len(lines) == 0:
            return
        table = pa.table(
            {"cursor": pa.array(cursor, pa.int64()), "data": pa.array(lines, pa.binary())},
            schema=SCHEMA,
        )
        self._writer.write_table(table, row_group_size=ROWS_A_GROUP)
        self.count += len(lines)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class Stream:
    """Collects one stream's records, then writes them by cursor with a few repeated.

    The JSON lies in one buffer: a Python object a record would take several times the memory.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._forget()

    def _forget(self) -> None:
        self._cursors = array("q")
        self._ends = array("q", [0])
        self._content = bytearray()

    def __len__(self) -> int:
        return len(self._cursors)

    def add(self, cursor_ms: int, record: Record) -> None:
        """Take a record; `cursor_ms` is its cursor field as milliseconds since 1970."""
        self._content += orjson.dumps(record)
        self._cursors.append(cursor_ms)
        self._ends.append(len(self._content))

    def write(self, folder: Path, rng: np.random.Generator, repeat: bool = True) -> int:
        """Write the file `folder/<name>.parquet` and let go of the records.

        At least one record comes twice if `repeat`.
        """
        cursor = np.array(self._cursors, dtype=np.int64)
        order = np.argsort(cursor, kind="stable")
        if repeat and len(order):
            again = rng.random(len(order)) < REPEATED_SHARE
            again[int(rng.integers(0, len(order)))] = True
            order = np.repeat(order, 1 + again)
        file = RecordFile(folder / f"{self.name}.parquet")
        for start in range(0, len(order), ROWS_A_GROUP):
            piece = order[start : start + ROWS_A_GROUP]
            file.write(cursor[piece], [self._line(index) for index in piece.tolist()])
        file.close()
        self._forget()
        return file.count

    def _line(self, index: int) -> bytes:
        return bytes(self._content[self._ends[index] : self._ends[index + 1]])
