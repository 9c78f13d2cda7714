"""Slack's stand-in behaves as Slack's documentation says: its own client, and plain HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.sandbox.slack.app import build
from connectors.sandbox.slack.workspace import Workspace
from tests.integration.javascript import run_script
from tests.integration.standins import Standin, running


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def standin(workspace: Workspace) -> Iterator[Standin]:
    with running(build(workspace)) as served:
        served.http.headers["Authorization"] = f"Bearer {workspace.credentials['bot_token']}"
        served.seed(
            "channels",
            {"id": "C1", "name": "customers", "is_member": True},
            {"id": "C2", "name": "open"},
            {"id": "C3", "name": "other"},
            {"id": "C4", "name": "busy", "is_member": True},
            {"id": "C5", "name": "secret", "is_private": True},
        )
        ann = {"name": "ann", "profile": {"email": "ann@copilot.example"}}
        served.seed("users", {"id": "U1", **ann}, {"id": "U2", "name": "gone", "deleted": True})
        yield served


def test_the_vendors_javascript_client_works_unchanged(
    standin: Standin, workspace: Workspace, request: pytest.FixtureRequest
) -> None:
    workspace.settings["groups:read"] = 0
    session = run_script(
        request.config.cache.mkdir("clients"),
        "@slack/web-api@8.2.0",
        Path(__file__).parent / "clients" / "slack_session.js",
        SLACK_URL=standin.url,
        SLACK_TOKEN=workspace.credentials["bot_token"],
    )
    assert session["identity"] == [True, "copilot", True]
    assert session["channels"] == [["customers", "open"], ["other", "busy"]]
    assert (session["people"], session["found"]) == (["copilot", "ann", "gone"], "ann")
    assert (session["joined"], session["direct"], session["changed"]) == ("C2", True, True)
    assert session["history"] == [["three", None], ["two", {"message_id": "m1"}]]
    assert session["since"] == [[True, None]]
    assert session["refused"] == {
        "token": ["slack_webapi_platform_error", "invalid_auth"],
        "nowhere": ["slack_webapi_platform_error", "channel_not_found"],
        "outside": ["slack_webapi_platform_error", "not_in_channel"],
        "blocks": ["slack_webapi_platform_error", "invalid_blocks"],
        "nobody": ["slack_webapi_platform_error", "users_not_found"],
        "scope": ["slack_webapi_platform_error", "missing_scope", "groups:read"],
        "method": ["slack_webapi_platform_error", "unknown_method"],
        "rate": ["slack_webapi_rate_limited_error", 1],
    }


def test_json_and_forms_are_taken_and_the_page_shows_what_came(
    standin: Standin, workspace: Workspace
) -> None:
    for more in (
        {"json": {"channel": "C1", "text": "<b>one"}},
        {"data": {"channel": "C1", "text": "two"}},
    ):
        assert standin.call("POST", "/api/chat.postMessage", **more)["ok"]
    page = requests.get(standin.url, timeout=10).text
    assert "#customers" in page and "&lt;b&gt;one" in page and "two" in page
    assert workspace.credentials["bot_token"] not in page


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C1"}, "no_text"),
        ({"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C1", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": "C1", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        (
            {"channel": "C1", "text": "x", "metadata": {"event_type": "a"}},
            "invalid_metadata_format",
        ),
        ({"channel": "#secret", "text": "x"}, "channel_not_found"),
        ({"channel": "U2", "text": "x"}, "channel_not_found"),
    ],
)
def test_what_slack_refuses_is_refused_with_its_code(
    standin: Standin, arguments: dict[str, Any], error: str
) -> None:
    answer = standin.call("POST", "/api/chat.postMessage", json=arguments)
    assert (answer["ok"], answer["error"]) == (False, error)
