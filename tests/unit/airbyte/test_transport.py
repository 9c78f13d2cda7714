"""What is tried again, how long after, and what never is."""

import datetime as dt
import email.utils
import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from connectors.airbyte.session import public_api
from connectors.airbyte.transport import Patience, PatientClient, UnsureError
from warehouse.errors import CopilotError, TransientError

BASE = "http://server.example/api/public/v1"
Answers = Iterator[httpx.Response | Exception]


class Scripted(httpx.BaseTransport):
    """Answers with what it was given, in order."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers: Answers = iter(answers)
        self.requests: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.path.removeprefix('/api/public/v1')}")
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Callable[..., PatientClient]:
    def make(*answers: httpx.Response | Exception, attempts: int = 4) -> PatientClient:
        made = PatientClient(Patience(attempts, 1.0), waits.append)
        made._transport = Scripted(*answers)
        made._mounts = {}
        return made

    return make


def busy(status: int = 503, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={key.replace("_", "-"): v for key, v in headers.items()})


CUT = httpx.ReadError("connection reset by peer")
DOWN = httpx.ConnectError("connection refused")


def test_waits_double_and_the_servers_wish_goes_first(
    client: Callable[..., PatientClient], waits: list[float]
) -> None:
    made = client(busy(), busy(429, retry_after="7"), CUT, httpx.Response(200))
    assert made.get(f"{BASE}/jobs/1").status_code == 200
    assert waits == [1.0, 7.0, 4.0]


def test_a_wish_may_be_a_date_and_is_not_without_bounds(
    client: Callable[..., PatientClient], waits: list[float]
) -> None:
    late = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3))
    past = "Wed, 21 Oct 2015 07:28:00 GMT"
    made = client(
        busy(429, retry_after=late), busy(429, retry_after=past), busy(429, retry_after="soon"),
        httpx.Response(200),
    )  # fmt: skip
    made.get(f"{BASE}/jobs/1")
    assert waits == [60.0, 0.0, 4.0]


def test_a_server_that_stays_away_is_a_passing_failure_that_names_it(
    client: Callable[..., PatientClient],
) -> None:
    made = client(DOWN, DOWN, attempts=2)
    with pytest.raises(TransientError, match="http://server.example does not answer: connection"):
        made.get(f"{BASE}/jobs/1")


@pytest.mark.parametrize("failure", [CUT, busy(502)], ids=["cut", "502"])
def test_what_makes_something_is_not_sent_again_without_a_look(
    client: Callable[..., PatientClient], failure: httpx.Response | Exception
) -> None:
    made = client(failure, httpx.Response(200))
    with pytest.raises(UnsureError):
        made.post(f"{BASE}/sources", json={})


@pytest.mark.parametrize("failure", [DOWN, busy(429)], ids=["not reached", "429"])
def test_what_was_surely_not_done_is_sent_again(
    client: Callable[..., PatientClient], failure: httpx.Response | Exception
) -> None:
    made = client(failure, httpx.Response(200))
    assert made.post(f"{BASE}/sources", json={}).status_code == 200


def test_a_connectors_own_failure_is_not_tried_again(
    client: Callable[..., PatientClient], waits: list[float]
) -> None:
    assert client(busy(500)).get(f"{BASE}/streams").status_code == 500
    assert waits == []
    assert client(busy(500), httpx.Response(200)).get(f"{BASE}/sources").status_code == 200


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(401), "does not accept AIRBYTE_CLIENT_ID"),
        (httpx.Response(403), "does not accept AIRBYTE_CLIENT_ID"),
        (httpx.Response(404), "gives no access token"),
        (httpx.Response(200, text="<html>log in</html>"), "gives no access token"),
        (httpx.Response(200, text=json.dumps({"access_token": "x"})), "gives no access token"),
    ],
)
def test_a_token_that_is_not_given_says_why(
    client: Callable[..., PatientClient], answer: httpx.Response, words: str
) -> None:
    with pytest.raises(CopilotError, match=words):
        client(answer).post(f"{BASE}/applications/token", data={})


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:8000", "http://localhost:8000/api/public/v1"),
        ("http://localhost:8000/", "http://localhost:8000/api/public/v1"),
        ("https://api.airbyte.com/v1", "https://api.airbyte.com/v1"),
        ("https://x.example/api/public/v1/", "https://x.example/api/public/v1"),
    ],
)
def test_the_public_api_is_found_from_the_servers_address(url: str, base: str) -> None:
    assert public_api(url) == base
