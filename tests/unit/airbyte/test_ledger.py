"""Fingerprints of configurations, and how a plan speaks."""

from connectors.airbyte.ledger import fingerprint, matches
from connectors.airbyte.masks import MASK, changed_settings, secrets_of, with_masks
from connectors.airbyte.plan import Plan, Step

SECRET = {"client_secret": "sk_live_1", "nested": {"a": 1}}


def test_a_fingerprint_knows_its_configuration_whatever_the_order_of_keys() -> None:
    known = fingerprint(SECRET)
    assert matches({"nested": {"a": 1}, "client_secret": "sk_live_1"}, known)
    assert not matches({**SECRET, "client_secret": "sk_live_2"}, known)
    assert not matches(SECRET, None)


def test_the_same_secret_has_another_fingerprint_each_time() -> None:
    assert fingerprint(SECRET) != fingerprint(SECRET)
    assert "sk_live_1" not in fingerprint(SECRET)


def test_asterisks_and_defaults_of_the_server_are_no_change() -> None:
    found = {"client_secret": "**********", "nested": {"a": 1}, "added": True}
    assert list(changed_settings(SECRET, found)) == []
    assert list(changed_settings({"optional": None, "list": []}, {})) == []


def test_a_changed_key_is_named_with_its_path_and_never_its_value() -> None:
    found = {"client_secret": "**********", "nested": {"a": 2}}
    assert list(changed_settings({**SECRET, "new": "value"}, found)) == ["nested.a", "new"]
    assert list(changed_settings({"flag": False}, {})) == ["flag"]


def test_secrets_are_those_that_the_server_masks() -> None:
    wanted = {"token": "t", "plain": "p", "inner": {"password": "pw", "host": "h"}, "late": "l"}
    shown = {"token": MASK, "plain": "p", "inner": {"password": MASK, "host": "old"}}
    assert secrets_of(wanted, shown) == {"token": "t", "inner.password": "pw"}
    assert with_masks(wanted, shown) == {
        "token": MASK,
        "plain": "p",
        "inner": {"password": MASK, "host": "h"},
        "late": "l",
    }


def test_a_plan_counts_what_is_to_be_done() -> None:
    plan = Plan(
        (
            Step("source", "x", "create"),
            Step("connection", "y", "update", ("prefix", "stream z")),
            Step("source", "old", "unused", ("not in copilot.yml",)),
        )
    )
    assert list(plan.lines()) == [
        "make    source       x",
        "change  connection   y: prefix; stream z",
        "unused  source       old: not in copilot.yml",
        "1 to make, 1 to change, 0 as they should be",
    ]
    assert list(plan.lines(applied=True))[-1] == "1 made, 1 changed, 0 as they should be"
    assert not plan.is_done
