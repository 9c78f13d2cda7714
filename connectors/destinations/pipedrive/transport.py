"""HTTP to Pipedrive: its token, its pace, time limits, retries that obey what it asks for."""

import datetime as dt
import email.utils
import threading
from collections.abc import Mapping
from typing import Any

import httpx
import tenacity

from connectors.destinations.common.crm import Quota, Spending
from connectors.destinations.common.transport import (
    TRANSIENT,
    RetryPolicy,
    is_loopback,
    last_outcome,
)
from connectors.destinations.pipedrive import refusals
from connectors.destinations.pipedrive.pace import Pace
from connectors.retry_after import seconds_asked

AGENT = "customer-success-copilot"  # Pipedrive's changelog tells who wrote by this name
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout)
WORKERS = 25  # requests under way at once; the pace is kept by the limit, not by this


class Sender:
    """Sends requests for many threads, and counts what they cost.

    Parameters
    ----------
    url : str
        Base URL, without the version.
    token : str
        API token; never logged.
    policy : RetryPolicy
        Time limits and retries.
    """

    def __init__(self, url: str, token: str, policy: RetryPolicy) -> None:
        self.url = url
        self._policy = policy
        self._pace = Pace()
        self._lock = threading.Lock()
        self._calls = self._retries = self._units = 0
        self._limit: int | None = None
        self._remaining: int | None = None
        self.told_at = dt.datetime.now(dt.UTC)
        self._http = httpx.Client(
            base_url=url,
            headers={"x-api-token": token, "Accept": "application/json", "User-Agent": AGENT},
            timeout=httpx.Timeout(policy.read_timeout, connect=policy.connect_timeout),
            limits=httpx.Limits(max_connections=WORKERS, max_keepalive_connections=WORKERS),
            trust_env=not is_loopback(url),
        )

    def call(self, method: str, path: str, *, cost: int, **arguments: Any) -> dict[str, Any]:
        """Send a request and return its answer, which is not about a single row.

        Raises
        ------
        CrmRefusalError
            It was refused.
        CrmUnreachableError
            There was no usable answer.
        """
        answer = self.send(method, path, cost=cost, **arguments)
        if answer.is_success:
            return self.payload(answer)
        raise refusals.refusal(answer)

    def payload(self, answer: httpx.Response) -> dict[str, Any]:
        """Return what a successful answer holds.

        Raises
        ------
        CrmUnreachableError
            It is no whole JSON object.
        """
        held = refusals.told(answer)
        if not held.get("success"):
            raise refusals.unreachable(self.url, ValueError("broken JSON"))
        return held

    def send(
        self, method: str, path: str, *, cost: int, is_repeatable: bool = True, **arguments: Any
    ) -> httpx.Response:
        """Send a request, again where that may help; return the last answer.

        Parameters
        ----------
        cost : int
            The call's tokens.
        is_repeatable : bool
            Doing it twice is doing it once. What is not is sent again only if it is certain to have
            done nothing: after a 429, or where no connection came about.
        arguments
            ``params`` and ``json`` of the request.

        Raises
        ------
        CrmRefusalError
            No further request makes sense now.
        CrmUnreachableError
            There was no answer, or none but errors of the server.
        """
        with self._lock:
            self._units += cost
        waits = _Waits(self._policy, cost, is_repeatable=is_repeatable)
        retrying = tenacity.Retrying(
            stop=waits.is_enough,
            wait=waits.seconds,
            retry=waits.may_pass,
            retry_error_callback=last_outcome,
            before_sleep=self._count_retry,
        )
        try:
            answer: httpx.Response = retrying(self._once, method, path, arguments)
        except httpx.HTTPError as error:
            raise refusals.unreachable(self.url, error) from error
        if answer.status_code >= 500:
            raise refusals.unreachable(self.url, status=answer.status_code)
        if answer.status_code == 429:
            raise refusals.refusal(answer, is_day=waits.is_day(answer))
        is_page = answer.status_code == 403 and not refusals.told(answer)
        if answer.status_code in {401, 402} or is_page:
            raise refusals.refusal(answer)
        return answer

    def spending(self) -> Spending:
        """Return what was sent so far."""
        with self._lock:
            return Spending(self._calls, self._retries, self._units)

    def quota(self) -> Quota:
        """Return the day's tokens as the last answers told."""
        return Quota(self._limit, self._remaining, "tokens")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _once(self, method: str, path: str, arguments: Mapping[str, Any]) -> httpx.Response:
        with self._pace.turn():
            with self._lock:
                self._calls += 1
            answer = self._http.request(method, path, **arguments)
            self._learn(answer)
        return answer

    def _learn(self, answer: httpx.Response) -> None:
        if "Date" in answer.headers:
            self.told_at = email.utils.parsedate_to_datetime(answer.headers["Date"])
        most = refusals.number(answer.headers.get("x-ratelimit-limit"))
        if most:
            self._pace.learn(most)
        asked = _asked(answer) if answer.status_code == 429 else None
        if asked is not None and asked <= self._policy.longest_wait:
            self._pace.hold(asked)
        limit = refusals.number(answer.headers.get("x-daily-ratelimit-token-limit"))
        remaining = refusals.remaining_tokens(answer)
        if limit is not None and remaining is not None:
            self._limit, self._remaining = limit, remaining

    def _count_retry(self, _state: tenacity.RetryCallState) -> None:
        with self._lock:
            self._retries += 1


class _Waits:
    """When a request is sent again, and after how many seconds."""

    def __init__(self, policy: RetryPolicy, cost: int, *, is_repeatable: bool) -> None:
        self._policy = policy
        self._cost = cost
        self._is_repeatable = is_repeatable

    def may_pass(self, state: tenacity.RetryCallState) -> bool:
        outcome = state.outcome
        if outcome is None:
            return False
        if outcome.failed:
            harmless = httpx.TransportError if self._is_repeatable else _NOT_SENT
            return isinstance(outcome.exception(), harmless)
        answer: httpx.Response = outcome.result()
        if answer.status_code == 429:
            return not self.is_day(answer)
        return self._is_repeatable and answer.status_code in TRANSIENT

    def is_day(self, answer: httpx.Response) -> bool:
        waits_too_long = (_asked(answer) or 0) > self._policy.longest_wait
        return waits_too_long or refusals.is_days_end(answer, self._cost)

    def is_enough(self, state: tenacity.RetryCallState) -> bool:
        return self._policy.is_enough(state.attempt_number, _asked_last(state))

    def seconds(self, state: tenacity.RetryCallState) -> float:
        return self._policy.seconds(state.attempt_number, _asked_last(state))


def _asked(answer: httpx.Response) -> float | None:
    """Return the seconds to wait that an answer asks for."""
    after = seconds_asked(answer.headers.get("Retry-After"))
    if after is None and answer.status_code == 429:
        after = refusals.number(answer.headers.get("x-ratelimit-reset"))
    return after


def _asked_last(state: tenacity.RetryCallState) -> float | None:
    outcome = state.outcome
    return None if outcome is None or outcome.failed else _asked(outcome.result())
