"""However a sequence of records is cut into crashed and resumed syncs, the table is the same."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.runner import CatalogStream
from connectors.runner.load import StreamLoader
from connectors.runner.protocol import ConfiguredStream, SyncMode, resolve
from connectors.runner.tables import data_columns, ensure_key_index, ensure_schema, ensure_table
from connectors.runner.writer import Writer
from tests.integration.runner_help import APPEND, DEDUP, play, state, stream, table
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

ITEM = stream("item", id="string", n="integer", c="integer", cursor="c")
RECORDS = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 3))), max_size=12
)


def _expected(records: list[tuple[str, int | None]]) -> list[tuple]:
    """Fold the records one by one: the highest cursor wins, the later one among equals."""
    kept: dict[str, tuple[str, int, int | None]] = {}
    for n, (key, cursor) in enumerate(records):
        old = kept.get(key)
        if old is None or (-1 if old[2] is None else old[2]) <= (-1 if cursor is None else cursor):
            kept[key] = (key, n, cursor)
    return sorted(kept.values())


@given(RECORDS, st.lists(st.booleans(), min_size=12, max_size=12), st.sampled_from([DEDUP, APPEND]))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_merging_in_any_batches_gives_the_same_table(
    warehouse: Warehouse,
    records: list[tuple[str, int | None]],
    cuts: list[bool],
    mode: SyncMode,
) -> None:
    schema = ensure_schema(warehouse, "batches")
    catalog = CatalogStream.from_json(ITEM)
    resolved = resolve(ConfiguredStream("item", mode), [catalog])
    with warehouse.connect(Role.LOADER) as connection, Writer(connection) as writer:
        ensure_table(connection, schema, "item", data_columns(catalog.json_schema), "batches")
        connection.execute(f"truncate {schema}.item")
        key = ["id"] if mode is DEDUP else []
        ensure_key_index(connection, schema, "item", key, "batches")
        loader = StreamLoader(
            connection,
            writer,
            schema,
            resolved,
            generation_id=1,
            sync_id=1,
            number=0,
            is_atomic=False,
            replaces=False,
        )
        for n, (key_value, cursor) in enumerate(records):
            data = {"id": key_value, "n": n, "c": cursor}
            loader.add({"data": data, "emitted_at": 1}, 1)
            if cuts[n]:
                loader.acknowledge()
                loader.merge()
        loader.acknowledge()
        loader.merge()
        writer.drain()
    rows = [(key, n, cursor) for n, (key, cursor) in enumerate(records)]
    expected = _expected(records) if mode is DEDUP else sorted(rows)
    found = table(warehouse, "batches", "item", "id, n, c")
    assert sorted(found, key=lambda row: row[:2]) == sorted(expected, key=lambda row: row[:2])


@given(
    records=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), min_size=1, max_size=6),
    states=st.sets(st.integers(0, 5)),
    crashes=st.lists(st.integers(0, 11), max_size=2),
    rows=st.sampled_from([1, 3, 1000]),
    mode=st.sampled_from([DEDUP, APPEND]),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_split_into_crashed_and_resumed_syncs_gives_the_same_table(
    warehouse: Warehouse,
    records: list[tuple[str, int]],
    states: set[int],
    crashes: list[int],
    rows: int,
    mode: SyncMode,
) -> None:
    steps = []
    for n, (key, cursor) in enumerate(records):
        steps.append({"record": ["item", {"id": key, "n": n, "c": cursor}]})
        if n in states or n == len(records) - 1:
            steps.append(state(n))
    ops = warehouse.schema("ops")
    with warehouse.connect() as connection:
        connection.execute(f"delete from {ops}.sync_state where source = 'split'")
        if connection.execute(
            "select to_regclass(%s)", (f"{warehouse.schema('raw_split')}.item",)
        ).fetchone()[0]:
            connection.execute(f"truncate {warehouse.schema('raw_split')}.item")
    with tempfile.TemporaryDirectory() as folder:
        for crash in crashes:
            cut = [*steps[: crash % (len(steps) + 1)], {"exit": 1}]
            try:
                play(warehouse, Path(folder), "split", [ITEM], cut, mode, rows=rows, resume=True)
            except CopilotError as error:
                assert "exit code 1" in error.what
        play(warehouse, Path(folder), "split", [ITEM], steps, mode, rows=rows, resume=True)
    full = [(key, n, cursor) for n, (key, cursor) in enumerate(records)]
    expected = _expected(list(records)) if mode is DEDUP else sorted(full)
    assert table(warehouse, "split", "item", "id, n, c") == expected
