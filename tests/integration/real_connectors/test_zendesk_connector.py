"""Zendesk's unmodified connector against its stand-in: pages, limits, failures, changes."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.runner import ConfiguredStream, SyncResult
from connectors.sandbox.zendesk.app import build
from connectors.sandbox.zendesk.desk import Desk
from connectors.sources.source import VendorSource
from connectors.sources.zendesk import SOURCE
from tests.integration.real_connectors.reading import Connector, Story, keyed, nul_removed, remains
from tests.integration.standins import Standin, running
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

COUNT = 12
EXACT = 2**53 + 1
ODD: dict[str, Any] = {
    "id": EXACT,
    "name": "Zoë \U0001f9d1\u200d\U0001f680 \\ \t nul[\x00]",
    "created_at": "2026-01-05T10:00:00+02:00",
    "updated_at": "2026-01-05T10:00:00Z",
    "external_id": "00123",
    "details": "",
    "notes": None,
    "domain_names": ["bücher.example", ""],
    "organization_fields": {"code": "007", "big": EXACT, "part": 0.1, "none": None, "no": False},
}
STREAMS = (
    "organizations",
    "users",
    "tickets",
    "ticket_metrics",
    "ticket_audits",
    "satisfaction_ratings",
    "ticket_metric_events",
)
BROKEN_OFF = ("organizations", "tickets", "ticket_metrics", "ticket_audits")
PAGE = 5


def _hour(number: int) -> str:
    return f"2026-01-0{1 + number // 24}T{number % 24:02}:30:00Z"


def _fill(standin: Standin) -> None:
    numbers = range(COUNT)
    org = [{"id": 100 + n, "name": f"Org {n}", "created_at": _hour(n)} for n in numbers]
    standin.seed("organizations", *org, ODD)
    for n in numbers:
        told = {"organization_id": 100 + n, "created_at": _hour(n)}
        standin.seed("users", {"id": 500 + n, "name": f"User {n}", **told})
        standin.seed("tickets", {"id": 1000 + n, "requester_id": 500 + n, **told})
        event = {"id": 1, "type": "Create", "field_name": "status", "value": "new"}
        about = {"ticket_id": 1000 + n, "created_at": _hour(n)}
        standin.seed("ticket_audits", {"id": 2000 + n, "events": [event], **about})
        standin.seed("satisfaction_ratings", {"id": 3000 + n, "score": "offered", **about})
        standin.seed("ticket_metric_events", {"id": 4000 + n, "time": _hour(n)} | about)


@pytest.fixture(scope="module")
def story(warehouse: Warehouse, connector: Callable[[VendorSource], list[str]]) -> Iterator[Story]:
    command = connector(SOURCE)
    desk = Desk()
    with running(build(desk)) as standin:
        standin.http.auth = (f"{desk.credentials['email']}/token", desk.credentials["api_token"])
        sizes = {"page_size": PAGE, "export_page_size": PAGE}
        rates = {"exports_per_minute": 1000, "requests_per_minute": 10_000}
        standin.admin("POST", "settings", sizes | rates)
        standin.admin("POST", "clock", {"advance": -3600})
        _fill(standin)
        settings = Settings(sources=["zendesk"], zendesk={"subdomain": "standin"})
        secrets = {
            "ZENDESK_EMAIL": desk.credentials["email"],
            "ZENDESK_API_TOKEN": desk.credentials["api_token"],
        }
        config = SOURCE.configure(settings, secrets)
        zendesk = Connector("zendesk", command, config, {Desk.hosts: standin.url})
        told = Story()
        _first(standin, zendesk, warehouse, told)
        _second(standin, zendesk, warehouse, told)
        _third(standin, zendesk, warehouse, told)
        yield told


def _sync(zendesk: Connector, warehouse: Warehouse) -> SyncResult:
    return zendesk.sync(warehouse, [ConfiguredStream(name) for name in STREAMS])


def _first(standin: Standin, zendesk: Connector, warehouse: Warehouse, told: Story) -> None:
    """Refuse the second page of the streams that break off; let the others come to their end."""
    for way in ("organizations", "tickets/", "ticket_metrics", "audits"):
        standin.fault(way, status=401, skip=1)
    standin.fault("incremental/users", status=500, skip=1)
    standin.fault("satisfaction_ratings", kind="drop_after", skip=1)
    with pytest.raises(CopilotError) as failure:
        _sync(zendesk, warehouse)
    told.failure = str(failure.value)
    told.kept = remains(warehouse, "zendesk", STREAMS)
    assert standin.faults_left() == []


def _second(standin: Standin, zendesk: Connector, warehouse: Warehouse, told: Story) -> None:
    standin.forget()
    standin.fault("incremental/tickets", status=429, retry_after=1, skip=1)
    standin.fault("incremental/organizations", kind="drop_before", skip=1)
    standin.fault("ticket_audits", status=503, retry_after=1, skip=1)
    told.second = _sync(zendesk, warehouse)
    assert standin.faults_left() == []
    for name in STREAMS:
        told.rows[name] = keyed(warehouse, "zendesk", name, "id")
    columns = (
        "id, name, created_at, updated_at, external_id, details, notes, domain_names,"
        " organization_fields, _airbyte_meta"
    )
    told.rows["odd"] = keyed(warehouse, "zendesk", "organizations", columns)


def _third(standin: Standin, zendesk: Connector, warehouse: Warehouse, told: Story) -> None:
    standin.forget()
    for change in ({"status": "solved"}, {"status": "open", "priority": "urgent"}):
        standin.call("PUT", "/api/v2/tickets/1003.json", json={"ticket": change})
    standin.call("DELETE", "/api/v2/tickets/1004.json")
    standin.call("PUT", "/api/v2/users/505.json", json={"user": {"name": "Neu", "notes": ""}})
    standin.call("DELETE", "/api/v2/users/506.json")
    standin.call("PUT", "/api/v2/organizations/107.json", json={"organization": {"name": "Neu"}})
    standin.call("DELETE", "/api/v2/organizations/108.json")
    standin.seed("satisfaction_ratings", {"id": 3100, "ticket_id": 1003, "score": "bad"})
    standin.admin("POST", "clock", {"advance": 600})
    told.third = _sync(zendesk, warehouse)
    told.calls = standin.admin("GET", "requests")
    for name, columns in (
        ("tickets", "id, status, priority, organization_id"),
        ("users", "id, name, active, organization_id, notes"),
        ("organizations", "id, name, deleted_at is not null"),
        ("ticket_metrics", "ticket_id, reopens, solved_at"),
        ("satisfaction_ratings", "id, score"),
        ("ticket_audits", "id, ticket_id, events"),
    ):
        told.rows[f"{name} later"] = keyed(warehouse, "zendesk", name, columns)


def test_a_call_that_is_refused_in_the_middle_fails_the_sync_by_name(story: Story) -> None:
    assert "zendesk" in story.failure
    assert "Unauthorized" in story.failure


def test_a_failed_sync_keeps_the_streams_that_ended_and_the_pages_of_the_others(
    story: Story,
) -> None:
    assert story.kept.rows == {**dict.fromkeys(STREAMS, COUNT), **dict.fromkeys(BROKEN_OFF, PAGE)}
    assert set(story.kept.states) == set(STREAMS)


def test_the_next_sync_goes_on_after_the_streams_that_ended_and_begins_the_others_anew(
    story: Story,
) -> None:
    """Each of the connector's streams is one slice, whose state moves only at its end."""
    read = story.read("second")
    assert {read[name] for name in STREAMS if name not in BROKEN_OFF} == {1}
    assert all(read[name] >= COUNT for name in BROKEN_OFF)


