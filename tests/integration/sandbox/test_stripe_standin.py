"""Stripe's stand-in behaves as Stripe's documentation says, seen through stripe-python."""

from collections.abc import Callable, Iterator

import pytest
import requests
import stripe

from connectors.sandbox.stripe.account import Account
from connectors.sandbox.stripe.app import build
from tests.integration.standins import Standin, running

OLD = 1_700_000_000
EXACT = 2**53 + 1


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def standin(account: Account) -> Iterator[Standin]:
    with running(build(account)) as served:
        served.http.auth = (account.credentials["secret_key"], "")
        served.seed("customers", *[{"id": f"cus_{n:02}", "created": OLD + n} for n in range(25)])
        yield served


@pytest.fixture
def client(account: Account, standin: Standin) -> stripe.StripeClient:
    return stripe.StripeClient(
        account.credentials["secret_key"],
        base_addresses={"api": standin.url},
        max_network_retries=0,
    )


def _refused(call: Callable[[], object]) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as caught:
        call()
    return caught.value


def _ids(found: object) -> list[str]:
    return [item.id for item in found]


def test_lists_are_newest_first_in_pages_of_ten(client: stripe.StripeClient) -> None:
    page = client.v1.customers.list()
    assert _ids(page.data) == [f"cus_{n:02}" for n in range(24, 14, -1)]
    assert (page.has_more, page.url) == (True, "/v1/customers")
    assert len(_ids(page.auto_paging_iter())) == 25


def test_pages_go_both_ways(client: stripe.StripeClient) -> None:
    after = client.v1.customers.list({"starting_after": "cus_10", "limit": 3})
    assert (_ids(after.data), after.has_more) == (["cus_09", "cus_08", "cus_07"], True)
    before = client.v1.customers.list({"ending_before": "cus_22", "limit": 3})
    assert (_ids(before.data), before.has_more) == (["cus_24", "cus_23"], False)
    middle = client.v1.customers.list({"ending_before": "cus_19", "limit": 3})
    assert (_ids(middle.data), middle.has_more) == (["cus_22", "cus_21", "cus_20"], True)


@pytest.mark.parametrize(
    ("created", "first", "count"),
    [
        ({"gte": OLD + 20}, "cus_24", 5),
        ({"gt": OLD + 20}, "cus_24", 4),
        ({"lt": OLD + 2}, "cus_01", 2),
        ({"lte": OLD + 2, "gte": OLD + 1}, "cus_02", 2),
        (OLD + 7, "cus_07", 1),
    ],
)
def test_created_filters(
    client: stripe.StripeClient, created: object, first: str, count: int
) -> None:
    found = _ids(client.v1.customers.list({"created": created}).data)
    assert (found[0], len(found)) == (first, count)


def test_wrong_parameters_are_named(client: stripe.StripeClient) -> None:
    customers = client.v1.customers
    too_many = _refused(lambda: customers.list({"limit": 101}))
    assert (too_many.http_status, too_many.code, too_many.param) == (
        400,
        "parameter_invalid_integer",
        "limit",
    )
    unknown = _refused(lambda: customers.list({"colour": "red"}))
    assert (unknown.code, unknown.param) == ("parameter_unknown", "colour")
    gone = _refused(lambda: customers.list({"starting_after": "cus_99"}))
    assert (gone.http_status, gone.code) == (400, "resource_missing")
    missing = _refused(lambda: customers.retrieve("cus_99"))
    assert (missing.http_status, missing.code) == (404, "resource_missing")


def test_keys_are_checked_and_hidden(standin: Standin) -> None:
    client = stripe.StripeClient("sk_test_wrong_0123456789", base_addresses={"api": standin.url})
    refused = _refused(client.v1.customers.list)
    assert isinstance(refused, stripe.AuthenticationError)
    assert "wrong_0123" not in str(refused.user_message)
    bare = requests.get(f"{standin.url}/v1/customers", timeout=10)
    assert bare.status_code == 401
    assert "did not provide an API key" in bare.json()["error"]["message"]


def test_answers_carry_request_id_and_version(standin: Standin) -> None:
    answer = standin.http.get(
        f"{standin.url}/v1/customers", headers={"Stripe-Version": "2024-06-20"}, timeout=10
    )
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2024-06-20"
    assert answer.headers["Content-Type"].startswith("application/json")


