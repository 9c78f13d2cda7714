"""How fast the runner lands rows, against a bare COPY of the same rows in the same run.

    .venv/bin/python benchmarks/runner_throughput.py [--rows 200000]

It uses the embedded Postgres (or COPILOT_DATABASE_URL) in schemas of its own, and drops them.
"""

import argparse
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

from psycopg import sql

from connectors.runner import ConfiguredStream, SyncMode, run_sync
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.migrations import migrate
from warehouse.settings import Settings

SOURCE = r"""
import json, sys
from pathlib import Path
config = json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text())
text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
props = {"id": text, "account_id": text, "name": text, "at": moment, "updated_at": moment,
         "count": {"type": "integer"}, "amount": {"type": "number"}, "is_live": {"type": "boolean"},
         "day": {"type": "string", "format": "date"}, "detail": {"type": "object"},
         "plan": text, "note": {"type": ["null", "string"]}}
if sys.argv[1] == "discover":
    stream = {"name": "item", "json_schema": {"properties": props},
              "supported_sync_modes": ["full_refresh", "incremental"],
              "default_cursor_field": ["updated_at"], "source_defined_primary_key": [["id"]]}
    print(json.dumps({"type": "CATALOG", "catalog": {"streams": [stream]}}))
    sys.exit()
out = sys.stdout
row = ('{"type":"RECORD","record":{"stream":"item","emitted_at":1767225600000,"data":{"id":"%d",'
       '"account_id":"001A%d","name":"report viewed","at":"2026-03-01T12:%02d:00Z",'
       '"updated_at":"2026-03-01T12:%02d:00.123Z","count":%d,"amount":%d.25,"is_live":true,'
       '"day":"2026-03-01","detail":{"page":%d,"kind":"weekly"},"plan":"Pro","note":null}}}\n')
step = ('{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"item"},'
        '"stream_state":{"n":%d}}}}\n')
for start in range(0, config["rows"], 1000):
    out.write("".join(row % (n, n % 997, n % 60, n % 60, n, n, n % 50)
                      for n in range(start, min(start + 1000, config["rows"]))))
    out.write(step % start)
"""


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
    """Measure each mode and print rows a second and the ratio to a bare COPY."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    settings = Settings(sources=["app"])
    server = open_warehouse(settings)
    warehouse = Warehouse(server.url(), f"bench{uuid.uuid4().hex[:6]}_")
    migrate(warehouse, settings)
    results: dict[str, object] = {"rows": rows}
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source.py"
            source.write_text(SOURCE)
            command = [sys.executable, str(source)]
            for mode, note in (
                (SyncMode.INCREMENTAL_APPEND, "append"),
                (SyncMode.INCREMENTAL_APPEND_DEDUP, "dedup_again"),
                (SyncMode.FULL_REFRESH_OVERWRITE, "overwrite"),
                (SyncMode.INCREMENTAL_APPEND_DEDUP, "dedup_refresh"),
            ):
                start = time.perf_counter()
                run_sync(
                    command,
                    {"rows": rows},
                    [ConfiguredStream("item", mode)],
                    warehouse,
                    "bench",
                    refresh=note == "dedup_refresh",
                )
                results[f"{note}_rows_per_second"] = round(rows / (time.perf_counter() - start))
            bare = rows / _bare_copy(warehouse, rows)
        results["bare_copy_rows_per_second"] = round(bare)
        for name in [name for name in results if name.endswith("per_second")]:
            results[name.replace("rows_per_second", "ratio")] = round(int(results[name]) / bare, 3)
    finally:
        _drop(warehouse)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
