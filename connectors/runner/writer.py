"""Work for the database, done in its order while the next rows are read."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from connectors.runner.tables import Connection

_AHEAD = 2  # pieces of work that may wait: each can hold a buffer of rows


class Writer:
    """One thread that does what it is given, one piece after the other; a context manager.

    After a piece that failed none is done any more: a state is never saved whose rows were not.
    Leaving it with an error stops the piece at work and drops those that wait.

    Parameters
    ----------
    connection : psycopg.Connection
        The sync's connection, which only pieces of work use while one may be under way.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: deque[Future[None]] = deque()
        self._failure: BaseException | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="copilot-writer")

    def __enter__(self) -> "Writer":
        """Take work from here on."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread."""
        if error is not None and any(not work.done() for work in self._waiting):
            self._connection.cancel_safe(timeout=5)
        self._thread.shutdown(cancel_futures=error is not None)

    def submit(self, work: Callable[..., object], *arguments: Any) -> None:
        """Have something done after all that was given before; wait if too much waits already.

        Raises
        ------
        psycopg.Error, CopilotError
            What an earlier piece of work failed with.
        """
        while len(self._waiting) > _AHEAD or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._do, work, arguments))

    def drain(self) -> None:
        """Wait until all is done.

        Raises
        ------
        psycopg.Error, CopilotError
            What a piece of work failed with.
        """
        while self._waiting:
            self._waiting.popleft().result()

    def _do(self, work: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            work(*arguments)
        except BaseException as error:
            self._failure = error
            raise
