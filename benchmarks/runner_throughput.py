"""How fast the runner lands rows, against a bare COPY of the same rows in the same run.

    .venv/bin/python benchmarks/runner_throughput.py [--rows 1000000]

It uses the embedded Postgres (or COPILOT_DATABASE_URL) in schemas of its own, and drops them.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psutil
from psycopg import sql

from connectors.runner import ConfiguredStream, SyncMode, run_sync
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.migrations import migrate
from warehouse.settings import Settings

# A source that costs nothing: it copies to its output what was written beforehand.
SOURCE = """
import shutil, sys
name = "catalog" if sys.argv[1] == "discover" else "messages"
with open(f"{sys.argv[0]}.{name}", "rb") as file:
    shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)
"""
TEXT, MOMENT = {"type": "string"}, {"type": "string", "format": "date-time"}
PROPERTIES = {
    **dict.fromkeys(("id", "account_id", "name", "plan", "country", "region", "owner"), TEXT),
    **dict.fromkeys(("created_at", "updated_at", "seen_at"), MOMENT),
    **{name: {"type": "integer"} for name in ("count", "seats", "rank")},
    **{name: {"type": "number"} for name in ("amount", "share")},
    "is_live": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "detail": {"type": "object"},
    "tags": {"type": "array"},
    "note": {"type": ["null", "string"]},
}
ROW = (
    '{"type":"RECORD","record":{"stream":"item","emitted_at":1767225600000,"data":{"id":"%d",'
    '"account_id":"001A%d","name":"report viewed","plan":"Pro","country":"DE","region":"Köln",'
    '"owner":"ann@sample.example","created_at":"2026-03-01T12:%02d:00Z",'
    '"updated_at":"2026-03-01T12:00:00.%06dZ","seen_at":"2026-03-01T14:00:00+02:00",'
    '"count":%d,"seats":12,"rank":3,"amount":%d.25,"share":0.125,"is_live":true,'
    '"day":"2026-03-01","detail":{"page":%d,"kind":"weekly"},"tags":["a","b"],"note":null}}}\n'
)
STEP = (
    '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"item"},'
    '"stream_state":{"n":%d}},"sourceStats":{"recordCount":%d}}}\n'
)
CHECKPOINT = 10_000


def _write_source(path: Path, rows: int) -> None:
    """Write the source, its catalogue and its messages."""
    path.write_text(SOURCE)
    stream = {
        "name": "item",
        "json_schema": {"properties": PROPERTIES},
        "supported_sync_modes": ["full_refresh", "incremental"],
        "default_cursor_field": ["updated_at"],
        "source_defined_primary_key": [["id"]],
    }
    catalog = {"type": "CATALOG", "catalog": {"streams": [stream]}}
    path.with_name(f"{path.name}.catalog").write_text(json.dumps(catalog) + "\n")
    with path.with_name(f"{path.name}.messages").open("w", encoding="utf-8") as file:
        for start in range(0, rows, CHECKPOINT):
            stop = min(start + CHECKPOINT, rows)
            for n in range(start, stop):
                file.write(ROW % (n, n % 997, n % 60, n % 1_000_000, n, n, n % 50))
            file.write(STEP % (stop, stop - start))


class _Memory:
    """The largest resident memory of this process while something runs, in MB."""

    def __enter__(self) -> "_Memory":
        self.peak, self._done = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._done.wait(0.05):
            self.peak = max(self.peak, process.memory_info().rss / 1e6)

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def _bare_copy(warehouse: Warehouse, rows: int) -> float:
    """Seconds to COPY the rows of the loaded table into one of the same shape."""
    schema = warehouse.schema("raw_bench")
    with warehouse.connect(Role.LOADER) as connection:
        read = sql.SQL("copy {} to stdout").format(sql.Identifier(schema, "item"))
        with connection.cursor().copy(read) as copy:
            blocks = [bytes(block) for block in copy]
        connection.execute(
            sql.SQL("create table {} (like {})").format(
                sql.Identifier(schema, "bare"), sql.Identifier(schema, "item")
            )
        )
        connection.commit()
        chunks = [b"".join(blocks[i : i + 1000]) for i in range(0, len(blocks), 1000)]
        start = time.perf_counter()
        write = sql.SQL("copy {} from stdin").format(sql.Identifier(schema, "bare"))
        with connection.cursor().copy(write) as copy:
            for chunk in chunks:
                copy.write(chunk)
        connection.commit()
        seconds = time.perf_counter() - start
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, "bare")))
    assert len(blocks) == rows
    return seconds


def _drop(warehouse: Warehouse) -> None:
    """Remove the schemas and roles of this run."""
    pattern = warehouse.schema_prefix.replace("_", r"\_") + "%"
    with warehouse.connect() as connection:
        for (name,) in connection.execute(
            "select nspname from pg_namespace where nspname like %s", (pattern,)
        ).fetchall():
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))
        for (name,) in connection.execute(
            "select rolname from pg_roles where rolname like %s", (pattern,)
        ).fetchall():
            for word in ("owned by", "role"):
                connection.execute(sql.SQL(f"drop {word} {{}}").format(sql.Identifier(name)))


def main() -> None:
    """Measure each mode; print rows a second, times the seconds of a bare COPY, and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    settings = Settings(sources=["app"])
    server = open_warehouse(settings)
    warehouse = Warehouse(server.url(), f"bench{uuid.uuid4().hex[:6]}_")
    migrate(warehouse, settings)
    results: dict[str, float] = {"rows": rows}
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source.py"
            _write_source(source, rows)
            command = [sys.executable, str(source)]
            for mode, note in (
                (SyncMode.INCREMENTAL_APPEND_DEDUP, "dedup_first"),
                (SyncMode.INCREMENTAL_APPEND_DEDUP, "dedup_again"),
                (SyncMode.FULL_REFRESH_OVERWRITE, "overwrite"),
            ):
                start = time.perf_counter()
                with _Memory() as memory:
                    run_sync(
                        command,
                        {"rows": rows},
                        [ConfiguredStream("item", mode)],
                        warehouse,
                        "bench",
                        refresh=note == "overwrite",
                    )
                results[f"{note}_rows_per_second"] = round(rows / (time.perf_counter() - start))
                results[f"{note}_peak_memory_mb"] = round(memory.peak)
            bare = rows / _bare_copy(warehouse, rows)
        results["bare_copy_rows_per_second"] = round(bare)
        for name in [name for name in results if name.endswith("per_second")]:
            seconds = name.replace("rows_per_second", "times_the_bare_copy")
            results[seconds] = round(bare / int(results[name]), 2)
    finally:
        _drop(warehouse)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
