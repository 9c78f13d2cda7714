"""One vendor's system, read as by a person who types `copilot sync` for the first time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.stripe.account import Account
from connectors.sandbox.stripe.app import build
from connectors.sources.install import environment_folder
from connectors.sources.stripe import SOURCE
from tests.company import Company
from tests.integration.real_connectors.install import install
from tests.integration.real_connectors.reading import redirected
from tests.integration.standins import Standin, running

pytestmark = pytest.mark.e2e

SETTINGS = """\
company_name: A company with a Stripe account
sources: [stripe]
crm: none
sample_company: false
stripe: {account_id: %s}
"""
CREATED = 1_735_000_000


@pytest.fixture
def account() -> Iterator[tuple[Account, Standin]]:
    """Serve a Stripe account with one object of each kind."""
    vendor = Account()
    with running(build(vendor)) as standin:
        standin.seed("customers", {"id": "cus_1", "created": CREATED, "email": "a@b.example"})
        standin.seed("products", {"id": "prod_1", "created": CREATED, "name": "Plan"})
        price = {"id": "price_1", "created": CREATED, "product": "prod_1", "currency": "eur"}
        standin.seed("prices", price | {"unit_amount": 1999})
        bought = {"created": CREATED, "customer": "cus_1", "currency": "eur"}
        standin.seed("subscriptions", {"id": "sub_1", "status": "active", "items": []} | bought)
        line = {"id": "il_1", "object": "line_item", "amount": 1999}
        bill = {"id": "in_1", "status": "paid", "total": 1999, "lines": [line]}
        standin.seed("invoices", bill | bought)
        yield vendor, standin


@pytest.fixture
def company(
    account: tuple[Account, Standin], copilot_environment: Path, request: pytest.FixtureRequest
) -> Iterator[Company]:
    """Return a company that reads this account with the connector of pytest's cache."""
    vendor, standin = account
    cache = request.config.cache.mkdir("connectors")
    install(SOURCE, cache)
    secrets = {"STRIPE_SECRET_KEY": vendor.credentials["secret_key"]}
    made = Company(
        copilot_environment / "on_demand",
        SETTINGS % vendor.credentials["account_id"],
        {**secrets, **redirected({Account.hosts: standin.url})},
    )
    folder = environment_folder(SOURCE, made.home)
    folder.parent.mkdir()
    folder.symlink_to(environment_folder(SOURCE, cache))
    try:
        yield made
    finally:
        made.stop()


def test_a_vendor_s_rows_land_and_its_refusal_is_an_error(company: Company) -> None:
    said = company.copilot("sync", "stripe")
    assert "sync stripe: 5 rows written" in said
    with company.warehouse().connect() as connection:
        rows = connection.execute(
            "select c.id, c.email, s.status, i.customer from raw_stripe.customers c"
            " join raw_stripe.subscriptions s on s.customer = c.id"
            " join raw_stripe.invoices i on i.customer = c.id"
        ).fetchall()
    assert rows == [("cus_1", "a@b.example", "active", "cus_1")]

    company.settings_file.write_text(SETTINGS % "acct_ofAnotherCompany")
    process = company.start("sync", "stripe")
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 1, said
    assert "The source stripe failed: The provided key does not have access to account" in said
    assert "Is stripe.account_id in copilot.yml" in said
    assert "Traceback" not in said
    assert company.environment["STRIPE_SECRET_KEY"] not in said
