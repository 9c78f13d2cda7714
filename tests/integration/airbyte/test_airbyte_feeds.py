"""Sources that read a feed of changes once they have a state: when they are read anew."""

import pytest

from tests.integration.airbyte.conftest import TEST_VENDORS, Watcher
from warehouse.errors import CopilotError


@pytest.fixture
def feed(watcher: Watcher) -> Watcher:
    """Stripe as it is: with a state, its connector reads a feed of 29 days."""
    watcher.vendor = TEST_VENDORS["stripe"]
    return watcher


def kinds(watcher: Watcher) -> list[str]:
    return [f"{job['jobType']} {job['status']}" for job in watcher.jobs()]


def test_a_feed_whose_first_read_failed_is_read_anew(feed: Watcher) -> None:
    feed.stand_in.script("running", "failed")
    with pytest.raises(CopilotError):
        feed.sync()
    feed.sync()
    assert kinds(feed) == ["sync failed", "refresh succeeded"]
    feed.sync()
    assert kinds(feed)[2:] == ["sync succeeded"]


def test_a_feed_that_was_not_read_for_longer_than_it_reaches_is_read_anew(feed: Watcher) -> None:
    feed.stand_in.script("succeeded", age_seconds=30 * 86_400)
    feed.start_by_hand()
    feed.sync()
    assert kinds(feed) == ["sync succeeded", "refresh succeeded"]


def test_a_first_read_of_a_feed_in_two_attempts_is_read_anew(feed: Watcher) -> None:
    feed.stand_in.script("running", "incomplete", "running", "succeeded")
    assert feed.sync()["invoices"] == 2
    assert kinds(feed) == ["sync succeeded", "refresh succeeded"]
    feed.stand_in.script("running", "incomplete", "running", "succeeded")
    feed.sync()
    assert kinds(feed)[2:] == ["sync succeeded"]


def test_a_feed_that_is_never_read_in_one_attempt_is_a_failure(feed: Watcher) -> None:
    for _ in range(2):
        feed.stand_in.script("incomplete", "running", "succeeded")
    with pytest.raises(CopilotError, match="several attempts to read Stripe from the beginning"):
        feed.sync()


def test_a_feed_that_was_cleared_is_read_from_the_beginning_by_itself(feed: Watcher) -> None:
    feed.sync()
    feed.start_by_hand("clear")
    feed.sync()
    assert kinds(feed) == ["sync succeeded", "clear succeeded", "sync succeeded"]
