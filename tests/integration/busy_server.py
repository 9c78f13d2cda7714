"""A server that is too busy to notice that a session was closed."""

import contextlib
from collections.abc import Iterator

import psycopg
import pytest


@contextlib.contextmanager
def unnoticed_ends() -> Iterator[list[psycopg.Connection]]:
    """Let the sessions that are closed in this block live on; close them after the test's look."""
    sessions: list[psycopg.Connection] = []

    def close(session: psycopg.Connection) -> None:
        sessions.append(session)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Connection, "close", close)
        yield sessions
