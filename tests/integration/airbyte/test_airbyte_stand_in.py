"""The stand-in answers as a server does, in the eyes of airbyte-api and of dagster-airbyte."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from airbyte_api import AirbyteAPI, api, errors, models
from dagster_airbyte import AirbyteWorkspace, build_airbyte_assets_definitions

from connectors.sandbox.airbyte.api import PUBLIC, AirbyteServer
from connectors.sandbox.airbyte.app import open_server
from connectors.sandbox.airbyte.jobs import STATUSES
from tests.integration.airbyte.conftest import StandIn, walk
from warehouse.database import Warehouse

pytestmark = pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview)")


@pytest.fixture
def sdk(stand_in: StandIn) -> AirbyteAPI:
    """Return the vendor's client, with nothing of the copilot's around it."""
    base = stand_in.server.base_url + PUBLIC
    return AirbyteAPI(
        server_url=base,
        security=models.Security(
            client_credentials=models.SchemeClientCredentials(
                client_id=stand_in.server.client_id,
                client_secret=stand_in.server.client_secret,
                token_url=f"{base}/applications/token",
            )
        ),
    )


def _connections(sdk: AirbyteAPI) -> list[models.ConnectionResponse]:
    response = sdk.connections.list_connections(request=api.ListConnectionsRequest())
    assert response.connections_response is not None
    return response.connections_response.data


def test_airbyte_api_reads_workspaces_destinations_and_connections(
    sdk: AirbyteAPI, stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    workspaces = sdk.workspaces.list_workspaces(request=api.ListWorkspacesRequest())
    assert workspaces.workspaces_response is not None
    assert [row.workspace_id for row in workspaces.workspaces_response.data] == [
        stand_in.server.workspace_id
    ]
    # A server leaves the type out of the configuration, and airbyte-api cannot do without it.
    with pytest.raises(errors.ResponseValidationError) as caught:
        sdk.destinations.list_destinations(request=api.ListDestinationsRequest())
    rows = caught.value.raw_response.json()["data"]
    assert [row["destinationType"] for row in rows] == ["postgres"]
    assert rows[0]["configuration"]["password"] == "**********"
    found = _connections(sdk)
    assert {row.namespace_format for row in found} == {
        warehouse.schema("raw_stripe"),
        warehouse.schema("raw_zendesk"),
    }
    assert {row.schedule.schedule_type for row in found} == {
        models.ScheduleTypeWithBasicEnum.MANUAL
    }


def test_airbyte_api_is_told_remembered_streams_until_it_asks_past_them(
    sdk: AirbyteAPI, stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    source = next(row for row in stand_in.rows("source") if row["sourceType"] == "stripe")

    def names(*, ignore_cache: bool | None = None) -> list[str]:
        request = api.GetStreamPropertiesRequest(
            source_id=source["sourceId"], ignore_cache=ignore_cache
        )
        answer = sdk.streams.get_stream_properties(request=request)
        assert answer.stream_properties_response is not None
        return [str(stream.stream_name) for stream in answer.stream_properties_response]

    before = names()
    stand_in.admin("PUT", "source_types/stripe", {"streams": [{"name": "disputes"}]})
    assert names() == names(ignore_cache=False) == before
    assert names(ignore_cache=True) == names() == ["disputes"]
    stand_in.offer("stripe")
    body = {"configuration": {"start_date": "2025-01-01T00:00:00Z"}}
    stand_in.api("PATCH", f"sources/{source['sourceId']}", body)
    assert names() == before


def test_airbyte_api_sees_every_status_of_a_job(
    sdk: AirbyteAPI, stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    connection_id = _connections(sdk)[0].connection_id
    for status in STATUSES:
        stand_in.script(status)
        made = sdk.jobs.create_job(
            request=models.JobCreateRequest(
                connection_id=connection_id, job_type=models.JobTypeEnum.SYNC
            )
        )
        assert made.job_response is not None
        assert made.job_response.status == status
        job_id = made.job_response.job_id
        if status not in ("failed", "succeeded", "cancelled"):
            sdk.jobs.cancel_job(request=api.CancelJobRequest(job_id=job_id))
        seen = sdk.jobs.get_job(request=api.GetJobRequest(job_id=job_id)).job_response
        assert seen is not None
        assert seen.status in ("failed", "succeeded", "cancelled")
    listed = sdk.jobs.list_jobs(request=api.ListJobsRequest(connection_id=connection_id, limit=3))
    assert listed.jobs_response is not None
    assert [job.job_id for job in listed.jobs_response.data] == [1, 2, 3]
    assert listed.jobs_response.next


def test_a_second_job_of_a_connection_is_refused(
    sdk: AirbyteAPI, stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    request = models.JobCreateRequest(
        connection_id=_connections(sdk)[0].connection_id, job_type=models.JobTypeEnum.SYNC
    )
    sdk.jobs.create_job(request=request)
    with pytest.raises(errors.SDKError) as caught:
        sdk.jobs.create_job(request=request)
    assert caught.value.status_code == 409


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "no_such_stream"}, "Invalid stream found"),
        ({"syncMode": "incremental_soft_delete"}, "Cannot set sync mode"),
        ({"cursorField": ["created"]}, "already defined by source"),
        ({"primaryKey": [["created"]]}, "already pre-defined"),
    ],
)
def test_a_choice_that_a_server_would_refuse_is_refused(
    sdk: AirbyteAPI,
    stand_in: StandIn,
    warehouse: Warehouse,
    change: dict[str, Any],
    words: str,
) -> None:
    walk(stand_in, warehouse, applies=True)
    connection = next(row for row in _connections(sdk) if "stripe" in row.name)
    stream = {"name": "invoices", "syncMode": "incremental_deduped_history", **change}
    body = models.ConnectionPatchRequest.model_validate({"configurations": {"streams": [stream]}})
    with pytest.raises(errors.SDKError, match=words):
        sdk.connections.patch_connection(
            request=api.PatchConnectionRequest(
                connection_id=connection.connection_id, connection_patch_request=body
            )
        )


def test_a_request_without_a_token_is_refused(stand_in: StandIn) -> None:
    answer = stand_in.http.get(f"{stand_in.server.base_url}{PUBLIC}/sources", timeout=10)
    assert answer.status_code == 401
    assert answer.json()["title"] == "unauthorized"


def test_the_state_outlives_the_process(tmp_path: Path) -> None:
    first = open_server(tmp_path / "state.sqlite")
    workspace, secret = first.workspace_id, first.client_secret
    first.store.close()
    second: AirbyteServer = open_server(tmp_path / "state.sqlite")
    assert (second.workspace_id, second.client_secret) == (workspace, secret)
    second.store.close()
    assert (tmp_path / "state.sqlite").stat().st_mode & 0o077 == 0


def _workspace(stand_in: StandIn) -> AirbyteWorkspace:
    return AirbyteWorkspace(
        rest_api_base_url=stand_in.server.base_url + PUBLIC,
        configuration_api_base_url=f"{stand_in.server.base_url}/api/v1",
        workspace_id=stand_in.server.workspace_id,
        client_id=stand_in.server.client_id,
        client_secret=stand_in.server.client_secret,
        poll_interval=0.05,
    )


def test_dagster_airbyte_builds_assets_of_it_and_syncs_them(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    stand_in.offer("stripe", records={"invoices": [{"id": "in_1"}]})
    walk(stand_in, warehouse, applies=True)
    workspace = _workspace(stand_in)
    built = build_airbyte_assets_definitions(workspace=workspace)
    keys = {key.path[-1] for definition in built for key in definition.keys}
    assert {"invoices", "tickets"} <= keys
    stripe = next(one for one in built if dg.AssetKey("invoices") in one.keys)
    result = dg.materialize([stripe], resources={"airbyte": workspace})
    assert result.success
    raw = warehouse.schema("raw_stripe")
    with warehouse.connect() as connection:
        row = connection.execute(f'select count(*) from "{raw}".invoices'.encode()).fetchone()
    assert row == (1,)


def test_dagster_airbyte_sees_a_failed_job_as_a_failure(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    connection_id = stand_in.rows("connection")[0]["connectionId"]
    client = _workspace(stand_in).get_client()
    stand_in.script("pending", "running", "incomplete", "failed")
    with pytest.raises(dg.Failure, match="Job failed: 1"):
        client.sync_and_poll(connection_id)
