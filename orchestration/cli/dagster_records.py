"""Dagster's own records during a run of this process."""

import shutil
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.exc import OperationalError

from warehouse.errors import CopilotError

_FULL = 2**20  # bytes left on a disk on which SQLite can write no more
_BUSY_SECONDS = 30  # to wait for another process that writes
_KEPT_FILES = 8


class PooledEventLog(SqliteEventLogStorage):
    """Dagster's event log in SQLite, with connections kept to the files used last.

    Dagster's own opens, sets up and closes a connection for each of a run's some thousand events,
    and SQLite writes its whole journal back whenever the last connection closes: a sixth of a small
    company's run. The journal is written without waiting for the disk, which in this mode keeps the
    file whole after a crash; only the last events may be lost with the machine's power
    (https://sqlite.org/pragma.html#pragma_synchronous).

    Parameters
    ----------
    base_dir : str
        Folder of the files: one for each run, and ``index.db``.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> "PooledEventLog":
        """Make one from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> sa.Engine:
        if shard not in self._engines:
            waits = {"timeout": _BUSY_SECONDS}
            engine = sa.create_engine(self.conn_string_for_shard(shard), connect_args=waits)
            sa.event.listen(engine, "connect", _write_without_waiting)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        if len(self._engines) > _KEPT_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def wipe(self) -> None:
        """Delete all events."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close the files."""
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _write_without_waiting(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = normal")


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
