"""Setting a server up over a bad network, with wrong credentials, at a wrong address."""

from typing import Any

import pytest

from tests.integration.airbyte.conftest import (
    StandIn,
    walk,
)
from warehouse.database import Warehouse
from warehouse.errors import CopilotError, TransientError

CUT = {"kind": "drop_after"}


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/sources$", {"status": 429, "retry_after": 0}),
        ("/sources$", {"status": 503}),
        ("/sources$", {"kind": "drop_before"}),
        ("/sources$", CUT),
        ("/destinations$", CUT),
        ("/connections$", CUT),
        ("/token$", CUT),
    ],
)
def test_what_is_made_is_made_once_whatever_the_network_does(
    stand_in: StandIn, warehouse: Warehouse, path: str, fault: dict[str, Any]
) -> None:
    stand_in.fault(path, method="POST", **fault)
    walk(stand_in, warehouse, applies=True)
    assert stand_in.admin("GET", "requests")
    for kind, count in (("source", 2), ("destination", 1), ("connection", 2)):
        assert len(stand_in.rows(kind)) == count
    assert walk(stand_in, warehouse, applies=False).is_done


def test_an_expired_token_is_fetched_anew(stand_in: StandIn, warehouse: Warehouse) -> None:
    walk(stand_in, warehouse, applies=True)
    stand_in.admin("DELETE", "tokens")
    assert walk(stand_in, warehouse, applies=False).is_done


def test_a_server_that_stays_down_is_a_passing_failure(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    stand_in.fault("/sources$", status=503, times=99)
    with pytest.raises(TransientError, match="answers with status 503"):
        walk(stand_in, warehouse, applies=True)


def test_wrong_credentials_are_said_to_be_wrong(stand_in: StandIn, warehouse: Warehouse) -> None:
    stand_in.credentials["AIRBYTE_CLIENT_SECRET"] = "wrong"
    with pytest.raises(CopilotError, match="does not accept AIRBYTE_CLIENT_ID") as caught:
        walk(stand_in, warehouse, applies=True)
    assert "wrong" not in str(caught.value)


def test_missing_credentials_are_named(stand_in: StandIn, warehouse: Warehouse) -> None:
    del stand_in.credentials["AIRBYTE_CLIENT_SECRET"]
    with pytest.raises(CopilotError, match="AIRBYTE_CLIENT_SECRET not set"):
        walk(stand_in, warehouse, applies=True)


def test_an_address_that_is_not_airbytes_is_said_to_be_none(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    airbyte = stand_in.settings.airbyte.model_copy(
        update={"url": f"{stand_in.server.base_url}/elsewhere"}
    )
    stand_in.settings = stand_in.settings.model_copy(update={"airbyte": airbyte})
    with pytest.raises(CopilotError, match="gives no access token") as caught:
        walk(stand_in, warehouse, applies=True)
    assert "airbyte.url" in caught.value.hint


def test_lists_longer_than_a_page_are_read_to_their_end(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    for number in range(130):
        body = {
            "name": f"theirs {number}",
            "workspaceId": stand_in.server.workspace_id,
            "configuration": {"sourceType": "stripe"},
        }
        stand_in.api("POST", "sources", body)
    walk(stand_in, warehouse, applies=True)
    assert walk(stand_in, warehouse, applies=False).is_done
    assert len(stand_in.rows("source")) == 132