def test_what_a_failed_sync_left_unread_is_read_by_the_next(story: Story) -> None:
    counts = {name: len(story.rows[name]) for name in STREAMS}
    assert counts == {**dict.fromkeys(STREAMS, COUNT), "organizations": COUNT + 1}
    assert sorted(story.rows["tickets"]) == list(range(1000, 1000 + COUNT))


def test_values_arrive_to_the_last_digit(story: Story) -> None:
    name, created, updated, external, details, notes, domains, fields, meta = story.rows["odd"][
        EXACT
    ]
    assert name == ODD["name"].replace("\x00", "")
    assert created == dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
    assert updated == dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
    assert (external, details, notes) == ("00123", "", None)
    assert domains == ODD["domain_names"]
    assert fields == ODD["organization_fields"]
    assert fields["big"] == EXACT
    assert meta["changes"] == nul_removed("name")


def test_the_next_sync_reads_only_what_changed(story: Story) -> None:
    read = story.read("third")
    # What stands at the stored time is read once more: one row of each stream. A deleted
    # organization takes its user and its ticket along; whoever deletes a ticket is a user too.
    expected = {"organizations": 3, "users": 5, "tickets": 4, "ticket_audits": 3}
    assert {name: read[name] for name in expected} == expected
    assert read["satisfaction_ratings"] == 2
    assert story.calls["GET /api/v2/incremental/tickets/cursor.json"] <= 2


def test_updates_replace_and_leave_their_history(story: Story) -> None:
    tickets = story.rows["tickets later"]
    assert tickets[1003] == ("open", "urgent", 103)
    assert len(tickets) == COUNT
    assert story.rows["ticket_metrics later"][1003] == (1, None)
    assert story.rows["users later"][505] == ("Neu", True, 105, "")
    assert story.rows["organizations later"][107] == ("Neu", False)
    assert story.rows["satisfaction_ratings later"][3100] == ("bad",)
    changes = [
        (event["field_name"], event.get("previous_value"), event["value"])
        for ticket_id, events in story.rows["ticket_audits later"].values()
        if ticket_id == 1003
        for event in events
    ]
    assert sorted(changes, key=str) == [
        ("priority", None, "urgent"),
        ("status", "new", "solved"),
        ("status", "solved", "open"),
        ("status", None, "new"),
    ]


def test_deleted_records_stay_and_are_marked(story: Story) -> None:
    assert story.rows["tickets later"][1004][0] == "deleted"
    assert story.rows["users later"][506][1] is False
    assert story.rows["organizations later"][108] == ("Org 8", True)
    assert story.rows["tickets later"][1008][2] is None
    assert story.rows["users later"][508][2] is None
