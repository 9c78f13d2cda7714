"""What the copilot asks of an Airbyte server; answers are plain dictionaries."""

from airbyte_api import api, models

from connectors.airbyte.session import PAGE, Document, Session
from connectors.airbyte.transport import UnsureError
from warehouse.errors import CopilotError

ENDED = frozenset({"failed", "succeeded", "cancelled"})
_DISCOVERY_MS = 15 * 60 * 1000


class AirbyteClient:
    """One workspace of an Airbyte server.

    Parameters
    ----------
    session : Session
        Speaks with the server.
    workspace_id : str, optional
        The workspace that the settings name.
    """

    def __init__(self, session: Session, workspace_id: str | None = None) -> None:
        self._session = session
        self._api = session.api
        self._workspace_id = workspace_id

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    @property
    def workspace_id(self) -> str:
        """The workspace of the settings, or the only one there is.

        Raises
        ------
        CopilotError
            It does not exist, or there are several and the settings name none.
        """
        if self._workspace_id is None:
            self._workspace_id = self._only_workspace()
        return self._workspace_id

    def workspace_name(self) -> str:
        """Return the name of the workspace, from the server.

        Raises
        ------
        CopilotError
            The server has no workspace of that id.
        """
        request = api.GetWorkspaceRequest(workspace_id=self.workspace_id)
        found = self._session.one(
            f"show the workspace {self.workspace_id} (airbyte.workspace_id)",
            lambda: self._api.workspaces.get_workspace(request=request),
        )
        return str(found["name"])

    def _only_workspace(self) -> str:
        listed = self._session.ask(
            "list the workspaces",
            lambda: self._api.workspaces.list_workspaces(request=api.ListWorkspacesRequest()),
        )
        ids = [str(row["workspaceId"]) for row in listed["data"]]
        if len(ids) != 1:
            raise CopilotError(
                f"The Airbyte server shows {len(ids)} workspaces.",
                "Set airbyte.workspace_id; it stands in the address of Airbyte's pages.",
            )
        return ids[0]

    def sources(self) -> list[Document]:
        """Return all sources of the workspace; secrets come as asterisks."""
        return self._session.pages(
            "list the sources",
            lambda offset: self._api.sources.list_sources(
                request=api.ListSourcesRequest(
                    workspace_ids=[self.workspace_id], limit=PAGE, offset=offset
                )
            ),
        )

    def destinations(self) -> list[Document]:
        """Return all destinations of the workspace; secrets come as asterisks."""
        return self._session.pages(
            "list the destinations",
            lambda offset: self._api.destinations.list_destinations(
                request=api.ListDestinationsRequest(
                    workspace_ids=[self.workspace_id], limit=PAGE, offset=offset
                )
            ),
        )

    def connections(self) -> list[Document]:
        """Return all connections of the workspace."""
        return self._session.pages(
            "list the connections",
            lambda offset: self._api.connections.list_connections(
                request=api.ListConnectionsRequest(
                    workspace_ids=[self.workspace_id], limit=PAGE, offset=offset
                )
            ),
        )

    def create_source(self, name: str, configuration: Document) -> Document:
        """Make a source, once, whatever the network does."""
        request = models.SourceCreateRequest.model_construct(  # the union takes a wrong class
            name=name,
            workspace_id=self.workspace_id,
            configuration=configuration,  # type: ignore[arg-type]
        )
        return self._session.create(
            f"make the source '{name}'",
            lambda: self._api.sources.create_source(request=request),
            lambda: _named(self.sources(), name),
        )

    def update_source(self, source_id: str, name: str, configuration: Document) -> Document:
        """Replace a source's name and whole configuration."""
        request = models.SourcePutRequest.model_construct(
            name=name,
            configuration=configuration,  # type: ignore[arg-type]
        )
        return self._session.one(
            f"update the source '{name}'",
            lambda: self._api.sources.put_source(
                request=api.PutSourceRequest(source_id=source_id, source_put_request=request)
            ),
        )

    def create_destination(self, name: str, configuration: Document) -> Document:
        """Make a destination, once, whatever the network does."""
        request = models.DestinationCreateRequest.model_construct(
            name=name,
            workspace_id=self.workspace_id,
            configuration=configuration,  # type: ignore[arg-type]
        )
        return self._session.create(
            f"make the destination '{name}'",
            lambda: self._api.destinations.create_destination(request=request),
            lambda: _named(self.destinations(), name),
        )

    def update_destination(self, destination_id: str, name: str, body: Document) -> Document:
        """Replace a destination's name and whole configuration."""
        request = models.DestinationPutRequest.model_construct(
            name=name,
            configuration=body,  # type: ignore[arg-type]
        )
        return self._session.one(
            f"update the destination '{name}'",
            lambda: self._api.destinations.put_destination(
                request=api.PutDestinationRequest(
                    destination_id=destination_id, destination_put_request=request
                )
            ),
        )

    def streams(self, source_id: str, destination_id: str) -> list[Document]:
        """Return the streams that a source offers now; the server starts its connector for it.

        What the server remembers is passed over: a permission given later, or history switched on
        at the vendor, would not be in it. Its answer replaces what it remembers, by which it then
        judges the streams of a connection.
        """
        request = api.GetStreamPropertiesRequest(
            source_id=source_id, destination_id=destination_id, ignore_cache=True
        )
        listed: list[Document] = self._session.ask(
            "list the source's streams",
            lambda: self._api.streams.get_stream_properties(
                request=request, timeout_ms=_DISCOVERY_MS
            ),
        )
        return listed

    def create_connection(self, source_id: str, destination_id: str, body: Document) -> Document:
        """Make a connection, once, whatever the network does."""
        whole = {"sourceId": source_id, "destinationId": destination_id, **body}
        request = models.ConnectionCreateRequest.model_validate(whole)
        return self._session.create(
            f"make the connection '{body['name']}'",
            lambda: self._api.connections.create_connection(
                request=request, timeout_ms=_DISCOVERY_MS
            ),
            lambda: _named(
                [row for row in self.connections() if row["sourceId"] == source_id], body["name"]
            ),
        )

    def update_connection(self, connection_id: str, body: Document) -> Document:
        """Change what the body names of a connection."""
        request = models.ConnectionPatchRequest.model_validate(body)
        return self._session.one(
            f"update the connection {connection_id}",
            lambda: self._api.connections.patch_connection(
                request=api.PatchConnectionRequest(
                    connection_id=connection_id, connection_patch_request=request
                ),
                timeout_ms=_DISCOVERY_MS,
            ),
        )

    def jobs(self, connection_id: str) -> list[Document]:
        """Return the last jobs of a connection, the newest first."""
        request = api.ListJobsRequest(
            connection_id=connection_id,
            limit=PAGE,
            order_by="createdAt|DESC",  # without it the server begins with its oldest job
        )
        listed = self._session.one(
            "list its jobs", lambda: self._api.jobs.list_jobs(request=request)
        )
        return [dict(job) for job in listed["data"]]

    def unfinished_job(self, connection_id: str) -> Document | None:
        """Return the newest job of a connection that has not ended, if any."""
        return next((job for job in self.jobs(connection_id) if job["status"] not in ENDED), None)

    def start_sync(self, connection_id: str) -> Document:
        """Start a sync; 409 if one is under way."""
        request = models.JobCreateRequest(
            connection_id=connection_id, job_type=models.JobTypeEnum.SYNC
        )
        return self._session.create(
            "start a sync",
            lambda: self._api.jobs.create_job(request=request),
            lambda: self.unfinished_job(connection_id),
        )

    def job(self, job_id: int) -> Document:
        """Return a job as it stands."""
        request = api.GetJobRequest(job_id=job_id)
        return self._session.one(
            f"show job {job_id}", lambda: self._api.jobs.get_job(request=request)
        )

    def cancel(self, job_id: int) -> Document:
        """Cancel a job; 409 if it has ended."""
        request = api.CancelJobRequest(job_id=job_id)
        return self._session.one(
            f"cancel job {job_id}", lambda: self._api.jobs.cancel_job(request=request)
        )

    def start_refresh(self, connection_id: str) -> Document:
        """Read everything anew and replace the rows when all is there.

        The public API knows no such job, so this is one of the two requests to the configuration
        API of a server of one's own.

        Raises
        ------
        CopilotError
            The server has no configuration API.
        """
        body = {"connectionId": connection_id, "refreshMode": "Truncate"}
        try:
            answer = self._session.configuration("connections/refresh", body)
        except UnsureError:
            running = self.unfinished_job(connection_id)
            if running is None:
                raise
            return running
        if answer is None:
            raise CopilotError(
                "This Airbyte server's API cannot read a source anew.",
                "Start 'Refresh data' on the connection's page; without --full-refresh, the run"
                " then follows it.",
            )
        return self.job(int(answer["job"]["id"]))

    def failures(self, job_id: int) -> list[str]:
        """Return why a job's attempts failed, the latest last; nothing if the server won't say."""
        found = [
            failure.get("externalMessage") or failure.get("internalMessage")
            for attempt in self._attempts(job_id)
            for failure in _failures_of(attempt)
        ]
        return list(dict.fromkeys(str(text) for text in found if text))

    def last_failures(self, job_id: int) -> list[Document]:
        """Return the failures of a job's last attempt as the server keeps them."""
        attempts = self._attempts(job_id)
        return _failures_of(attempts[-1]) if attempts else []

    def stream_states(self, job_id: int) -> dict[str, str]:
        """Return how far each stream came in a job's last attempt; empty if it won't say."""
        body = {
            "workspaceId": self.workspace_id,
            "jobId": job_id,
            "attemptNumber": self.attempts(job_id) - 1,
            "pagination": {"pageSize": PAGE, "rowOffset": 0},
        }
        try:
            answer = self._session.configuration("stream_statuses/list", body)
        except CopilotError:
            return {}
        listed = (answer or {}).get("streamStatuses", [])
        return {str(one["streamName"]): str(one["runState"]).upper() for one in listed}

    def attempts(self, job_id: int) -> int:
        """Return how many attempts a job took; 0 if the server won't say."""
        return len(self._attempts(job_id))

    def _attempts(self, job_id: int) -> list[Document]:
        try:
            answer = self._session.configuration("jobs/get_without_logs", {"id": job_id})
        except CopilotError:
            return []  # only details are missing; the job's end is known anyway
        listed = (answer or {}).get("attempts", [])
        return [dict(entry.get("attempt") or entry) for entry in listed]


def _failures_of(attempt: Document) -> list[Document]:
    return list((attempt.get("failureSummary") or {}).get("failures", []))


def _named(rows: list[Document], name: str) -> Document | None:
    return next((row for row in rows if row["name"] == name), None)
