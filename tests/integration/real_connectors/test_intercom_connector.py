"""Intercom's unmodified connector against its stand-in: pages, limits, failures, changes."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.sandbox.intercom.app import build
from connectors.sandbox.intercom.workspace import Workspace
from connectors.sources.intercom import SOURCE
from connectors.sources.source import VendorSource
from tests.integration.real_connectors.reading import Connector, Story, keyed, nul_removed, remains
from tests.integration.standins import Standin, running
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

COUNT = 12
PARTS_BEFORE = 6  # conversations whose parts are read before the failure
HOUR = 3600
EXACT = 2**53 + 1
BEGIN = int(time.time()) // 86_400 * 86_400 - 30 * 86_400
ODD: dict[str, Any] = {
    "id": "odd0",
    "created_at": BEGIN,
    "external_id": "00123",
    "name": "Zoë \U0001f9d1\u200d\U0001f680 \\ \t nul[\x00]",
    "phone": "",
    "email": None,
    "custom_attributes": {"code": "007", "big": EXACT, "part": 0.1, "none": None, "no": False},
}
STREAMS = tuple(stream.name for stream in SOURCE.streams)


def _fill(standin: Standin) -> None:
    standin.seed("admins", {"id": "77", "name": "Ann", "email": "ann@us.example"})
    standin.seed("contacts", ODD)
    for n in range(COUNT):
        at = {"created_at": BEGIN + n * HOUR, "updated_at": BEGIN + (COUNT + n) * HOUR}
        standin.seed("companies", {"id": f"co{n:02}", "company_id": f"00{n}", **at})
        person = {"id": f"ct{n:02}", "companies": [f"co{n:02}"]}
        standin.seed("contacts", {**person, "created_at": BEGIN + n * 24 * HOUR})
        # The first part of each is older than all changes: a connector that looks only at the
        # time of the last part it has seen would pass it over.
        parts = [
            {"id": f"{n}1", "body": "<p>1</p>", "created_at": at["created_at"]},
            {"id": f"{n}2", "body": "<p>2</p>", "created_at": at["updated_at"]},
        ]
        standin.seed("conversations", {"id": f"{200 + n}", "conversation_parts": parts, **at})


@pytest.fixture(scope="module")
def story(
    warehouse: Warehouse, settings: Settings, connector: Callable[[VendorSource], list[str]]
) -> Iterator[Story]:
    command = connector(SOURCE)
    workspace = Workspace()
    token = workspace.credentials["access_token"]
    with running(build(workspace)) as standin:
        standin.http.headers["Authorization"] = f"Bearer {token}"
        standin.admin("POST", "settings", {"page_size": 5})
        _fill(standin)
        config = SOURCE.configure(settings, {"INTERCOM_ACCESS_TOKEN": token})
        intercom = Connector("intercom", command, config, {Workspace.hosts: standin.url})
        told = Story()
        _first(standin, intercom, warehouse, told)
        _second(standin, intercom, warehouse, told)
        _third(standin, intercom, warehouse, told)
        yield told


def _first(standin: Standin, intercom: Connector, warehouse: Warehouse, told: Story) -> None:
    """Refuse the second page of conversations and the seventh's parts; contacts come to the end."""
    standin.fault("contacts/search", status=429, retry_after=1, skip=1)
    standin.fault("conversations/search", status=401, skip=1)
    standin.fault(f"conversations/{200 + PARTS_BEFORE}", status=401)
    with pytest.raises(CopilotError) as failure:
        intercom.sync(warehouse, SOURCE.streams)
    told.failure = str(failure.value)
    told.kept = remains(warehouse, "intercom", STREAMS)
    assert standin.faults_left() == []


def _second(standin: Standin, intercom: Connector, warehouse: Warehouse, told: Story) -> None:
    standin.forget()
    standin.fault("conversations/search", status=500, skip=1)
    standin.fault("conversations/209", kind="drop_before")
    standin.fault("companies/scroll", kind="drop_before", skip=1)
    standin.fault("admins", status=503)
    told.second = intercom.sync(warehouse, SOURCE.streams)
    assert standin.faults_left() == []
    for name in STREAMS:
        told.rows[name] = keyed(warehouse, "intercom", name, "id")
    columns = "id, external_id, name, phone, email, custom_attributes, _airbyte_meta"
    told.rows["odd"] = keyed(warehouse, "intercom", "contacts", columns)


