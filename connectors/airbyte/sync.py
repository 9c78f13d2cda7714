"""One source's rows, brought into its raw schema by the Airbyte server."""

from collections.abc import Callable, Mapping, Sequence

from psycopg import sql

from connectors.airbyte.client import AirbyteClient
from connectors.airbyte.jobs import JobFollower, Pace
from connectors.airbyte.ledger import Ledger
from connectors.airbyte.reconcile import own_resource, resource_name
from connectors.airbyte.session import Document
from connectors.runner.state import RunLog
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


def sync_on_server(
    client: AirbyteClient,
    warehouse: Warehouse,
    settings: Settings,
    source: str,
    streams: Sequence[str],
    *,
    run_id: str,
    say: Callable[[str], None],
    refresh: bool = False,
    pace: Pace | None = None,
) -> Mapping[str, int]:
    """Let the server read a source, and return the rows that came, by stream.

    Parameters
    ----------
    streams : sequence of str
        The tables that have to be there afterwards.
    refresh : bool
        Read everything anew.

    Raises
    ------
    CopilotError
        There is no connection for the source, its job failed, or it wrote somewhere else.
    """
    connection = _own_connection(client, warehouse, settings, source)
    pace = pace or Pace(limit_seconds=settings.airbyte.sync_limit_minutes * 60.0)
    follower = JobFollower(client, source, pace, lambda line: say(f"sync {source}: {line}"))
    log = _Log(warehouse, run_id, source, streams)
    log.start()
    try:
        job = follower.run(str(connection["connectionId"]), refresh=refresh)
        counts = _rows_of(warehouse, source, streams, str(job["startTime"]))
    except CopilotError as error:
        log.finish(dict.fromkeys(streams, 0), "failed", error.what)
        raise
    log.finish(counts, "succeeded", None)
    return counts


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


def _rows_of(
    warehouse: Warehouse, source: str, streams: Sequence[str], since: str
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
