"""Stripe's unmodified connector against its stand-in: pages, limits, failures, changes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.runner import ConfiguredStream
from connectors.sandbox.stripe.account import Account
from connectors.sandbox.stripe.app import build
from connectors.sources.source import VendorSource
from connectors.sources.stripe import SOURCE
from tests.integration.real_connectors.reading import Connector, Story, keyed, nul_removed, remains
from tests.integration.standins import Standin, running
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

OLD = 1_735_000_000  # 2024-12-24, long before the thirty days that Stripe keeps events
EXACT = 2**53 + 1
CUSTOMERS = 23
ODD: dict[str, Any] = {
    "id": "cus_odd",
    "created": OLD + 500,
    "balance": EXACT,
    "name": None,
    "phone": "",
    "email": "zoë+1@bücher.example",
    "description": "line\r\nbreak \\ \t \u2028 🎉 \U0001f9d1\u200d\U0001f680 nul[\x00]",
    "metadata": {"crm_id": "00123", "empty": "", "big": "9007199254740993", "nul": "a\x00b"},
}


def _fill(standin: Standin) -> None:
    months = 30 * 86_400
    plain = [{"id": f"cus_{n:02}", "created": OLD + n * months} for n in range(CUSTOMERS)]
    standin.seed("customers", *plain, ODD)
    standin.seed("products", *[{"id": f"prod_{n}", "created": OLD + n} for n in range(7)])
    price = {"id": "price_1", "created": OLD, "product": "prod_1", "currency": "eur"}
    standin.seed("prices", price | {"unit_amount": -1999, "unit_amount_decimal": "0.000000000001"})
    items = [{"id": f"si_{n}", "object": "subscription_item", "quantity": n} for n in range(2)]
    for n in range(6):
        shared = {"created": OLD + n, "customer": "cus_03", "status": "active"}
        standin.seed("subscriptions", {"id": f"sub_{n}", "items": items, **shared})
    standin.seed("subscriptions", {"id": "sub_gone", "created": OLD, "status": "canceled"})
    lines = [{"id": f"il_{n}", "object": "line_item", "amount": EXACT + n} for n in range(3)]
    for n in range(11):
        bill = {"id": f"in_{n:02}", "created": OLD + n, "status": "open", "amount_due": 5}
        standin.seed("invoices", {**bill, "customer": "cus_03", "lines": lines})


@pytest.fixture(scope="module")
def story(warehouse: Warehouse, connector: Callable[[VendorSource], list[str]]) -> Iterator[Story]:
    command = connector(SOURCE)
    account = Account()
    streams = list(SOURCE.streams)
    with running(build(account)) as standin:
        standin.http.auth = (account.credentials["secret_key"], "")
        standin.admin("POST", "settings", {"page_size": 5, "requests_per_second": 1000})
        _fill(standin)
        settings = Settings(
            sources=["stripe"], stripe={"account_id": account.credentials["account_id"]}
        )
        secrets = {"STRIPE_SECRET_KEY": account.credentials["secret_key"]}
        config = SOURCE.configure(settings, secrets)
        stripe = Connector("stripe", command, config, {Account.hosts: standin.url})
        told = Story()
        standin.fault("/v1/customers", status=401, skip=3)
        with pytest.raises(CopilotError) as failure:
            stripe.sync(warehouse, streams)
        told.failure = str(failure.value)
        told.kept = remains(warehouse, "stripe", [stream.name for stream in streams])
        _second(standin, stripe, streams, warehouse, told)
        _third(standin, stripe, streams, warehouse, told)
        yield told


def _second(
    standin: Standin,
    stripe: Connector,
    streams: list[ConfiguredStream],
    warehouse: Warehouse,
    told: Story,
) -> None:
    standin.forget()
    standin.fault("/v1/customers", status=429, retry_after=1, skip=1)
    standin.fault("/v1/customers", status=500, skip=2)
    standin.fault("/v1/customers", kind="drop_before", skip=3)
    told.second = stripe.sync(warehouse, streams)
    assert standin.faults_left() == []
    told.calls = standin.admin("GET", "requests")
    columns = "id, balance, name, phone, email, description, metadata, _airbyte_meta"
    told.rows["customers"] = keyed(warehouse, "stripe", "customers", columns)
    told.rows["invoices"] = keyed(warehouse, "stripe", "invoices", "id, status, lines")
    told.rows["subscriptions"] = keyed(warehouse, "stripe", "subscriptions", "id, status, items")
    told.rows["products"] = keyed(warehouse, "stripe", "products", "id, created")
    told.rows["prices"] = keyed(
        warehouse, "stripe", "prices", "id, unit_amount, unit_amount_decimal"
    )


def _third(
    standin: Standin,
    stripe: Connector,
    streams: list[ConfiguredStream],
    warehouse: Warehouse,
    told: Story,
) -> None:
    standin.forget()
    standin.call("POST", "/v1/customers/cus_01", data={"phone": "0049", "metadata[k]": "0"})
    standin.call("POST", "/v1/customers", data={"id": "cus_new", "name": "Neu"})
    standin.call("DELETE", "/v1/customers/cus_02")
    standin.call("POST", "/v1/invoices/in_03/pay")
    standin.call("DELETE", "/v1/subscriptions/sub_1")
    standin.call("DELETE", "/v1/products/prod_2")
    told.third = stripe.sync(warehouse, streams)
    told.later_calls = standin.admin("GET", "requests")
    told.rows["customers later"] = keyed(
        warehouse, "stripe", "customers", "id, phone, metadata, is_deleted is true, name"
    )
    told.rows["invoices later"] = keyed(warehouse, "stripe", "invoices", "id, status, amount_paid")
    told.rows["subscriptions later"] = keyed(warehouse, "stripe", "subscriptions", "id, status")
    told.rows["products later"] = keyed(warehouse, "stripe", "products", "id, is_deleted is true")


def test_a_key_that_is_refused_in_the_middle_fails_the_sync_by_name(story: Story) -> None:
    assert "stripe" in story.failure
    assert "Unauthorized" in story.failure or "authenticated" in story.failure


def test_a_failed_first_sync_keeps_the_streams_that_ended_and_nothing_of_the_other(
    story: Story,
) -> None:
    """With any state the connector reads only events: half a list would stay half."""
    ended = {"invoices": 11, "prices": 1, "products": 7, "subscriptions": 7}
    assert story.kept.rows == {**ended, "customers": 0}
    assert set(story.kept.states) == set(ended)


def test_the_next_sync_begins_the_broken_stream_anew_and_lists_no_other_again(
    story: Story,
) -> None:
    read = story.read("second")
    others = dict.fromkeys(("invoices", "prices", "products", "subscriptions"), 0)
    assert read == {**others, "customers": CUSTOMERS + 1}
    assert set(story.calls) == {"GET /v1/customers", "GET /v1/events"}
    expected = {*(f"cus_{n:02}" for n in range(CUSTOMERS)), "cus_odd"}
    assert set(story.rows["customers"]) == expected


def test_every_page_arrives_in_spite_of_limits_errors_and_lost_connections(story: Story) -> None:
    counts = {name: len(story.rows[name]) for name in ("invoices", "products", "subscriptions")}
    assert counts == {"invoices": 11, "products": 7, "subscriptions": 7}
    assert story.rows["subscriptions"]["sub_gone"][0] == "canceled"


def test_values_arrive_to_the_last_digit(story: Story) -> None:
    balance, name, phone, email, description, metadata, meta = story.rows["customers"]["cus_odd"]
    assert (balance, name, phone) == (EXACT, None, "")
    assert email == ODD["email"]
    assert description == ODD["description"].replace("\x00", "")
    assert metadata == {**ODD["metadata"], "nul": "ab"}
    assert meta["changes"] == nul_removed("metadata", "description")


def test_amounts_inside_lists_keep_their_digits(story: Story) -> None:
    lines = story.rows["invoices"]["in_00"][1]
    assert [line["amount"] for line in lines["data"]] == [EXACT, EXACT + 1, EXACT + 2]
    assert [item["quantity"] for item in story.rows["subscriptions"]["sub_0"][1]["data"]] == [0, 1]
    unit_amount, decimal = story.rows["prices"]["price_1"]
    assert (unit_amount, decimal) == (-1999, "0.000000000001")


def test_the_next_sync_reads_only_events(story: Story) -> None:
    assert {call for call in story.later_calls if call.startswith("GET")} == {"GET /v1/events"}
    read = story.read("third")
    assert read["customers"] == 3
    assert (read["invoices"], read["subscriptions"], read["products"]) == (1, 1, 1)


def test_updates_replace_and_new_records_come_in(story: Story) -> None:
    rows = story.rows["customers later"]
    assert rows["cus_01"][:2] == ("0049", {"k": "0"})
    assert rows["cus_new"][3] == "Neu"
    assert len(rows) == CUSTOMERS + 2
    assert story.rows["invoices later"]["in_03"] == ("paid", 5)
    assert story.rows["subscriptions later"]["sub_1"] == ("canceled",)


def test_deleted_records_stay_and_are_marked(story: Story) -> None:
    deleted = [key for key, row in story.rows["customers later"].items() if row[2]]
    assert deleted == ["cus_02"]
    gone = [key for key, row in story.rows["products later"].items() if row[0]]
    assert gone == ["prod_2"]
