"""HTTP to a CRM: time limits, retries that obey Retry-After, plain HTTP on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity
from requests.adapters import HTTPAdapter

from connectors.retry_after import seconds_asked

TRANSIENT = frozenset({429, 500, 502, 503, 504})
_BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long to try again.

    Parameters
    ----------
    attempts : int
        Tries in all.
    first_wait, longest_wait : float
        Seconds; doubled from try to try. A longer Retry-After than ``longest_wait`` ends the tries.
    connect_timeout, read_timeout : float
        Seconds for one try.
    """

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0
    connect_timeout: float = 10.0
    read_timeout: float = 120.0

    def seconds(self, attempt: int, asked: float | None) -> float:
        """Return how long to wait after a try: what the vendor asks for, else ever longer."""
        if asked is not None:
            return asked
        return min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)

    def is_enough(self, attempt: int, asked: float | None) -> bool:
        """Say whether another try makes no sense."""
        return (asked or 0.0) > self.longest_wait or attempt >= self.attempts


class LoopbackAdapter(HTTPAdapter):
    """Sends ``https://host:port`` as plain HTTP, for clients that write https everywhere."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send one request without TLS."""
        request.url = "http" + str(request.url).removeprefix("https")
        return super().send(request, *args, **kwargs)


def may_pass(answer: requests.Response) -> bool:
    """Say whether an answer's status may be another one in a moment."""
    return answer.status_code in TRANSIENT


class RetryingSession(requests.Session):
    """A session in which each request has time limits and is tried again where that may help.

    Every request of a destination may be repeated: an update sets absolute values by id, and a
    second creation is refused as a duplicate.

    Parameters
    ----------
    policy : RetryPolicy
        Limits.
    is_transient : callable
        Whether an answer is worth another try.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        is_transient: Callable[[requests.Response], bool] = may_pass,
    ) -> None:
        super().__init__()
        self.policy = policy
        self._is_transient = is_transient
        self.calls = 0
        self.retries = 0

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request; return the last answer, or raise the last broken connection."""
        kwargs.setdefault("timeout", (self.policy.connect_timeout, self.policy.read_timeout))
        retrying = tenacity.Retrying(
            stop=self._is_enough,
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(_BROKEN)
            | tenacity.retry_if_result(self._is_transient),
            retry_error_callback=last_outcome,
            before_sleep=self._count_retry,
        )
        return retrying(self._send_once, method, url, *args, **kwargs)

    def _send_once(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        self.calls += 1
        return super().request(method, url, *args, **kwargs)

    def _count_retry(self, _state: tenacity.RetryCallState) -> None:
        self.retries += 1

    def _wait(self, state: tenacity.RetryCallState) -> float:
        return self.policy.seconds(state.attempt_number, _retry_after(state))

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        return self.policy.is_enough(state.attempt_number, _retry_after(state))


def is_loopback(url: str) -> bool:
    """Say whether an address is on this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def last_outcome(state: tenacity.RetryCallState) -> Any:
    """Return the last answer when the tries are over, or raise the last error."""
    return state.outcome.result() if state.outcome else None


def _retry_after(state: tenacity.RetryCallState) -> float | None:
    outcome = state.outcome
    if outcome is None or outcome.failed:
        return None
    return seconds_asked(outcome.result().headers.get("Retry-After"))
