"""HTTP to HubSpot through its client: time limits, retries, rate limits, errors in our words."""

import contextlib
import datetime as dt
import email.utils
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tenacity
import urllib3
from hubspot import HubSpot
from hubspot.crm.companies import ApiException as CompaniesError
from hubspot.crm.objects.tasks import ApiException as TasksError
from hubspot.crm.properties import ApiException as PropertiesError

from connectors.destinations.common.crm import CrmUnreachableError
from connectors.destinations.common.transport import RetryPolicy, last_outcome
from connectors.destinations.hubspot.refusals import LABEL, HubspotRefusalError
from connectors.retry_after import seconds_asked

# As HubSpot documents them: locked, too many, moving, and what its network says when it is down.
_TRANSIENT = frozenset({423, 429, 477, 500, 502, 503, 504, 521, 522, 523, 524})
_ERRORS = (CompaniesError, PropertiesError, TasksError)
_BROKEN = urllib3.exceptions.HTTPError


@dataclass(frozen=True)
class Answer:
    """One answer, whatever it says."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> dict[str, Any]:
        """Return the body, which must be a JSON object.

        Raises
        ------
        ValueError
            It is none.
        """
        loaded = json.loads(self.content or b"{}")
        if not isinstance(loaded, dict):
            msg = "not a JSON object"
            raise ValueError(msg)
        return loaded

    def number(self, header: str) -> int | None:
        """Return a header's whole number; None if there is none."""
        text = str(self.headers.get(header, "")).strip()
        return int(text) if text.isdecimal() else None

    @property
    def policy(self) -> str:
        """Which limit a 429 is about; empty if it does not say."""
        try:
            return str(self.json().get("policyName") or "") if self.status == 429 else ""
        except ValueError:
            return ""

    @property
    def may_pass(self) -> bool:
        """Whether another try makes sense."""
        return self.status in _TRANSIENT and self.policy != "DAILY"


class HubspotTransport:
    """Sends the client's calls, again where that may help.

    Every call of the destination may be repeated: an update sets absolute values by id, and a
    second creation is refused for its unique marker.

    Parameters
    ----------
    url : str
        Base URL.
    token : str
        A private app's access token; never logged.
    policy : RetryPolicy
        Limits.
    """

    def __init__(self, url: str, token: str, policy: RetryPolicy) -> None:
        self.client = HubSpot(access_token=token, host=url, retry=False)
        self.url = url
        self.policy = policy
        self.calls = 0
        self.retries = 0
        self.daily_limit: int | None = None
        self.daily_remaining: int | None = None
        self.told_at = dt.datetime.now(dt.UTC)
        self._interval = 10.0
        self._most = 1
        self._remaining: int | None = None
        self._sent: deque[float] = deque()

    def send(
        self, method: Callable[..., Any], *given: Any, is_again: bool = False, **named: Any
    ) -> dict[str, Any]:
        """Make a call of the client and return its answer's JSON.

        Parameters
        ----------
        method : callable
            A method of one of the client's APIs.
        is_again : bool
            It repeats a part of a call that was refused, so it counts as a retry.

        Raises
        ------
        HubspotRefusalError
            The whole call was refused.
        CrmUnreachableError
            There was no usable answer.
        """
        self.retries += int(is_again)
        retrying = tenacity.Retrying(
            stop=self._is_enough,
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(_BROKEN)
            | tenacity.retry_if_result(lambda answer: answer.may_pass),
            retry_error_callback=last_outcome,
            before_sleep=self._count_retry,
        )
        try:
            answer: Answer = retrying(self._once, method, given, named)
            body = answer.json()
        except (_BROKEN, ValueError) as error:
            raise self._unreachable(error) from error
        if answer.status < 300:
            return body
        if answer.may_pass:
            raise CrmUnreachableError(
                f"{LABEL} keeps answering {answer.status}: {body.get('message')}",
                "Try again later; https://status.hubspot.com tells of outages.",
            )
        raise HubspotRefusalError(answer.status, body)

    def _once(
        self, method: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]
    ) -> Answer:
        self._pace()
        self.calls += 1
        limits = (self.policy.connect_timeout, self.policy.read_timeout)
        try:
            response = method(*given, **named, _preload_content=False, _request_timeout=limits)
        except _ERRORS as error:
            if not error.status:  # the client's own words for a TLS that does not hold
                raise _BROKEN(error.reason) from error
            answer = Answer(error.status, error.headers or {}, str(error.body or "").encode())
        else:
            answer = Answer(response.status, response.headers, response.data)
            response.release_conn()
        finally:
            self._sent.append(time.monotonic())  # no earlier than HubSpot counted it
        self._note(answer)
        return answer

    def _note(self, answer: Answer) -> None:
        self._remaining = answer.number("X-HubSpot-RateLimit-Remaining")
        self._most = answer.number("X-HubSpot-RateLimit-Max") or self._most
        interval = answer.number("X-HubSpot-RateLimit-Interval-Milliseconds")
        self._interval = self._interval if interval is None else interval / 1000
        with contextlib.suppress(TypeError, ValueError):  # a proxy may leave it out
            self.told_at = email.utils.parsedate_to_datetime(answer.headers.get("Date", ""))
        limit = answer.number("X-HubSpot-RateLimit-Daily")
        self.daily_limit = self.daily_limit if limit is None else limit
        left = answer.number("X-HubSpot-RateLimit-Daily-Remaining")
        self.daily_remaining = self.daily_remaining if left is None else left

    def _pace(self) -> None:
        """Wait until the oldest call leaves the rolling window, if the window is full."""
        now = time.monotonic()
        while self._sent and now - self._sent[0] >= self._interval:
            self._sent.popleft()
        if self._remaining == 0 and self._sent:
            # of more than the window holds, HubSpot has forgotten the first already
            oldest = self._sent[max(0, len(self._sent) - self._most)]
            time.sleep(min(oldest + self._interval - now, self.policy.longest_wait))

    def _count_retry(self, _state: tenacity.RetryCallState) -> None:
        self.retries += 1

    def _wait(self, state: tenacity.RetryCallState) -> float:
        return self.policy.seconds(state.attempt_number, self._asked(state))

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        return self.policy.is_enough(state.attempt_number, self._asked(state))

    def _asked(self, state: tenacity.RetryCallState) -> float | None:
        """Return the seconds that an answer asks to wait: by its header, else by its limit."""
        if state.outcome is None or state.outcome.failed:
            return None
        answer: Answer = state.outcome.result()
        seconds = seconds_asked(answer.headers.get("Retry-After"))
        if seconds is None and answer.policy == "TEN_SECONDLY_ROLLING":
            return self._interval
        return seconds

    def _unreachable(self, error: Exception) -> CrmUnreachableError:
        is_late = isinstance(error, urllib3.exceptions.TimeoutError)
        kind = "no answer in time" if is_late else "no usable answer"
        return CrmUnreachableError(
            f"There is {kind} from {LABEL} at {self.url} ({type(error).__name__}).",
            "Is the network up? Run it again: what was applied is read back first.",
        )
