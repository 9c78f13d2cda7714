"""Locks that go with a database session, and are given back before it is closed.

A busy server notices only after a while that a session was closed; whoever came next in that while
would be told that somebody else is at work.
"""

import contextlib
import zlib
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

Connection = psycopg.Connection[Any]


def key_of(name: str) -> int:
    """Return the number by which Postgres knows a lock."""
    return zlib.crc32(name.encode())


def try_lock(connection: Connection, name: str) -> bool:
    """Take a lock if it is free; say whether it was."""
    row = connection.execute("select pg_try_advisory_lock(%s)", (key_of(name),)).fetchone()
    return bool(row and row[0])


def unlock(connection: Connection, name: str) -> None:
    """Give a lock back; a broken session has lost it already."""
    with contextlib.suppress(psycopg.OperationalError):
        if connection.info.transaction_status == TransactionStatus.INERROR:
            connection.rollback()
        connection.execute("select pg_advisory_unlock(%s)", (key_of(name),))
