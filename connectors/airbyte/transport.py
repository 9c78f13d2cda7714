"""The HTTP client under airbyte-api: repeats what may be repeated, and says what went wrong.

Everything that is about one request stands here, the token's request included, because
airbyte-api makes that one by itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.retry_after import seconds_asked
from warehouse.errors import CopilotError, TransientError

TOKEN_PATH = "/applications/token"  # noqa: S105
_PASSING = frozenset({429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0


class UnsureError(TransientError):
    """A request that makes something may or may not have been carried out."""


@dataclass(frozen=True)
class Patience:
    """How often and how long a request is tried again.

    Parameters
    ----------
    attempts : int
        Tries in all.
    first_wait : float
        Seconds before the second try; doubled each time.
    """

    attempts: int = 5
    first_wait: float = 1.0

    def wait(self, attempt: int, response: httpx.Response | None) -> float:
        """Return the seconds before the next try; what the server asks for goes first."""
        asked = None if response is None else seconds_asked(response.headers.get("retry-after"))
        usual = self.first_wait * 2**attempt
        return min(_LONGEST_WAIT, usual if asked is None else asked)


class PatientClient(httpx.Client):
    """An httpx client that tries again when the server is busy, down or cuts the connection.

    Parameters
    ----------
    patience : Patience
        How often, and how long.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(self, patience: Patience, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(follow_redirects=True, timeout=httpx.Timeout(60.0, connect=10.0))
        self._patience = patience
        self._sleep = sleep

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, again if need be.

        Raises
        ------
        TransientError
            The server did not answer in all tries.
        UnsureError
            A request that makes something got no answer: look whether it was made.
        CopilotError
            The server does not accept the client id and secret.
        """
        for attempt in range(self._patience.attempts):
            is_last = attempt + 1 == self._patience.attempts
            response: httpx.Response | None = None
            try:
                response = super().send(request, **options)
            except httpx.TransportError as error:
                self._give_up_if(request, isinstance(error, httpx.ConnectError), is_last, error)
            else:
                if not _may_pass(request, response):
                    return _checked(request, response)
                cause = f"it answers with status {response.status_code}"
                self._give_up_if(request, response.status_code == 429, is_last, cause)
            self._sleep(self._patience.wait(attempt, response))
        raise AssertionError("unreachable")

    def _give_up_if(
        self, request: httpx.Request, not_done: bool, is_last: bool, cause: object
    ) -> None:
        """Raise at the last try, or if trying again could make something twice."""
        error = cause if isinstance(cause, Exception) else None
        what = f"The Airbyte server at {_address(request)} does not answer: {cause}."
        hint = "Is it up, and is airbyte.url right? Run again when it is; nothing is lost."
        if _makes_something(request) and not not_done:
            raise UnsureError(what, hint) from error
        if is_last:
            raise TransientError(what, hint) from error


def _makes_something(request: httpx.Request) -> bool:
    return request.method == "POST" and not request.url.path.endswith((TOKEN_PATH, "without_logs"))


def _may_pass(request: httpx.Request, response: httpx.Response) -> bool:
    if response.status_code == 500 and request.url.path.endswith(("/streams", "/connections")):
        return False  # the words of a connector that could not list its streams
    return response.status_code in _PASSING


def _checked(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Refuse a token's answer that airbyte-api would stumble over; pass everything else on."""
    if not request.url.path.endswith(TOKEN_PATH):
        return response
    if response.status_code in (400, 401, 403):
        raise CopilotError(
            f"The Airbyte server at {_address(request)} does not accept AIRBYTE_CLIENT_ID and"
            " AIRBYTE_CLIENT_SECRET.",
            "Make an application in Airbyte under Settings, Applications, and set both.",
        )
    if not response.is_success or not _holds_token(response):
        raise CopilotError(
            f"{request.url} gives no access token (status {response.status_code}).",
            "Set airbyte.url to the address of an Airbyte server of version 1 or newer, such as"
            " http://localhost:8000.",
        )
    return response


def _holds_token(response: httpx.Response) -> bool:
    try:
        body = response.json()
    except ValueError:
        return False
    return isinstance(body, dict) and str(body.get("token_type")).lower() == "bearer"


def _address(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
