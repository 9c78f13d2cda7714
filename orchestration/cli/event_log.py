"""Dagster's event log during a run of this process."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

_INDEX = "index"  # the file of all runs' events, beside one for each run


@contextmanager
def event_log_kept_open(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Keep a connection open to the log's files, where the log lies in SQLite.

    Dagster opens and closes a connection for each of a run's some thousand events, and SQLite
    writes its whole journal back whenever the last connection closes: a tenth of a small build's
    time (https://sqlite.org/wal.html#ckpt).
    """
    log = instance.event_log_storage
    with ExitStack() as held:
        if isinstance(log, SqliteEventLogStorage):
            for shard in (_INDEX, run_id):
                with log.run_connection(shard):  # makes the file
                    path = log.path_for_shard(shard)
                held_open = held.enter_context(closing(sqlite3.connect(path)))
                held_open.execute("select count(*) from alembic_version").fetchone()
        yield