def test_lists_inside_objects_hold_ten_and_the_rest_is_paged(
    client: stripe.StripeClient, standin: Standin
) -> None:
    lines = [{"id": f"il_{n:02}", "object": "line_item", "amount": n} for n in range(23)]
    standin.seed("invoices", {"id": "in_1", "customer": "cus_03", "lines": lines})
    invoice = client.v1.invoices.retrieve("in_1", {"expand": ["customer"]})
    assert (len(invoice.lines.data), invoice.lines.has_more) == (10, True)
    assert _ids(invoice.lines.auto_paging_iter()) == [line["id"] for line in lines]
    assert invoice.customer.id == "cus_03"
    assert _refused(
        lambda: client.v1.invoices.retrieve("in_1", {"expand": ["livemode"]})
    ).user_message


def test_cancelled_subscriptions_are_listed_only_when_asked_for(
    client: stripe.StripeClient, standin: Standin
) -> None:
    items = [{"id": "si_1", "object": "subscription_item", "quantity": 3}]
    standin.seed("subscriptions", {"id": "sub_1", "customer": "cus_03", "items": items})
    assert client.v1.subscription_items.list({"subscription": "sub_1"}).data[0].quantity == 3
    client.v1.subscriptions.cancel("sub_1")
    assert _ids(client.v1.subscriptions.list().data) == []
    assert client.v1.subscriptions.list({"status": "all"}).data[0].status == "canceled"
    assert client.v1.events.list().data[0].type == "customer.subscription.deleted"


def test_every_change_leaves_an_event(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"name": "Zoë 🎉", "metadata": {"a": "1", "b": "00002"}})
    client.v1.customers.update(made.id, {"name": "Zoe", "metadata": {"a": "", "c": "3"}})
    client.v1.customers.update(made.id, {"name": "Zoe"})
    client.v1.customers.delete(made.id)
    events = list(client.v1.events.list({"type": "customer.*"}).auto_paging_iter())
    assert [event.type.split(".")[1] for event in events] == ["deleted", "updated", "created"]
    changed = events[1].data
    assert changed.object["metadata"].to_dict() == {"b": "00002", "c": "3"}
    before = changed.previous_attributes.to_dict()
    assert before == {"name": "Zoë 🎉", "metadata": {"a": "1", "c": None}}


def test_a_deleted_customer_is_retrieved_as_such_and_not_listed(
    client: stripe.StripeClient,
) -> None:
    assert client.v1.customers.delete("cus_07").deleted is True
    assert client.v1.customers.retrieve("cus_07").deleted is True
    assert "cus_07" not in _ids(client.v1.customers.list().auto_paging_iter())
    assert _refused(lambda: client.v1.customers.delete("cus_07")).http_status == 404


def test_events_are_kept_for_thirty_days(client: stripe.StripeClient, standin: Standin) -> None:
    client.v1.customers.update("cus_01", {"name": "A"})
    assert len(client.v1.events.list().data) == 1
    standin.admin("POST", "clock", {"advance": 31 * 86_400})
    assert client.v1.events.list().data == []


def test_invoices_move_through_their_states(client: stripe.StripeClient, standin: Standin) -> None:
    standin.seed("invoices", {"id": "in_1", "status": "draft", "amount_due": EXACT})
    client.v1.invoices.finalize_invoice("in_1")
    paid = client.v1.invoices.pay("in_1")
    assert (paid.status, paid.amount_paid) == ("paid", EXACT)
    refused = _refused(lambda: client.v1.invoices.void_invoice("in_1"))
    assert refused.http_status == 400
    types = [event.type for event in client.v1.events.list({"types": ["invoice.paid"]}).data]
    assert types == ["invoice.paid"]


def test_too_many_requests_are_refused(standin: Standin, account: Account) -> None:
    standin.admin("POST", "settings", {"requests_per_second": 0})
    client = stripe.StripeClient(
        account.credentials["secret_key"],
        base_addresses={"api": standin.url},
        max_network_retries=0,
    )
    refused = _refused(client.v1.customers.list)
    assert isinstance(refused, stripe.RateLimitError)
    assert refused.json_body["error"]["code"] == "rate_limit"


def test_planned_faults_speak_as_stripe_does(standin: Standin, client: stripe.StripeClient) -> None:
    standin.fault("/v1/customers", status=500)
    refused = _refused(client.v1.customers.list)
    assert (type(refused), refused.http_status) == (stripe.APIError, 500)
    assert standin.faults_left() == []
    standin.fault("/v1/customers", kind="drop_before")
    assert isinstance(_refused(client.v1.customers.list), stripe.APIConnectionError)
    assert len(client.v1.customers.list().data) == 10
