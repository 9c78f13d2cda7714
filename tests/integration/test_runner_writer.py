"""The thread that writes while the next rows are read."""

import threading

import psycopg
import pytest

from connectors.runner.writer import Writer
from warehouse.database import Role, Warehouse


def test_work_is_done_in_its_order_and_after_a_failure_none_is_done(warehouse: Warehouse) -> None:
    done: list[int] = []

    def refuse() -> None:
        raise psycopg.DataError("does not fit")

    with warehouse.connect(Role.LOADER) as connection, Writer(connection) as writer:
        for number in range(10):
            writer.submit(done.append, number)
        writer.drain()
        assert done == list(range(10))
        gate = threading.Event()
        writer.submit(gate.wait)
        writer.submit(refuse)
        writer.submit(done.append, 10)  # a state whose rows did not arrive
        gate.set()
        with pytest.raises(psycopg.DataError, match="does not fit"):
            writer.drain()
        with pytest.raises(psycopg.DataError, match="does not fit"):
            writer.drain()
    assert done == list(range(10))


def test_who_is_far_ahead_waits_for_the_database(warehouse: Warehouse) -> None:
    gate, given = threading.Event(), threading.Semaphore(0)
    with warehouse.connect(Role.LOADER) as connection, Writer(connection) as writer:

        def read_ahead() -> None:
            for _ in range(20):
                writer.submit(gate.wait)
                given.release()

        reader = threading.Thread(target=read_ahead)
        reader.start()
        ahead = 0
        while given.acquire(timeout=0.5):
            ahead += 1
        gate.set()
        reader.join()
        writer.drain()
    assert ahead == 3


def test_a_sync_that_is_broken_off_stops_what_the_database_is_doing(warehouse: Warehouse) -> None:
    failures: list[BaseException] = []
    started = threading.Event()
    with warehouse.connect(Role.LOADER) as connection:

        def sleep() -> None:
            started.set()
            try:
                connection.execute("select pg_sleep(600)")
            except psycopg.Error as error:
                failures.append(error)
                raise

        with pytest.raises(KeyboardInterrupt), Writer(connection) as writer:
            writer.submit(sleep)
            started.wait()
            while not _is_at_work(warehouse, connection.info.backend_pid):
                pass
            raise KeyboardInterrupt
        connection.rollback()
    assert [type(error) for error in failures] == [psycopg.errors.QueryCanceled]


def _is_at_work(warehouse: Warehouse, process: int) -> bool:
    with warehouse.connect() as connection:
        found = connection.execute(
            "select 1 from pg_stat_activity where pid = %s and state = 'active'", (process,)
        )
        return found.fetchone() is not None
