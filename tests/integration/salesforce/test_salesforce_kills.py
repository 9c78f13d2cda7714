"""The process dies at any request to Salesforce: the run after it loses and doubles nothing."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from connectors.destinations.common.transport import RetryingSession
from tests.integration.publish.memory_crm import Killed
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import Publisher, Read, outbound, states


def _dying(number: int, *, is_after: bool) -> Callable[..., requests.Response]:
    """Return a way to send that ends the process at the request of this number."""
    send, seen = RetryingSession._send_once, iter(range(10_000))

    def send_or_die(session: RetryingSession, *how: Any, **also: Any) -> requests.Response:
        is_last = next(seen) == number
        if is_last and not is_after:
            raise Killed
        answer = send(session, *how, **also)
        if is_last:
            raise Killed
        return answer

    return send_or_die


@pytest.mark.parametrize("is_after", [False, True])
def test_killed_at_any_request_the_next_run_completes(
    publisher: Publisher,
    sandbox: Sandbox,
    ledger: Read,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_after: bool,
) -> None:
    ids = sandbox.seed_accounts(2)
    publisher.send(*(outbound(item) for item in ids))
    publisher.run()
    number = 0
    while True:
        killed, following = f"killed {number}", f"next {number}"
        publisher.send(*(outbound(item, health_score=10 + number) for item in ids))
        with monkeypatch.context() as patch:
            patch.setattr(RetryingSession, "_send_once", _dying(number, is_after=is_after))
            try:
                publisher.run(killed)
                break
            except Killed:
                pass
        publisher.run(following)
        found = sandbox.query("SELECT Copilot_Health_Score__c FROM Account")
        assert {row["Copilot_Health_Score__c"] for row in found} == {10.0 + number}
        assert states(ledger, following).total() == 2
        assert set(states(ledger, killed)) <= {"applied", "deferred"}
        assert ledger("select count(*) from publish_intent where settled_at is null") == [(0,)]
        number += 1
    assert number == 6  # session, description, plan, look, write, read back
