"""The life of one sync, from its first message to its last commit."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from connectors.runner.failures import (
    EndedError,
    Refusal,
    SourceError,
    advice,
    raise_for_refusal,
    trace_error,
)
from connectors.runner.load import StreamLoader
from connectors.runner.outcome import Outcome
from connectors.runner.process import SourceProcess
from connectors.runner.protocol import ResolvedStream, SyncMode
from connectors.runner.result import Limits, Progress, StreamCount, SyncResult
from connectors.runner.state import (
    SHARED,
    RunLog,
    StateStore,
    StoredState,
    save_rejected,
)
from connectors.runner.tables import (
    Connection,
    create_table,
    data_columns,
    ensure_key_index,
    ensure_table,
)
from connectors.runner.writer import Writer
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

logger = logging.getLogger(__name__)

_PROGRESS_EVERY = 5000


class SyncSession:
    """The state of one running sync."""

    def __init__(
        self,
        connection: Connection,
        warehouse: Warehouse,
        schema: str,
        source: str,
        streams: Sequence[ResolvedStream],
        store: StateStore,
        limits: Limits,
        progress: Progress | None,
        *,
        refusals: Sequence[Refusal],
        refresh: bool,
        run_id: str,
    ) -> None:
        self._connection = connection
        self._writer = Writer(connection)
        self._warehouse = warehouse
        self._schema = schema
        self._source = source
        self._streams = streams
        self._store = store
        self._limits = limits
        self._progress = progress
        self._refusals = refusals
        self._refresh = refresh
        self._run_id = run_id
        self._log = RunLog(warehouse, run_id, source)
        self._sync_id = int(time.time())
        self._loaders: dict[str, StreamLoader] = {}
        self._stored: dict[str, StoredState] = {}
        self._states: dict[str, Any] = {}
        self._outcome = Outcome(streams)
        self._left_out: dict[str, str] = {}
        self._last_commit = time.monotonic()

    def run(self, process: SourceProcess) -> SyncResult:
        """Read to the end; see `run_sync`."""
        message: str | None = "The sync was interrupted."
        self._log.start(self._connection, [stream.name for stream in self._streams])
        self._connection.commit()
        try:
            self._prepare()
            with self._writer:
                self._read_and_keep(process)
                self._finish()
            message = None
        except SourceError as failure:
            cause = self._outcome.reported or failure
            message = f"The source {self._source} failed: {str(cause).rstrip('.')}."
            hint = cause.hint or advice(str(cause), self._source)
            raise cause.for_people(message, f"{hint} {self._what_remains()}") from failure
        except psycopg.Error as error:
            message = f"Loading {self._source} failed in the database: {str(error).strip()}"
            raise CopilotError(message, _database_hint(error)) from error
        except CopilotError as error:
            message = error.what
            raise
        finally:
            self._close(message)
        counts = {
            name: StreamCount(loader.read, loader.kept, loader.rejected)
            for name, loader in self._loaders.items()
        }
        return SyncResult(self._source, self._run_id, counts, self._left_out)

    def _prepare(self) -> None:
        self._stored = self._store.load(self._connection, self._source)
        for number, stream in enumerate(self._streams):
            overwrites = stream.mode is SyncMode.FULL_REFRESH_OVERWRITE
            replaces = self._refresh or overwrites or self._has_missed_changes(stream)
            if replaces:  # what is there stays as it is until its rows are replaced
                columns = data_columns(stream.catalog.json_schema)
                create_table(self._connection, self._schema, stream.name, columns)
            else:
                self._ensure_table(stream)
                self._ensure_key(stream)
            stored = self._stored.get(stream.name, StoredState(None, 0))
            known = stored.generation_id
            is_first_of_feed = stream.feed_days is not None and stored.state is None
            self._loaders[stream.name] = StreamLoader(
                self._connection,
                self._writer,
                self._schema,
                stream,
                generation_id=known + 1 if replaces else max(known, 1),
                sync_id=self._sync_id,
                number=number,
                is_atomic=replaces or is_first_of_feed or not stream.mode.is_incremental,
                replaces=replaces,
            )
        self._connection.commit()

    def _has_missed_changes(self, stream: ResolvedStream) -> bool:
        """Tell whether the stored state is older than the source's feed of changes."""
        stored = self._stored.get(stream.name)
        return (
            stream.feed_days is not None
            and stored is not None
            and stored.state is not None
            and stored.age_days > stream.feed_days
        )

    def _read_and_keep(self, process: SourceProcess) -> None:
        try:
            with process:
                self._read(process)
        except SourceError as failure:
            if isinstance(failure, EndedError):
                self._left_out = self._outcome.left_out()
            if not self._left_out:
                self._keep_acknowledged()
                raise

    def _read(self, process: SourceProcess) -> None:
        catalog = {
            "streams": [
                stream.to_json(self._loaders[stream.name].generation_id, self._sync_id)
                for stream in self._streams
            ]
        }
        now = int(time.time() * 1000)
        state = self._input_state()
        for number, message in process.messages("read", catalog=catalog, state=state):
            kind = message["type"]
            try:
                if kind == "RECORD":
                    self._take(message["record"], now)
                elif kind == "STATE":
                    self._take_state(message["state"])
                elif kind == "LOG":
                    raise_for_refusal(process.log(message["log"]), self._refusals)
                elif kind == "CONTROL":
                    process.control(message["control"])
                elif kind == "TRACE":
                    self._take_trace(message, process)
            except (KeyError, TypeError, AttributeError) as error:
                raise SourceError.without_parts(number, message, error) from error
        self._outcome.raise_for_errors()

    def _input_state(self) -> list[dict[str, Any]] | None:
        if self._refresh:
            return None
        shared = self._stored.get(SHARED)
        if shared is not None and shared.state is not None:
            return [shared.state]
        return [
            {
                "type": "STREAM",
                "stream": {
                    "stream_descriptor": {"name": stream.name},
                    "stream_state": self._stored[stream.name].state,
                },
            }
            for stream in self._streams
            if stream.mode.is_incremental
            and stream.name in self._stored
            and self._stored[stream.name].state is not None
            and not self._has_missed_changes(stream)
        ]

    def _take(self, record: Mapping[str, Any], now: int) -> None:
        loader = self._loaders.get(record["stream"])
        if loader is None:
            raise SourceError(f"it sent a record of '{record['stream']}', which nobody asked for")
        loader.add(record, now)
        if self._progress and loader.read % _PROGRESS_EVERY == 0:
            self._progress(loader.stream.name, loader.read)

    def _take_state(self, state: Mapping[str, Any]) -> None:
        if state.get("type") == "STREAM":
            name = state["stream"]["stream_descriptor"]["name"]
            if name not in self._loaders:
                raise SourceError(f"it sent a state of '{name}', which nobody asked for")
            self._states[name] = state["stream"].get("stream_state")
            covered = [name]
        else:
            self._states[SHARED] = {"type": "LEGACY", **state}
            covered = list(self._loaders)
        for name in covered:
            if not self._loaders[name].is_atomic:
                self._loaders[name].acknowledge()
        waiting = sum(loader.waiting for loader in self._loaders.values())
        age = time.monotonic() - self._last_commit
        if waiting >= self._limits.checkpoint_rows or age >= self._limits.checkpoint_seconds:
            self._checkpoint()

    def _take_trace(self, message: Mapping[str, Any], process: SourceProcess) -> None:
        error = trace_error(message, process.mask)
        if error is not None:
            self._outcome.take_error(error)
        status = message["trace"].get("stream_status")
        if not status:
            return
        name = str(status["stream_descriptor"]["name"])
        for reason in status.get("reasons") or ():  # a connector that waits may say no more
            process.remember(f"{name}: {reason['type']}")
        self._outcome.take_status(name, status["status"])
        if status["status"] == "COMPLETE":
            self._count_whole(name)
        elif status["status"] == "INCOMPLETE":
            logger.error("%s: the stream %s is incomplete", self._source, name)

    def _count_whole(self, name: str) -> None:
        """Let the first read of a feed count, complete as it is, whatever becomes of others."""
        loader = self._loaders.get(name)
        if loader is not None and loader.stream.feed_days is not None and not loader.replaces:
            loader.is_atomic = False
            loader.acknowledge()

    def _checkpoint(self, *, is_end: bool = False) -> None:
        """Have what is acknowledged merged, and committed with the states that acknowledge it."""
        counted = [
            loader
            for name, loader in self._loaders.items()
            if not loader.is_atomic or (is_end and name not in self._left_out)
        ]
        for loader in counted:
            loader.merge()
        self._writer.submit(self._commit, counted, dict(self._states), is_end)
        self._last_commit = time.monotonic()

    def _commit(
        self,
        counted: Sequence[StreamLoader],
        states: Mapping[str, Any],
        is_end: bool,
    ) -> None:
        rejected = [row for loader in self._loaders.values() for row in loader.take_rejected()]
        save_rejected(self._connection, self._warehouse, self._source, rejected)
        for loader in counted:
            name = loader.stream.name
            if is_end or name in states or loader.replaces:
                self._save(name, self._state_of(loader, states), loader.generation_id)
        if is_end and self._refresh and SHARED in self._stored:
            self._save(SHARED, states.get(SHARED), 0)
        elif SHARED in states and (is_end or not self._refresh):
            self._save(SHARED, states[SHARED], 0)
        self._connection.commit()

    def _state_of(self, loader: StreamLoader, states: Mapping[str, Any]) -> Any:
        name = loader.stream.name
        if not loader.stream.mode.is_incremental:
            return None
        stored = self._stored.get(name)
        last = None if stored is None or loader.replaces else stored.state
        return states.get(name, last)

    def _save(self, name: str, state: Any, generation_id: int) -> None:
        loader = self._loaders.get(name)
        must_stay_young = loader is not None and loader.stream.feed_days is not None
        if self._stored.get(name) == StoredState(state, generation_id) and not must_stay_young:
            return
        self._store.save(self._connection, self._source, name, state, generation_id)
        self._stored[name] = StoredState(state, generation_id)

    def _finish(self) -> None:
        """Merge what the clean end acknowledges, and swap what is replaced."""
        self._writer.drain()
        for stream in self._streams:
            loader = self._loaders[stream.name]
            if stream.name in self._left_out:
                continue
            if self._leaves_rest(stream) and loader.unacknowledged:
                logger.warning(
                    "%s: %d rows of %s came after its last state; they are left for the next sync",
                    self._source,
                    loader.unacknowledged,
                    stream.name,
                )
            else:
                loader.acknowledge()
            if loader.replaces:
                self._make_room(stream, loader)
        self._checkpoint(is_end=True)
        self._writer.drain()
        for loader in self._loaders.values():
            loader.analyze()
        self._connection.commit()

    def _make_room(self, stream: ResolvedStream, loader: StreamLoader) -> None:
        self._ensure_table(stream, may_change_types=True)
        loader.empty_table()
        self._ensure_key(stream)

    def _ensure_table(self, stream: ResolvedStream, *, may_change_types: bool = False) -> None:
        columns = data_columns(stream.catalog.json_schema)
        ensure_table(
            self._connection,
            self._schema,
            stream.name,
            columns,
            self._source,
            may_change_types=may_change_types,
        )

    def _ensure_key(self, stream: ResolvedStream) -> None:
        is_dedup = stream.mode is SyncMode.INCREMENTAL_APPEND_DEDUP
        key = stream.primary_key if is_dedup else ()
        ensure_key_index(self._connection, self._schema, stream.name, key, self._source)

    def _leaves_rest(self, stream: ResolvedStream) -> bool:
        """Tell whether rows past the last state would come twice: appended now and next time."""
        if stream.mode is not SyncMode.INCREMENTAL_APPEND or self._refresh:
            return False
        stored = {name for name, known in self._stored.items() if known.state is not None}
        return bool({stream.name, SHARED} & (set(self._states) | stored))

    def _keep_acknowledged(self) -> None:
        """Commit what is complete, and up to the last state, of a source that failed."""
        try:
            self._writer.drain()
            for stream in self._streams:
                loader = self._loaders[stream.name]
                if loader.replaces and stream.name in self._outcome.complete:
                    loader.acknowledge()
                    self._make_room(stream, loader)
                    loader.is_atomic = False
            self._checkpoint()
            self._writer.drain()
        except psycopg.Error as error:
            logger.warning(
                "%s: rows up to its last state could not be kept: %s", self._source, error
            )

    def _what_remains(self) -> str:
        kept = sum(loader.kept for loader in self._loaders.values())
        return (
            f"{kept} rows up to its last state were kept, nothing after it."
            f" `copilot sync {self._source}` goes on from there."
        )

    def _close(self, message: str | None) -> None:
        counts = {stream.name: 0 for stream in self._streams}
        counts |= {name: loader.kept for name, loader in self._loaders.items()}
        status = "succeeded" if message is None else "failed"
        try:
            self._connection.rollback()
            self._log.finish(self._connection, counts, status, message)
            for name, words in self._left_out.items():
                self._log.finish(self._connection, {name: counts[name]}, "failed", words)
            self._connection.commit()
        except psycopg.Error as error:
            logger.warning("How the sync of %s ended was not recorded: %s", self._source, error)


def _database_hint(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.DiskFull):
        return "Free space on the database's disk, then run again; nothing was lost."
    return "Rows up to the last checkpoint were kept; run again once the cause is mended."
