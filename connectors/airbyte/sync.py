"""One source's rows, brought into its raw schema by the Airbyte server."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from psycopg import sql

from connectors.airbyte.client import AirbyteClient
from connectors.airbyte.feeds import feed_days, last_whole, must_read_anew
from connectors.airbyte.jobs import FailedJobError, JobFollower, Pace, began
from connectors.airbyte.ledger import Ledger
from connectors.airbyte.reconcile import own_resource, resource_name
from connectors.airbyte.refusals import left_out
from connectors.airbyte.session import Document
from connectors.runner.protocol import ConfiguredStream, offered_streams
from connectors.runner.state import RunLog
from connectors.sources.source import VendorSource
from warehouse.clock import utc_now
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def sync_on_server(
    client: AirbyteClient,
    warehouse: Warehouse,
    settings: Settings,
    vendor: VendorSource,
    *,
    run_id: str,
    say: Callable[[str], None],
    refresh: bool = False,
    pace: Pace | None = None,
) -> dict[str, int]:
    """Let the server read a source, and return the rows that came, by stream.

    Parameters
    ----------
    vendor : VendorSource
        The source; the tables of its streams have to be there afterwards, those of an optional
        stream only where the connection reads it.
    refresh : bool
        Read everything anew.

    Raises
    ------
    CopilotError
        There is no connection for the source, its job failed, or it wrote somewhere else.
    """
    source = vendor.name
    connection = _own_connection(client, warehouse, settings, source)
    streams = _read_streams(vendor, connection)
    pace = pace or Pace(limit_seconds=settings.airbyte.sync_limit_minutes * 60.0)
    follower = JobFollower(client, source, pace, lambda line: say(f"sync {source}: {line}"))
    names = [stream.name for stream in streams]
    log = _Log(warehouse, run_id, source, names)
    since = utc_now()
    refused: dict[str, str] = {}
    log.start()
    try:
        try:
            job = _read(client, follower, vendor, str(connection["connectionId"]), refresh=refresh)
        except FailedJobError as failure:
            refused = left_out(client, streams, int(failure.job["jobId"]))
            if not refused:
                raise
            job = failure.job
        for name, words in refused.items():
            follower.say(f"{name} could not be read: {words.rstrip('.')}; left out")
        counts = _rows_of(
            warehouse, source, [name for name in names if name not in refused], began(job, since)
        )
    except Exception as error:  # whatever it was, no row may go on saying "running"
        what = error.what if isinstance(error, CopilotError) else str(error)
        log.finish(dict.fromkeys(names, 0), "failed", what)
        raise
    log.finish(counts, "succeeded", None)
    for name, words in refused.items():
        log.finish({name: 0}, "failed", words)
    return counts


def _read(
    client: AirbyteClient,
    follower: JobFollower,
    vendor: VendorSource,
    connection_id: str,
    *,
    refresh: bool,
) -> Document:
    """Run the job; from the beginning, and in one go, where a source would leave gaps otherwise."""
    days = feed_days(vendor.streams)
    if days is None:
        return follower.run(connection_id, refresh=refresh)
    jobs = client.jobs(connection_id)
    is_first = last_whole(jobs) is None
    if not refresh and must_read_anew(jobs, days, utc_now()):
        follower.say(f"its first read failed, or the last is over {days} days old: reading anew")
        refresh = True
    job = follower.run(connection_id, refresh=refresh)
    if (is_first or refresh) and client.attempts(int(job["jobId"])) > 1:
        follower.say("a first read counts only in one attempt: reading anew")
        job = follower.run(connection_id, refresh=True)
        if client.attempts(int(job["jobId"])) > 1:
            raise CopilotError(
                f"The Airbyte server took several attempts to read {vendor.title} from the"
                " beginning, twice; between them its connector leaves rows out.",
                "Mend what fails the attempts (the job's page tells), then run with"
                " --full-refresh.",
            )
    return job


def _own_connection(
    client: AirbyteClient, warehouse: Warehouse, settings: Settings, source: str
) -> Document:
    entry = Ledger(warehouse).read().get(("connection", source))
    name = resource_name(settings, source)
    found = own_resource(client.connections(), "connectionId", name, entry)
    if found is None:
        raise CopilotError(
            f"The Airbyte server has no connection for {source}.",
            "Make it with `copilot airbyte apply`.",
        )
    if found["status"] != "active":
        raise CopilotError(
            f"The connection '{found['name']}' is {found['status']} on the Airbyte server.",
            "Switch it on there, or with `copilot airbyte apply`.",
        )
    return found


def _read_streams(vendor: VendorSource, connection: Document) -> list[ConfiguredStream]:
    """Return the streams that a sync brings; ``apply`` left out what is not there."""
    chosen = (connection.get("configurations") or {}).get("streams") or []
    there = {str(one["name"]) for one in chosen}
    return offered_streams(vendor.streams, there)


def _rows_of(
    warehouse: Warehouse, source: str, streams: Sequence[str], since: dt.datetime
) -> dict[str, int]:
    """Count the rows that were extracted since the job began; every table has to be there."""
    schema = warehouse.schema(f"raw_{source}")
    counts = {}
    with warehouse.connect(Role.TRANSFORMER) as connection:
        rows = connection.execute(
            "select tablename from pg_tables where schemaname = %s", (schema,)
        ).fetchall()
        missing = sorted(set(streams) - {str(row[0]) for row in rows})
        if missing:
            raise CopilotError(
                f"The Airbyte server has synced {source}, but {schema} lacks {', '.join(missing)}.",
                "Does its destination write into this database? `copilot airbyte plan` tells.",
            )
        for name in streams:
            row = connection.execute(
                sql.SQL("select count(*) from {} where _airbyte_extracted_at >= %s").format(
                    sql.Identifier(schema, name)
                ),
                (since,),
            ).fetchone()
            counts[name] = int(row[0]) if row else 0
    return counts


class _Log:
    """The sync's rows in ``ops.sync_run``, as the runner on one machine writes them."""

    def __init__(
        self, warehouse: Warehouse, run_id: str, source: str, streams: Sequence[str]
    ) -> None:
        self._warehouse = warehouse
        self._log = RunLog(warehouse, run_id, source)
        self._streams = streams

    def start(self) -> None:
        with self._warehouse.connect(Role.LOADER) as connection:
            self._log.start(connection, self._streams)

    def finish(self, counts: Mapping[str, int], status: str, message: str | None) -> None:
        with self._warehouse.connect(Role.LOADER) as connection:
            self._log.finish(connection, dict(counts), status, message)
