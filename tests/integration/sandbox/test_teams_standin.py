"""The stand-in of a Teams workflow's webhook: what it takes, and what it refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.sandbox.teams.app import build
from connectors.sandbox.teams.tenant import Tenant
from tests.integration.standins import Standin, running

CARD = "application/vnd.microsoft.card.adaptive"


def message(*body: Any, **card: Any) -> dict[str, Any]:
    content = {"type": "AdaptiveCard", "version": "1.4", "body": list(body), **card}
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}]}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


@pytest.fixture
def standin(tenant: Tenant) -> Iterator[Standin]:
    with running(build(tenant)) as served:
        yield served


def post(standin: Standin, path: str, payload: Any) -> requests.Response:
    return standin.http.post(standin.url + path, json=payload, timeout=10)


def test_a_card_is_taken_and_the_page_shows_it(standin: Standin, tenant: Tenant) -> None:
    answer = post(standin, tenant.webhook_path, message({"type": "TextBlock", "text": "<b>Hi"}))
    assert (answer.status_code, answer.content) == (202, b"")
    page = requests.get(standin.url, timeout=10).text
    assert "&lt;b&gt;Hi" in page
    assert tenant.credentials["sig"] not in page


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "a message card of the old connectors"},
        message(type="MessageCard"),
        message(body="text"),
        message({"text": "no type"}),
        message({"type": "TextRun", "text": "not by itself"}),
        message({"type": "TextBlock"}),
        message({"type": "RichTextBlock"}),
    ],
)
def test_what_is_no_card_is_refused(standin: Standin, tenant: Tenant, payload: Any) -> None:
    answer = post(standin, tenant.webhook_path, payload)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "TriggerInputSchemaMismatch"
    assert list(tenant.each("cards")) == []


def test_size_rate_signature_and_a_workflow_that_is_off(standin: Standin, tenant: Tenant) -> None:
    long = message({"type": "TextBlock", "text": "x" * 28 * 1024})
    assert post(standin, tenant.webhook_path, long).status_code == 413
    assert post(standin, tenant.webhook_path[:-1] + "!", message()).status_code == 401
    assert post(standin, "/workflows/other/triggers/manual/paths/invoke", {}).status_code == 404
    statuses = [post(standin, tenant.webhook_path, message()).status_code for _ in range(4)]
    limited = post(standin, tenant.webhook_path, message())
    assert (statuses, limited.status_code) == ([202, 202, 202, 429], 429)
    assert limited.headers["Retry-After"] == "1"
    tenant.settings |= {"is_enabled": 0, "requests_per_second": 100}
    assert post(standin, tenant.webhook_path, message()).status_code == 404
