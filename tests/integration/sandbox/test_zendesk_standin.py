"""Zendesk's stand-in behaves as Zendesk's documentation says, seen through zenpy and plain HTTP."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.sandbox.zendesk.app import build
from connectors.sandbox.zendesk.desk import Desk, seconds
from tests.integration.standins import Standin, running

COUNT = 12


def _hour(number: int) -> str:
    return f"2026-01-0{1 + number // 24}T{number % 24:02}:00:00Z"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def standin(desk: Desk) -> Iterator[Standin]:
    with running(build(desk)) as served:
        served.http.auth = (f"{desk.credentials['email']}/token", desk.credentials["api_token"])
        limits = {"exports_per_minute": 1000, "page_size": 5, "export_page_size": 5}
        served.admin("POST", "settings", limits)
        for name, first in (("organizations", 100), ("users", 500), ("tickets", 1000)):
            records = [
                {"id": first + n, "name": f"{name} {n}", "created_at": _hour(n)}
                for n in range(COUNT)
            ]
            served.seed(name, *records)
        for n in range(7):
            told = {"ticket_id": 1000 + n, "created_at": _hour(n)}
            served.seed("satisfaction_ratings", {"id": 10 + n, "score": "good", **told})
            served.seed("ticket_audits", {"id": 20 + n, **told})
            event = {"id": 30 + n, "ticket_id": 1000 + n, "time": _hour(n)}
            served.seed("ticket_metric_events", event)
        yield served


def _follow(standin: Standin, path: str, name: str, following: Callable[[Any], str | None]) -> Any:
    """Return the ids of each page of a list."""
    pages = []
    address: str | None = path
    while address:
        page = standin.call("GET", address)
        pages.append([row["id"] for row in page[name]])
        found = following(page)
        address = found.removeprefix(standin.url) if found else None
    return pages


@pytest.fixture
def zenpy(
    standin: Standin, desk: Desk, client_session: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    return client_session(
        "zenpy==2.0.57",
        "zenpy_session.py",
        ZENDESK_EMAIL=desk.credentials["email"],
        ZENDESK_TOKEN=desk.credentials["api_token"],
        ZENPY_FORCE_SCHEME="http",
        ZENPY_FORCE_NETLOC=standin.url.removeprefix("http://"),
    )


def test_zenpy_reads_and_changes_everything(zenpy: dict[str, Any], desk: Desk) -> None:
    everything = [list(range(first, first + COUNT)) for first in (1000, 500, 100)]
    tickets, users, organizations = everything
    assert zenpy["me"] == desk.credentials["email"]
    lists = zenpy["lists"]
    assert (lists["tickets"], lists["organizations"]) == (tickets, organizations)
    assert lists["users"][:COUNT] == users
    assert lists["satisfaction_ratings"] == list(range(10, 17))
    assert (lists["ticket_metrics"], lists["ticket_audits"]) == (COUNT, 7)
    assert lists["two"] == [1001, 1002]
    exports = zenpy["exports"]
    assert exports["cursor"] == tickets
    assert sorted(set(exports["time"])) == tickets
    assert len(exports["time"]) > COUNT  # pages by time overlap
    assert sorted(set(exports["users"])) == users
    assert sorted(set(exports["organizations"])) == organizations
    assert sorted(set(exports["metrics"])) == list(range(30, 37))
    assert exports["events"] >= 7
    assert zenpy["ticket"] == {
        "subject": "Ä 🎉",
        "changes": [["priority", None, "high"], ["status", "new", "solved"]],
        "audits": 2,
        "comments": ["hello"],
        "is_measured": True,
        "is_gone": True,
        "is_in_bin": True,
    }
    assert zenpy["people"] == {"taken": "DuplicateValue", "deleted_active": False}
    assert zenpy["refused"] == "Couldn't authenticate you"


def test_lists_page_by_cursor_both_ways(standin: Standin) -> None:
    pages = _follow(
        standin, "/api/v2/tickets.json?page[size]=5", "tickets", lambda page: page["links"]["next"]
    )
    assert [len(page) for page in pages] == [5, 5, 2]
    second = standin.call("GET", "/api/v2/tickets?page[size]=5")["links"]["next"]
    found = standin.call("GET", second.removeprefix(standin.url))
    assert found["meta"]["has_more"] is True
    back = standin.call("GET", found["links"]["prev"].removeprefix(standin.url))
    assert [row["id"] for row in back["tickets"]] == pages[0]
    assert back["meta"]["has_more"] is False


def test_lists_page_by_number(standin: Standin) -> None:
    pages = _follow(
        standin, "/api/v2/users.json?per_page=4", "users", lambda page: page["next_page"]
    )
    assert [len(page) for page in pages] == [4, 4, 4]
    page = standin.call("GET", "/api/v2/users.json?per_page=4&page=2")
    assert (page["count"], page["previous_page"] is not None) == (COUNT, True)


def test_exports_by_cursor_end_and_go_on_from_their_cursor(standin: Standin) -> None:
    start = seconds(_hour(2))
    path = f"/api/v2/incremental/tickets/cursor.json?start_time={start}"
    pages = _follow(
        standin,
        path,
        "tickets",
        lambda page: None if page["end_of_stream"] else page["after_url"],
    )
    assert [len(page) for page in pages] == [5, 5]
    first = standin.call("GET", path)
    last = standin.call("GET", first["after_url"].removeprefix(standin.url))
    after = urlsplit(last["after_url"])
    assert "start_time" not in parse_qs(after.query)
    standin.call("PUT", "/api/v2/tickets/1003", json={"ticket": {"status": "open"}})
    standin.admin("POST", "clock", {"advance": 120})
    changed = standin.call("GET", last["after_url"].removeprefix(standin.url))
    assert [row["id"] for row in changed["tickets"]] == [1003]
    assert changed["end_of_stream"] is True


def test_exports_by_time_overlap_by_what_changed_last(standin: Standin) -> None:
    pages = _follow(
        standin,
        "/api/v2/incremental/organizations.json?start_time=0",
        "organizations",
        lambda page: None if page["end_of_stream"] else page["next_page"],
    )
    assert [page[0] for page in pages[1:]] == [page[-1] for page in pages[:-1]]
    assert sorted({item for page in pages for item in page}) == list(range(100, 100 + COUNT))


def test_exports_leave_out_the_last_minute_and_refuse_to_start_there(
    standin: Standin, desk: Desk
) -> None:
    standin.call("PUT", "/api/v2/users/503", json={"user": {"name": "Neu"}})
    start = desk.clock.unix() - 90
    path = f"/api/v2/incremental/users/cursor?start_time={start}"
    assert standin.call("GET", path)["users"] == []
    refused = standin.http.get(
        f"{standin.url}/api/v2/incremental/tickets/cursor?start_time={desk.clock.unix()}",
        timeout=10,
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "StartTimeTooRecent")
    standin.admin("POST", "clock", {"advance": 120})
    assert [row["id"] for row in standin.call("GET", path)["users"]] == [503]


def test_deleted_records_are_exported_and_not_listed(standin: Standin) -> None:
    standin.call("DELETE", "/api/v2/tickets/1004")
    standin.call("DELETE", "/api/v2/users/504")
    standin.call("DELETE", "/api/v2/organizations/104")
    standin.admin("POST", "clock", {"advance": 120})
    start = f"start_time={seconds(_hour(13))}"
    tickets = standin.call("GET", f"/api/v2/incremental/tickets/cursor?{start}")["tickets"]
    assert [(row["id"], row["status"]) for row in tickets] == [(1004, "deleted")]
    users = standin.call("GET", f"/api/v2/incremental/users/cursor?{start}")["users"]
    assert [(row["id"], row["active"]) for row in users if row["id"] < 1000] == [(504, False)]
    found = standin.call("GET", f"/api/v2/incremental/organizations?{start}")["organizations"]
    assert [(row["id"], row["deleted_at"] is not None) for row in found] == [(104, True)]
    assert standin.call("GET", "/api/v2/tickets/count")["count"]["value"] == COUNT - 1
    restored = standin.call("PUT", "/api/v2/deleted_tickets/1004/restore")
    assert restored["ticket"]["status"] == "new"


def test_metric_events_page_by_cursor_or_time(standin: Standin) -> None:
    path = "/api/v2/incremental/ticket_metric_events?start_time=0"
    by_cursor = _follow(
        standin,
        f"{path}&page[size]=5",
        "ticket_metric_events",
        lambda page: page["links"]["next"],
    )
    assert by_cursor == [[30, 31, 32, 33, 34], [35, 36]]
    assert standin.call("GET", path)["end_time"] == seconds(_hour(4))


def test_audits_go_back_in_time_behind_before_url(standin: Standin) -> None:
    pages = _follow(
        standin,
        "/api/v2/ticket_audits?limit=3&sort_order=desc",
        "audits",
        lambda page: page["before_url"],
    )
    assert pages == [[26, 25, 24], [23, 22, 21], [20]]


def test_ratings_are_filtered_by_time_and_score(standin: Standin) -> None:
    bad = {"id": 99, "ticket_id": 1001, "score": "bad", "created_at": _hour(9), "comment": "slow"}
    standin.seed("satisfaction_ratings", bad, {"id": 98, "score": "offered"})
    for query, expected in (
        (f"start_time={seconds(_hour(6))}&score=received", [16, 99]),
        ("score=bad_with_comment", [99]),
        ("score=bad_without_comment", []),
        (f"end_time={seconds(_hour(1))}", [10, 11]),
    ):
        found = standin.call("GET", f"/api/v2/satisfaction_ratings.json?{query}")
        assert [row["id"] for row in found["satisfaction_ratings"]] == expected, query


def test_bearer_tokens_are_let_in_and_others_are_not(standin: Standin, desk: Desk) -> None:
    for token, status in ((desk.credentials["access_token"], 200), ("other", 401)):
        answer = requests.get(
            f"{standin.url}/api/v2/users/me.json",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.status_code == status


def test_limits_are_told_and_kept(standin: Standin) -> None:
    answer = standin.http.get(f"{standin.url}/api/v2/users/me", timeout=10)
    assert int(answer.headers["X-Rate-Limit"]) == 700
    assert int(answer.headers["X-Rate-Limit-Remaining"]) < 700
    standin.admin("POST", "settings", {"exports_per_minute": 0})
    path = "/api/v2/incremental/users/cursor?start_time=0"
    refused = standin.http.get(f"{standin.url}{path}", timeout=10)
    assert (refused.status_code, refused.json()["error"]) == (429, "APIRateLimitExceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/api/v2/tickets/77", 404, "RecordNotFound"),
        ("/api/v2/nothing.json", 404, "InvalidEndpoint"),
    ],
)
def test_what_is_not_there_is_refused(standin: Standin, path: str, status: int, error: str) -> None:
    answer = standin.http.get(f"{standin.url}{path}", timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_addresses_in_answers_are_those_that_were_called(standin: Standin) -> None:
    here = standin.call("GET", "/api/v2/tickets/1001")["ticket"]["url"]
    assert here == f"{standin.url}/api/v2/tickets/1001.json"
    there = standin.call("GET", "/acme.zendesk.com/api/v2/tickets/1001")["ticket"]["url"]
    assert there == "https://acme.zendesk.com/api/v2/tickets/1001.json"
