"""Intercom's stand-in behaves as Intercom's documentation says: its own client, and plain HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from connectors.sandbox.intercom.app import build
from connectors.sandbox.intercom.workspace import Workspace
from tests.integration.standins import Standin, running

COUNT = 12
DAY = 86_400
MIDNIGHT = 1_767_225_600  # 2026-01-01
NEWEST_FIRST = range(COUNT - 1, -1, -1)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def standin(workspace: Workspace) -> Iterator[Standin]:
    with running(build(workspace)) as served:
        served.http.headers["Authorization"] = f"Bearer {workspace.credentials['access_token']}"
        served.admin("POST", "settings", {"page_size": 5})
        served.seed("admins", {"id": "77", "name": "Ann", "email": "ann@us.example"})
        served.seed("tags", {"id": "8", "name": "vip"})
        for n in range(COUNT):
            at = {"created_at": MIDNIGHT + n * DAY // 2}
            company = {"id": f"co{n}", "company_id": f"00{n}", "user_count": n}
            served.seed("companies", {**company, "last_request_at": n, **at})
            email = f"u{n}@{'a' if n % 2 else 'b'}.example"
            served.seed("contacts", {"id": f"ct{n}", "email": email, "companies": ["co1"], **at})
            parts = [{"id": f"{n}1", "body": "<p>one</p>"}, {"id": f"{n}2", "body": "<p>two</p>"}]
            state = "open" if n < 4 else "closed"
            conversation = {"id": 200 + n, "state": state, "conversation_parts": parts, **at}
            served.seed("conversations", conversation)
        yield served


def _search(standin: Standin, what: str, field: str, operator: str, value: Any) -> list[str]:
    query = {"field": field, "operator": operator, "value": value}
    body = {"query": query, "sort": {"field": "created_at", "order": "ascending"}}
    key = "data" if what == "contacts" else "conversations"
    found: list[str] = []
    starting_after = None
    while True:
        body["pagination"] = {"per_page": 150, "starting_after": starting_after}
        page = standin.call("POST", f"/{what}/search", json=body)
        found += [row["id"] for row in page[key]]
        if "next" not in page["pages"]:
            assert page["total_count"] == len(found)
            return found
        starting_after = page["pages"]["next"]["starting_after"]


@pytest.fixture
def session(
    standin: Standin, workspace: Workspace, client_session: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    standin.admin("POST", "settings", {"page_size": 150})
    return client_session(
        "python-intercom==5.0.1",
        "intercom_session.py",
        INTERCOM_URL=standin.url,
        INTERCOM_TOKEN=workspace.credentials["access_token"],
    )


def test_the_vendors_client_reads_and_changes_everything(session: dict[str, Any]) -> None:
    assert session["lists"] == {
        "me": "ann@us.example",
        "admins": ["77"],
        "tags": ["vip"],
        "contacts": [f"ct{n}" for n in NEWEST_FIRST],
        "conversations": [str(200 + n) for n in NEWEST_FIRST],
        "companies": [f"co{n}" for n in NEWEST_FIRST if n],  # one without people is not listed
        "scrolled": [f"co{n}" for n in range(COUNT)],
    }
    assert session["searches"] == {
        "contacts": sorted(f"ct{n}" for n in range(0, COUNT, 2)),
        "conversations": ["203", "202", "201", "200"],
    }
    assert session["conversation"] == {"parts": ["<p>one</p>", "<p>two</p>"], "all": 2}
    assert session["changes"] == {"name": "Zoë 🎉", "deleted": True, "error": "User Not Found"}
    assert session["refused"] == "unauthorized"


def test_contacts_are_searched_by_day_and_conversations_by_the_second(standin: Standin) -> None:
    noon = MIDNIGHT + DAY + DAY // 2
    assert _search(standin, "contacts", "created_at", ">", noon)[0] == "ct4"
    assert _search(standin, "contacts", "created_at", "=", noon) == ["ct2", "ct3"]
    assert _search(standin, "contacts", "created_at", "<", str(noon)) == ["ct0", "ct1"]
    assert _search(standin, "conversations", "created_at", ">", noon)[0] == "203"
    assert _search(standin, "conversations", "created_at", "=", noon) == ["203"]


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("id", "IN", ["ct1", "ct3"], ["ct1", "ct3"]),
        ("email", "^", "u11", ["ct11"]),
        ("email", "~", "U7@", ["ct7"]),
        ("email_domain", "!=", "a.example", [f"ct{n}" for n in range(0, COUNT, 2)]),
        ("external_id", "=", None, [f"ct{n}" for n in range(COUNT)]),
    ],
)
def test_operators(
    standin: Standin, field: str, operator: str, value: Any, expected: list[str]
) -> None:
    assert _search(standin, "contacts", field, operator, value) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"field": "created_at", "operator": "!=", "value": 1},
        {"field": "created_at", "operator": ">", "value": "yesterday"},
        {"field": "colour", "operator": "=", "value": "red"},
        {"field": "email", "operator": "LIKE", "value": "x"},
        {"operator": "AND", "value": [{"field": "id", "operator": "=", "value": "1"}] * 16},
        {},
    ],
)
def test_queries_that_make_no_sense_are_refused(standin: Standin, query: Any) -> None:
    answer = standin.http.post(f"{standin.url}/contacts/search", json={"query": query}, timeout=10)
    assert (answer.status_code, answer.json()["type"]) == (400, "error.list")
    assert answer.json()["errors"][0]["code"] == "parameter_invalid"


def test_search_gives_no_parts_and_pages_by_cursor(standin: Standin) -> None:
    body = {"query": {"field": "id", "operator": "!=", "value": "0"}}
    page = standin.call("POST", "/conversations/search", json=body)
    assert (len(page["conversations"]), page["total_count"]) == (5, COUNT)
    assert page["pages"]["total_pages"] == 3
    assert "conversation_parts" not in page["conversations"][0]


def test_a_scroll_is_alone_ends_and_expires(standin: Standin) -> None:
    first = standin.call("GET", "/companies/scroll")
    refused = standin.http.get(f"{standin.url}/companies/scroll", timeout=10)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "scroll_exists")
    pages, param = [first["data"]], first["scroll_param"]
    while pages[-1]:
        found = standin.call("GET", f"/companies/scroll?scroll_param={param}")
        pages.append(found["data"])
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    again = standin.call("GET", "/companies/scroll")
    standin.admin("POST", "settings", {"scroll_seconds": -1})
    gone = standin.http.get(
        f"{standin.url}/companies/scroll?scroll_param={again['scroll_param']}", timeout=10
    )
    assert gone.status_code == 404


def test_companies_are_found_by_their_own_id_and_listed_by_page(standin: Standin) -> None:
    assert standin.call("GET", "/companies?company_id=003")["id"] == "co3"
    page = standin.call("POST", "/companies/list?page=2&per_page=5&order=asc")
    assert [row["id"] for row in page["data"]] == ["co6", "co7", "co8", "co9", "co10"]
    assert page["pages"]["next"] == {"page": 3}


def test_a_deleted_company_leaves_its_people(standin: Standin) -> None:
    contact = standin.call("GET", "/contacts/ct3")
    assert [item["id"] for item in contact["companies"]["data"]] == ["co1"]
    gone = standin.call("DELETE", "/companies/co1")
    assert gone == {"id": "co1", "object": "company", "deleted": True}
    later = standin.call("GET", "/contacts/ct3")
    assert later["companies"]["data"] == []
    assert later["updated_at"] > contact["updated_at"]


def test_conversations_are_answered_closed_and_opened_again(standin: Standin) -> None:
    standin.call(
        "POST",
        "/conversations/201/reply",
        json={"message_type": "comment", "type": "admin", "admin_id": "77", "body": "Done"},
    )
    close = {"message_type": "close", "type": "admin", "admin_id": "77"}
    closed = standin.call("POST", "/conversations/201/parts", json=close)
    assert (closed["state"], closed["open"]) == ("closed", False)
    again = {"message_type": "comment", "type": "user", "intercom_user_id": "ct1", "body": "No"}
    opened = standin.call("POST", "/conversations/201/reply", json=again)
    kinds = [part["part_type"] for part in opened["conversation_parts"]["conversation_parts"]]
    assert (opened["state"], kinds[2:]) == ("open", ["comment", "close", "comment"])


def test_a_merged_lead_is_gone_and_its_companies_stay(standin: Standin) -> None:
    standin.seed("contacts", {"id": "lead", "role": "lead", "companies": ["co5"]})
    into = standin.call("POST", "/contacts/merge", json={"from": "lead", "into": "ct3"})
    assert [item["id"] for item in into["companies"]["data"]] == ["co1", "co5"]
    assert standin.http.get(f"{standin.url}/contacts/lead", timeout=10).status_code == 404


def test_versions_and_limits_are_told_and_kept(standin: Standin) -> None:
    answer = standin.http.get(
        f"{standin.url}/admins", headers={"Intercom-Version": "2.9"}, timeout=10
    )
    assert answer.headers["Intercom-Version"] == "2.9"
    limit, left = (answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining"))
    assert 0 < int(left) < int(limit) == 1667
    wrong = standin.http.get(
        f"{standin.url}/admins", headers={"Intercom-Version": "9.9"}, timeout=10
    )
    assert wrong.json()["errors"][0]["code"] == "intercom_version_invalid"
    standin.admin("POST", "settings", {"requests_per_10_seconds": 0})
    refused = standin.http.get(f"{standin.url}/admins", timeout=10)
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["message"] == "Exceeded rate limit of 0 in 10_seconds"
    assert "X-RateLimit-Limit" not in requests.get(f"{standin.url}/admins", timeout=10).headers
