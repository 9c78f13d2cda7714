"""Dagster's own records during a run of this process."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy.exc import OperationalError

from warehouse.errors import CopilotError

_FULL = 2**20  # bytes left on a disk on which SQLite can write no more
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


@contextmanager
def records_explained(folder: Path) -> Iterator[None]:
    """Say what it means when Dagster cannot write its records to SQLite.

    Parameters
    ----------
    folder : Path
        Where the records lie.

    Raises
    ------
    CopilotError
        SQLite refused: the disk is full, or the file cannot be written.
    """
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        cause = getattr(error, "orig", error)
        if not isinstance(cause, sqlite3.Error):
            raise
        is_full = shutil.disk_usage(folder).free < _FULL
        raise CopilotError(
            f"Dagster's records under {folder} cannot be written: "
            + ("No space left on device." if is_full else f"{cause}."),
            ("Free space on that disk" if is_full else "See that the folder can be written")
            + ", then run again; nothing was lost.",
        ) from error
