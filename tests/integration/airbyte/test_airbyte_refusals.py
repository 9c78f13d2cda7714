"""An Airbyte server's job in which the vendor refuses streams that can be done without."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.runner import ConfiguredStream
from tests.integration.airbyte.conftest import INVOICES, STREAMS, Watcher, said
from tests.integration.runner_help import ops
from warehouse.errors import CopilotError

FORBIDDEN = said("HTTP Status Code: 403. Error: Forbidden. You have no permission.")
SUMMARY = said(
    "During the sync, the following streams did not sync successfully: prices: Forbidden"
)
ENDED = said(
    "Something went wrong within the source connector",
    internal="Source process exited with non-zero exit code 1",
)
REFUSED = [FORBIDDEN, SUMMARY, ENDED]


@pytest.fixture
def optional_prices(watcher: Watcher) -> Watcher:
    """Sync a source whose prices can be done without; invoices have changed since the last time."""
    streams = (ConfiguredStream(name, is_optional=name == "prices") for name in STREAMS)
    watcher.vendor = replace(watcher.vendor, streams=tuple(streams))
    watcher.stand_in.offer("stripe", records={"invoices": INVOICES, "prices": [{"id": "old"}]})
    watcher.sync()
    watcher.stand_in.offer("stripe", records={"invoices": INVOICES[:1], "prices": []})
    return watcher


def fail(watcher: Watcher, failures: list[dict[str, Any]], **states: str) -> None:
    watcher.stand_in.script("running", "failed", failures=failures, streams=states)


def statuses(watcher: Watcher) -> dict[str, tuple[str, str | None]]:
    query = "select stream, status, message from {}.sync_run where run_id = %s"
    rows = ops(watcher.warehouse, query, f"run{watcher.runs}")
    return {str(stream): (str(status), message) for stream, status, message in rows}


def test_an_optional_stream_that_the_vendor_refuses_is_left_out(optional_prices: Watcher) -> None:
    fail(optional_prices, REFUSED, prices="INCOMPLETE")
    counts = optional_prices.sync()
    assert counts == {"customers": 0, "products": 0, "subscriptions": 0, "invoices": 1}
    ended = statuses(optional_prices)
    assert ended.pop("prices") == ("failed", FORBIDDEN["externalMessage"])
    assert set(ended.values()) == {("succeeded", None)}
    assert "prices could not be read: HTTP Status Code: 403" in optional_prices.text
    raw = optional_prices.warehouse.schema("raw_stripe")
    with optional_prices.warehouse.connect() as owner:
        assert owner.execute(f'select id from "{raw}".prices'.encode()).fetchall() == [("old",)]


@pytest.mark.parametrize(
    ("failures", "states"),
    [
        pytest.param(REFUSED, {"invoices": "INCOMPLETE"}, id="one that must be there is refused"),
        pytest.param(
            REFUSED, {"prices": "INCOMPLETE", "invoices": "RUNNING"}, id="another is not complete"
        ),
        pytest.param(
            [said("HTTP Status Code: 503."), SUMMARY, ENDED],
            {"prices": "INCOMPLETE"},
            id="it is no refusal",
        ),
        pytest.param([SUMMARY, ENDED], {"prices": "INCOMPLETE"}, id="nobody says why"),
        pytest.param(
            [*REFUSED, said("permission denied for schema", origin="destination")],
            {"prices": "INCOMPLETE"},
            id="the destination failed",
        ),
    ],
)
def test_any_other_failure_fails_the_sync(
    optional_prices: Watcher, failures: list[dict[str, Any]], states: dict[str, str]
) -> None:
    fail(optional_prices, failures, **states)
    with pytest.raises(CopilotError, match="The sync of stripe failed"):
        optional_prices.sync()
    assert {status for status, _ in statuses(optional_prices).values()} == {"failed"}


@pytest.mark.parametrize("hidden", ["stream_statuses", "get_without_logs"])
def test_a_server_that_does_not_say_which_stream_failed_fails_the_sync(
    optional_prices: Watcher, hidden: str
) -> None:
    fail(optional_prices, REFUSED, prices="INCOMPLETE")
    optional_prices.stand_in.fault(hidden, status=404, times=10)
    with pytest.raises(CopilotError, match="The sync of stripe failed"):
        optional_prices.sync()
