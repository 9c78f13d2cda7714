"""The stand-in answers as Pipedrive's documentation says, to the vendor's own client."""

from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.costs import cost_of
from tests.integration.javascript import run_script
from tests.integration.pipedrive.conftest import Opened
from tests.integration.standins import running

CLIENT = "pipedrive@33.7.0"
SCRIPT = Path(__file__).with_name("client_session.js")


def test_the_vendor_s_own_client_works_unchanged(
    opened: Opened, request: pytest.FixtureRequest
) -> None:
    opened.organizations(2)
    said = run_script(
        request.config.cache.mkdir("clients"),
        CLIENT,
        SCRIPT,
        PIPEDRIVE_URL=opened.standin.url,
        PIPEDRIVE_TOKEN=opened.token,
    )
    (cleared,) = said.pop("cleared").values()
    assert cleared is None
    band = said["values"].pop("Band")
    assert band["label"] == "bad"
    for refused in ("unknownField", "wrongType"):
        told = said.pop(refused)
        assert told["error"].startswith("Validation failed: custom_fields.")
        assert told["code"] == "ERR_SCHEMA_VALIDATION_FAILED"
    assert said == {
        "user": "api@example.com",
        "users": 2,
        "codes": [40] * 5,
        "changes": [True, "71.5", None, "api"],
        "optionLabels": ["good", "bad"],
        "name": "Löwe & Söhne 😀",
        "values": {
            "Score": 71.5,
            "Money": {"value": 1200.25, "currency": "EUR"},
            "Day": "2026-03-04",
            "Text": "blanks",
        },
        "found": 1,
        "notFound": {"error": "Organization not found", "code": "ERR_NOT_FOUND"},
        "wrongToken": {"error": "unauthorized access", "errorCode": 401},
        "done": [["Call", True, True]],
        "pages": [2, 1],
        "fieldPages": [10, 7],
        "stages": 5,
        "recents": ["activity", "organization"],
        "merged": True,
        "moved": 1,
        "listedAfter": [],
    }


@pytest.mark.parametrize(
    ("method", "path", "tokens"),
    [
        ("GET", "/api/v2/organizations", 10),
        ("GET", "/api/v2/organizations/7", 1),
        ("PATCH", "/api/v2/organizations/7", 5),
        ("DELETE", "/api/v2/activities/7", 3),
        ("GET", "/api/v2/organizations/search", 20),
        ("GET", "/api/v2/stages", 5),
        ("GET", "/api/v2/organizationFields", 10),
        ("GET", "/api/v1/users", 20),
        ("GET", "/api/v1/users/me", 2),
        ("GET", "/v1/recents", 20),
        ("GET", "/api/v1/organizations/7/changelog", 20),
    ],
)
def test_a_call_costs_what_the_reference_says(method: str, path: str, tokens: int) -> None:
    assert cost_of(method, path) == tokens


def test_the_headers_tell_of_the_limits(opened: Opened) -> None:
    opened.company.settings |= {"requests_per_two_seconds": 3, "tokens_per_day": 30}
    url = f"{opened.standin.url}/api/v2/organizations"
    answers = [opened.standin.http.get(url) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["x-daily-ratelimit-token-remaining"] == "20"
    assert answers[3].headers["x-daily-ratelimit-token-remaining"] == "0"
    assert answers[3].headers["x-ratelimit-reset"] == "2"
    assert answers[3].json()["errorCode"] == 429


def test_pages_by_cursor_lose_nothing_when_the_last_one_is_deleted(opened: Opened) -> None:
    ids = opened.organizations(5)
    first = opened.standin.call("GET", "/api/v2/organizations", params={"limit": 2})
    opened.standin.call("DELETE", f"/api/v2/organizations/{ids[1]}")
    cursor = first["additional_data"]["next_cursor"]
    rest = opened.standin.call("GET", "/api/v2/organizations", params={"cursor": cursor})
    assert [str(row["id"]) for row in rest["data"]] == ids[2:]
    assert rest["additional_data"]["next_cursor"] is None
    down = {"sort_by": "update_time", "sort_direction": "desc", "limit": 2}
    newest = opened.standin.call("GET", "/api/v2/organizations", params=down)
    assert [str(row["id"]) for row in newest["data"]] == [ids[4], ids[3]]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("organizations", {"limit": 501}),
        ("organizations", {"ids": ",".join(str(number) for number in range(101))}),
        ("organizations", {"custom_fields": ",".join("abcdefghijklmnop")}),
        ("organizations", {"cursor": "?"}),
        ("organizations", {"sort_by": "name"}),
    ],
)
def test_what_is_more_than_the_reference_allows_is_refused(
    opened: Opened, path: str, params: dict[str, Any]
) -> None:
    answer = opened.standin.http.get(f"{opened.standin.url}/api/v2/{path}", params=params)
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_the_page_of_an_organisation_shows_what_a_csm_would_see_and_escapes_it(
    opened: Opened,
) -> None:
    evil = "<script>alert(1)</script>"
    record_id = opened.organizations(1)[0]
    opened.company.records["organizations"][record_id]["name"] = evil
    crm = opened.crm()
    crm.set_up("EUR")
    fields = {field.outbound.label: field.key for field in crm._fields.values()}
    values = {
        fields["Copilot Reasons"]: f"first{evil}",
        fields["Copilot ARR At Risk"]: {"value": 1200.5, "currency": "EUR"},
        fields["Copilot Report"]: "https://reports.example/1",
        fields["Copilot Next Action"]: "javascript:alert(1)",
    }
    opened.standin.call(
        "PATCH", f"/api/v2/organizations/{record_id}", json={"custom_fields": values}
    )
    body = {
        "subject": f"Call{evil}",
        "type": "task",
        "org_id": int(record_id),
        "note": f"<b>{evil}",
    }
    opened.standin.call("POST", "/api/v2/activities", json=body)
    page = opened.standin.http.get(f"{opened.standin.url}/organization/{record_id}")
    assert "<script" not in page.text
    assert "first&lt;script&gt;" in page.text
    assert "1,200.50 EUR" in page.text
    assert '<a href="https://reports.example/1"' in page.text
    assert 'href="javascript' not in page.text
    assert "Call&lt;script&gt;" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    listed = opened.standin.http.get(opened.standin.url, params={"q": "SCRIPT"})
    assert "&lt;script&gt;" in listed.text
    assert opened.standin.http.get(f"{opened.standin.url}/organization/4711").status_code == 404


def test_records_and_fields_outlive_the_process(tmp_path: Path) -> None:
    company = Company()
    company.open_state(tmp_path / "state.sqlite")
    with running(build(company)) as standin:
        standin.http.headers["x-api-token"] = company.credentials["api_token"]
        standin.seed("organizations", {"id": 7, "name": "Kept"})
        made = standin.call(
            "POST",
            "/api/v2/organizationFields",
            json={"field_name": "Band", "field_type": "enum", "options": [{"label": "a"}]},
        )["data"]
        option = made["options"][0]["id"]
        body = {"custom_fields": {made["field_code"]: option}}
        standin.call("PATCH", "/api/v2/organizations/7", json=body)
    company.close_state()
    again = Company(company.credentials)
    again.open_state(tmp_path / "state.sqlite")
    assert again.records["organizations"]["7"]["custom_fields"] == {made["field_code"]: option}
    assert again.records["organizationFields"][made["field_code"]]["field_name"] == "Band"
    assert (again.new_id("organizations"), again.new_id("options")) == (8, option + 1)
    again.close_state()