def _third(standin: Standin, intercom: Connector, warehouse: Warehouse, told: Story) -> None:
    standin.forget()
    standin.call("PUT", "/companies/co03", json={"name": "Neu", "custom_attributes": {"a": 1}})
    standin.call("DELETE", "/companies/co04")
    standin.call("PUT", "/contacts/ct05", json={"name": "Zoë"})
    standin.call("DELETE", "/contacts/ct06")
    close = {"message_type": "close", "type": "admin", "admin_id": "77"}
    standin.call("POST", "/conversations/207/parts", json=close)
    again = {"message_type": "comment", "type": "user", "intercom_user_id": "ct07", "body": "No"}
    standin.call("POST", "/conversations/207/reply", json=again)
    standin.call("POST", "/conversations/208/parts", json=close)
    standin.call("DELETE", "/conversations/209")
    told.third = intercom.sync(warehouse, SOURCE.streams)
    told.calls = standin.admin("GET", "requests")
    for name, columns in (
        ("companies", "id, name, custom_attributes"),
        ("contacts", "id, name, companies"),
        ("conversations", "id, state, open"),
        ("conversation_parts", "id, conversation_id, part_type"),
    ):
        told.rows[f"{name} later"] = keyed(warehouse, "intercom", name, columns)


def test_a_call_that_is_refused_in_the_middle_fails_the_sync_by_name(story: Story) -> None:
    assert "intercom" in story.failure
    assert "Unauthorized" in story.failure


def test_a_failed_sync_keeps_the_contacts_that_ended_and_the_parts_it_came_to(
    story: Story,
) -> None:
    """What was read whole is in place; no state tells of half a search for conversations."""
    assert story.kept.rows == {
        "admins": 1,
        "companies": COUNT,
        "contacts": COUNT + 1,
        "conversations": 0,
        "conversation_parts": 2 * PARTS_BEFORE,
    }
    assert set(story.kept.states) == set(STREAMS) - {"conversations"}


def test_the_next_sync_goes_on_where_the_failed_one_stood(story: Story) -> None:
    read = story.read("second")
    # What stands at the stored time, or day, is read once more.
    assert (read["contacts"], read["conversations"]) == (1, COUNT)
    assert read["conversation_parts"] == 2 * (COUNT - PARTS_BEFORE + 1)


def test_what_a_failed_sync_left_unread_is_read_by_the_next(story: Story) -> None:
    counts = {name: len(story.rows[name]) for name in STREAMS}
    assert counts == {
        "admins": 1,
        "companies": COUNT,
        "contacts": COUNT + 1,
        "conversations": COUNT,
        "conversation_parts": 2 * COUNT,
    }


def test_values_arrive_to_the_last_digit(story: Story) -> None:
    external_id, name, phone, email, attributes, meta = story.rows["odd"]["odd0"]
    assert (external_id, phone, email) == ("00123", "", None)
    assert name == ODD["name"].replace("\x00", "")
    assert attributes == ODD["custom_attributes"]
    assert attributes["big"] == EXACT
    assert meta["changes"] == nul_removed("name")


def test_the_next_sync_reads_only_the_people_and_conversations_that_changed(story: Story) -> None:
    read = story.read("third")
    # What stands at the stored time, or day, is read once more; who leaves a company has changed.
    assert (read["contacts"], read["conversations"]) == (3, 3)
    retrieved = [call for call in story.calls if call.startswith("GET /conversations/2")]
    assert len(retrieved) == 3


def test_updates_replace_and_new_parts_come_in(story: Story) -> None:
    assert story.rows["companies later"]["co03"] == ("Neu", {"a": 1})
    assert story.rows["contacts later"]["ct05"][0] == "Zoë"
    conversations = story.rows["conversations later"]
    assert conversations["207"] == ("open", True)
    assert conversations["208"] == ("closed", False)
    parts = story.rows["conversation_parts later"].values()
    assert [kind for key, kind in parts if key == "208"].count("close") == 1
    kinds = sorted(kind for key, kind in parts if key == "207")
    assert kinds == ["close", "comment", "comment", "comment"]


def test_a_deleted_company_is_gone_and_its_people_are_in_none(story: Story) -> None:
    assert "co04" not in story.rows["companies later"]
    assert len(story.rows["companies later"]) == COUNT - 1
    assert story.rows["contacts later"]["ct04"][1]["data"] == []


def test_deleted_people_and_conversations_stay_as_they_were_last_seen(story: Story) -> None:
    """Intercom's lists do not tell that they are gone, and everything is not read each time."""
    assert "ct06" in story.rows["contacts later"]
    assert "209" in story.rows["conversations later"]
