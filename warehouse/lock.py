"""One run at a time, and nothing left over from a run that was killed."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg

from warehouse.database import Warehouse, application_name
from warehouse.errors import CopilotError
from warehouse.session_lock import key_of, try_lock, unlock
from warehouse.settings import copilot_home

RUN_MARK = "COPILOT_RUN_HOME"


SOON = "soon"
PATIENCE_SECONDS = 300.0
"""What lands between two nights is worked on for seconds: a run waits for it, not the reverse."""


class BusyError(CopilotError):
    """Another run holds the lock."""


@contextlib.contextmanager
def run_lock(
    warehouse: Warehouse, work: str = "run", patience: float = PATIENCE_SECONDS
) -> Iterator[None]:
    """Hold the installation's run lock.

    The lock is a session-level advisory lock: it goes with the process, however that dies.
    Children that a killed run left behind (a dbt, a source) are ended before the new run starts.

    Parameters
    ----------
    work : str
        What it is held for: ``run``, or `SOON`.
    patience : float
        Seconds for which a run waits while the holder is at work on `SOON`.

    Raises
    ------
    BusyError
        Another run holds the lock.
    """
    lock = f"customer-success-copilot:{warehouse.schema_prefix}"
    connection = warehouse.connect()
    connection.autocommit = True
    whose = f"{work} {os.getpid()}@{socket.gethostname()}"
    name = f"{application_name(warehouse.schema_prefix)}:{whose}"
    is_taken = False
    try:
        connection.execute("select set_config('application_name', %s, false)", (name[:63],))
        _take(connection, lock, warehouse, time.monotonic() + (0 if work == SOON else patience))
        is_taken = True
        _end_leftover_processes()
        _end_leftover_sessions(connection, warehouse)
        os.environ[RUN_MARK] = str(copilot_home())
        yield
    finally:
        if is_taken:
            os.environ.pop(RUN_MARK, None)
            unlock(connection, lock)
        connection.close()


def _take(
    connection: psycopg.Connection[Any], lock: str, warehouse: Warehouse, until: float
) -> None:
    while not try_lock(connection, lock):
        holder = _holder(connection, key_of(lock))
        if time.monotonic() >= until or not holder.startswith(f" ({SOON} "):
            raise BusyError(
                f"Another run is working on {warehouse.address}{holder}.",
                "Wait until it has ended, then run again; nothing was changed.",
            )
        time.sleep(1)


def _holder(connection: psycopg.Connection[Any], key: int) -> str:
    row = connection.execute(
        "select a.application_name, a.backend_start from pg_locks l join pg_stat_activity a"
        " using (pid) where l.locktype = 'advisory' and l.objid = %s::bigint::oid and l.granted",
        (key,),
    ).fetchone()
    return f" ({row[0].split(':')[-1]}, since {row[1]:%Y-%m-%d %H:%M:%S} UTC)" if row else ""


def _end_leftover_processes() -> None:
    home = str(copilot_home())
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in mine and process.environ().get(RUN_MARK) == home:
                process.kill()
                process.wait(10)


def _end_leftover_sessions(connection: psycopg.Connection[Any], warehouse: Warehouse) -> None:
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = %s and usename = current_user and datname = current_database()",
        (f"{application_name(warehouse.schema_prefix)}:dbt",),
    )
