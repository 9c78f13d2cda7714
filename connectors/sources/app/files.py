"""Own tables as files: found in a folder, read as texts, with errors that say where."""

import csv
import difflib
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from connectors.sources.app.contract import TABLES, OwnTable
from warehouse.errors import CopilotError

_ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True)
class BrokenLine:
    """A line whose number of cells is not the header's."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class ReadFile:
    """A file's cells, all of them texts; empty ones are null.

    Parameters
    ----------
    cells : pyarrow.Table
        One string column for each column of the file.
    rows : list of int
        The number of each row in the file, the header being number 1.
    """

    path: Path
    cells: pa.Table
    rows: list[int]
    broken: list[BrokenLine]


def find_files(folder: Path) -> dict[str, Path]:
    """Return the folder's files by table.

    Raises
    ------
    CopilotError
        The folder is not there or empty, a required file is missing, or one is there twice.
    """
    if not folder.is_dir():
        raise CopilotError(
            f"There is no folder {folder}.", "Give the folder that holds account.csv."
        )
    found: dict[str, Path] = {}
    others: list[str] = []
    for path in sorted(folder.iterdir()):
        table = path.stem.lower()
        if path.suffix.lower() not in _ENDINGS or table not in {t.name for t in TABLES}:
            others.append(path.name)
        elif table in found:
            raise CopilotError(
                f"{folder} holds both {found[table].name} and {path.name}.", "Keep one of them."
            )
        else:
            found[table] = path
    missing = [t.name for t in TABLES if t.is_required and t.name not in found]
    if missing:
        raise _missing(folder, missing, others)
    return found


def _missing(folder: Path, missing: list[str], others: list[str]) -> CopilotError:
    names = " and ".join(f"{name}.csv" for name in missing)
    what = f"{folder} has no {names}" + (
        f"; it has {', '.join(others[:10])}." if others else "; it is empty."
    )
    stems = {Path(other).stem.lower(): other for other in others}
    near = [
        f"rename {stems[close[0]]} to {name}{Path(stems[close[0]]).suffix}"
        for name in missing
        if (close := difflib.get_close_matches(name, stems, n=1))
    ]
    hint = "; ".join(near) if near else "Export these tables as CSV (UTF-8) or Parquet"
    return CopilotError(what, f"{hint[0].upper()}{hint[1:]}, or follow the contract in README.md.")


def fingerprint(path: Path) -> str:
    """Return a hash of the file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(path: Path, table: OwnTable) -> ReadFile:
    """Read all cells of a CSV or Parquet file as texts.

    Raises
    ------
    CopilotError
        The file cannot be read, or lacks a required column.
    """
    if path.suffix.lower() == ".parquet":
        cells = _read_parquet(path)
        read = ReadFile(path, cells, list(range(1, cells.num_rows + 1)), [])
    else:
        read = _read_csv(path)
    _check_header(read.cells.column_names, path, table)
    return read


def _read_csv(path: Path) -> ReadFile:
    broken: list[BrokenLine] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        reason = f"it has {row.actual_columns} cells, the header has {row.expected_columns}"
        broken.append(BrokenLine(int(row.number or 0), str(row.text), reason))
        return "skip"

    try:
        header = _header(path)
        cells = pa_csv.read_csv(
            path,
            pa_csv.ReadOptions(use_threads=False, block_size=16 << 20),
            pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    _check_last_quote(path)
    skipped = {line.row for line in broken}
    rows = [n for n in range(2, cells.num_rows + len(skipped) + 2) if n not in skipped]
    return ReadFile(path, cells.combine_chunks(), rows, broken)


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        first = file.readline().decode("utf-8-sig").rstrip("\r\n")
    if not first.strip():
        raise CopilotError(f"{path}: line 1 is empty.", "The first line names the columns.")
    names = [name.strip('"') for name in first.split(",")]
    if len(names) == 1:
        for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if mark in first:
                raise CopilotError(
                    f"{path}: line 1 separates its columns with {word}.",
                    "Export the file with commas between the columns.",
                )
    return names


def _check_last_quote(path: Path) -> None:
    """Refuse a file in which one open quote swallows all that follows it."""
    with path.open("rb") as raw:
        quotes = sum(block.count(b'"') for block in iter(lambda: raw.read(1 << 20), b""))
    if quotes % 2 == 0:
        return
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        while True:
            try:
                next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end" not in str(error):
                    line = reader.line_num + 1
                    continue
                raise CopilotError(
                    f"{path}: a quoted cell that begins in the row of line {line} is never closed.",
                    'Close it with "; a quote within a cell is written twice.',
                ) from error
            line = reader.line_num + 1


def _unreadable(path: Path, error: Exception) -> CopilotError:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as wrong:
                column = line[: wrong.start].count(b",") + 1
                return CopilotError(
                    f"{path}: line {number}, column {column} is not UTF-8"
                    f" (byte 0x{line[wrong.start]:02x}).",
                    "Export the file as UTF-8.",
                )
    return CopilotError(f"{path} is no readable CSV file: {error}", "Export it anew.")


def _check_header(names: list[str], path: Path, table: OwnTable) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CopilotError(
            f"{path}: line 1 names the column {repeated[0]} twice.", "Give each a name of its own."
        )
    missing = [c.name for c in table.columns if c.is_required and c.name not in names]
    if missing:
        close = difflib.get_close_matches(missing[0], names, n=1)
        near = f"Rename the column {close[0]}" if close else f"Add the column {missing[0]}"
        raise CopilotError(
            f"{path}: line 1 has no column {', '.join(missing)}; it has {', '.join(names)}.",
            f"{near}; README.md lists the columns of {table.name}.",
        )


def _read_parquet(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise CopilotError(
            f"{path} is no readable Parquet file: {error}", "Export it anew."
        ) from error
    columns = [_as_text(table.column(n), name, path) for n, name in enumerate(table.column_names)]
    return pa.table(columns, names=table.column_names).combine_chunks()


def _as_text(column: pa.ChunkedArray, name: str, path: Path) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is None:
        raise CopilotError(
            f"{path}: the column {name} holds times without a zone.",
            "Write it with a time zone, UTC for example.",
        )
    if pa.types.is_timestamp(kind):
        return pc.strftime(column.cast(pa.timestamp("us", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    if pa.types.is_nested(kind):
        texts = [None if v is None else orjson.dumps(v).decode() for v in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    try:
        texts = column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise CopilotError(
            f"{path}: the column {name} cannot be read as text: {error}", "Export it as text."
        ) from error
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
