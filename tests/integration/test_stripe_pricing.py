"""From Stripe's invoices as its API gives them to MRR by month, for each way of pricing."""

import csv
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from orchestration.resources.dbt_environment import DBT_PROJECT
from tests.dbt import dbt
from warehouse.database import Warehouse
from warehouse.settings import Settings

AS_OF = dt.date(2026, 6, 15)
COLUMNS = {
    "customers": {"id": "text", "name": "text", "created": "bigint"},
    "subscriptions": {
        "id": "text", "customer": "text", "status": "text", "created": "bigint",
        "ended_at": "numeric",
    },
    "prices": {"id": "text", "product": "text", "recurring": "jsonb", "unit_amount": "bigint"},
    "products": {"id": "text", "name": "text"},
    "invoices": {
        "id": "text", "customer": "text", "subscription": "text", "status": "text",
        "currency": "text", "total": "bigint", "created": "bigint", "discounts": "jsonb",
        "status_transitions": "jsonb", "lines": "jsonb",
    },
}  # fmt: skip
MONTH = {"interval": "month", "interval_count": 1}
LICENSED = {"id": "seat", "product": "core", "unit_amount": 1000, "recurring": MONTH}
YEARLY = {
    "id": "year", "product": "core", "unit_amount": 10_800,
    "recurring": {"interval": "year", "interval_count": 1},
}  # fmt: skip
METERED = {
    "id": "call", "product": "core", "unit_amount": 1,
    "recurring": MONTH | {"usage_type": "metered"},
}  # fmt: skip
ONCE = {"id": "di_once", "coupon": {"duration": "once", "amount_off": 500}}
FOREVER = {"id": "di_ever", "coupon": {"duration": "forever", "percent_off": 20}}


def unix(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}T04:00:00+00:00").timestamp())


def line(
    amount: int, start: str, end: str, price: dict[str, Any] = LICENSED, **more: Any
) -> dict[str, Any]:
    return {
        "amount": amount,
        "quantity": 1,
        "price": price,
        "subscription_item": f"si_{price['id']}",
        "period": {"start": unix(start), "end": unix(end)},
        **more,
    }


class Billing:
    """What Stripe holds; a customer for each way of pricing."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
        self.rows["products"].append({"id": "core", "name": "Core"})

    def invoice(self, customer: str, created: str, *lines: dict[str, Any], **more: Any) -> None:
        """Add an invoice, with its customer and subscription if they are new."""
        if not any(one["id"] == customer for one in self.rows["customers"]):
            at = unix(created)
            self.rows["customers"].append({"id": customer, "name": customer, "created": at})
            self.rows["subscriptions"].append(
                {"id": f"sub_{customer}", "customer": customer, "status": "active", "created": at}
            )
        number = len(self.rows["invoices"])
        given = [
            one
            | {
                "id": f"il_{number}_{place}",
                "subscription_item": f"{customer}_{one.get('item', one['price']['id'])}",
            }
            for place, one in enumerate(lines)
        ]
        self.rows["invoices"].append(
            {
                "id": f"in_{number}",
                "customer": customer,
                "subscription": f"sub_{customer}",
                "status": "paid",
                "currency": "usd",
                "total": sum(one["amount"] for one in lines),
                "created": unix(created),
                "discounts": [],
                "status_transitions": {"finalized_at": unix(created), "paid_at": unix(created)},
                "lines": {"data": given, "total_count": len(given)},
                **more,
            }
        )


STARTS = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"]
TERMS = list(zip(STARTS, [*STARTS[1:], "2026-07-01"], strict=True))


def change_terms(billing: Billing) -> None:
    """Add who leaves a year for months, and who comes back to an earlier price."""
    year = YEARLY | {"unit_amount": 9600}
    more = YEARLY | {"unit_amount": 12_000}
    for customer, months in (("shortened", 4), ("lapsed", 1)):
        term = line(9600, "2026-01-01", "2027-01-01", price=year, item="seat")
        billing.invoice(customer, "2026-01-01", term)
        for month in range(3, 3 + months):
            start = f"2026-0{month}-15"
            billing.invoice(customer, start, line(1000, start, f"2026-0{month + 1}-15"))
    term = line(9600, "2026-01-01", "2027-01-01", price=year)
    billing.invoice("returned", "2026-01-01", term, currency="eur")
    for start, into in (("2026-03-01", more), ("2026-05-01", year)):
        change = line(100, start, "2027-01-01", price=into, proration=True)
        billing.invoice("returned", start, change, currency="eur")


def given() -> Billing:
    """Return the billing of one customer for each rule of the decision log."""
    billing = Billing()
    change_terms(billing)
    for number, (start, end) in enumerate(TERMS):
        regular = line(1000, start, end)
        if number:  # usage of the term before
            past = TERMS[number - 1]
            billing.invoice("usage", start, line(100 * number, *past, price=METERED))
        once = {"discount_amounts": [{"amount": 500, "discount": "di_once"}]}
        billing.invoice(
            "welcomed", start, regular | (once if number == 0 else {}), discounts=[ONCE]
        )
        ever = {"discount_amounts": [{"amount": 200, "discount": "di_ever"}]}
        billing.invoice("rebated", start, regular | ever, discounts=[FOREVER])
        billing.invoice(
            "two_items", start, regular, line(300, start, end, price=LICENSED | {"id": "b"})
        )
        paused = {
            "status": "uncollectible",
            "status_transitions": {
                "finalized_at": unix(start), "marked_uncollectible_at": unix(start),
            },
        }  # fmt: skip
        billing.invoice("paused", start, regular, **(paused if number in (3, 4) else {}))
        owed = {
            "status": "uncollectible",
            "status_transitions": {
                "finalized_at": unix(start), "marked_uncollectible_at": unix(start) + 20 * 86_400,
            },
        }  # fmt: skip
        billing.invoice("dunned", start, regular, **(owed if number == 3 else {}))
        billing.invoice("free", start, regular | {"discount_amounts": [{"amount": 1000}]})
        tier = LICENSED | {"id": "tiered", "unit_amount": None}
        billing.invoice(
            "tiered",
            start,
            line(500, start, end, price=tier, quantity=5),
            line(300, start, end, price=tier, quantity=4),
        )
        billing.invoice("moved", start, regular, currency="eur" if number < 3 else "usd")
        late = "2026-03-02" if number == 2 else start
        billing.invoice("late_once", late, regular, currency="eur")
        if number < 3:
            billing.invoice("to_yearly", start, regular)
    billing.invoice(
        "back_dated",
        "2026-03-10",
        line(2290, "2026-01-01", "2026-03-10", proration=True),
        line(1000, "2026-03-10", "2026-04-10"),
    )
    billing.invoice("back_dated", "2026-04-10", line(1000, "2026-04-10", "2026-07-10"))
    billing.invoice(
        "to_yearly",
        "2026-03-15",
        line(-548, "2026-03-15", "2026-04-01", proration=True),
        line(10_800, "2026-03-15", "2027-03-15", price=YEARLY, item="seat"),
    )
    return billing


@pytest.fixture(scope="module")
def built(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Write the billing, build the revenue marts and test them."""
    with warehouse.connect() as connection:
        for name, rows in given().rows.items():
            table = sql.Identifier(warehouse.schema("raw_stripe"), name)
            columns = COLUMNS[name]
            typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(typed)))
            for row in rows:
                values = [
                    Jsonb(row.get(column)) if kind == "jsonb" else row.get(column)
                    for column, kind in columns.items()
                ]
                marks = sql.SQL(", ").join(sql.Placeholder() * len(columns))
                connection.execute(
                    sql.SQL("insert into {} values ({})").format(table, marks), values
                )
        connection.execute(
            sql.SQL("grant select on all tables in schema {} to public").format(
                sql.Identifier(warehouse.schema("raw_stripe"))
            )
        )
    settings = Settings(
        company_name="Pricing (synthetic)",
        sources=["stripe"],
        as_of_date=AS_OF,
        schema_prefix=warehouse.schema_prefix,
    )
    results = dbt(
        warehouse, settings, tmp_path_factory.mktemp("target"),
        "build", "--exclude-resource-type", "unit_test",
        "--select", "+fct_mrr_movement", "+int_account__day_feature", "+dim_account",
        "assert_closing_mrr_equals_subscription_rows", "account_source_link",
        as_of=AS_OF,
    )  # fmt: skip
    ran = [one.node.name for one in results]
    assert "assert_closing_mrr_equals_subscription_rows" in ran
    return warehouse


MRR: dict[str, list[int]] = {
    "usage": [1, 2, 3, 4, 5],  # from the first invoice on, in February
    "welcomed": [10] * 6,
    "rebated": [8] * 6,
    "two_items": [13] * 6,
    "paused": [10, 10, 10, 0, 0, 10],
    "dunned": [10] * 6,
    "free": [],
    "tiered": [8] * 6,
    "back_dated": [10] * 6,
    "to_yearly": [10, 10, 9, 9, 9, 9],
    "shortened": [8, 8, 10, 10, 10, 10],
    "lapsed": [8, 8, 10, 0, 0, 0],  # the year that it left does not come back
}


@pytest.mark.parametrize("customer", MRR)
def test_each_way_of_pricing_has_its_mrr(built: Warehouse, customer: str) -> None:
    with built.connect() as connection:
        found = connection.execute(
            f"select closing_mrr from {built.schema('marts')}.fct_mrr_movement"
            f" join {built.schema('marts')}.dim_account using (account_id)"
            " where anchor_source_id = %s order by month".encode(),
            (customer,),
        ).fetchall()
    assert [int(mrr) for (mrr,) in found] == MRR[customer]


def periods(built: Warehouse, customer: str, columns: str) -> list[tuple[Any, ...]]:
    with built.connect() as connection:
        return connection.execute(
            f"select {columns}"
            f" from {built.schema('intermediate')}.int_revenue__subscription_period as period"
            f" join {built.schema('marts')}.dim_account using (account_id)"
            " where anchor_source_id = %s order by started_on".encode(),
            (customer,),
        ).fetchall()


def test_a_changed_currency_is_worth_the_rate_of_the_day_each_price_began(
    built: Warehouse,
) -> None:
    with (DBT_PROJECT / "seeds" / "exchange_rate.csv").open(encoding="utf-8") as file:
        rates = {row["rate_month"]: row["usd_per_unit"] for row in csv.DictReader(file)
                 if row["currency"] == "EUR"}  # fmt: skip
    assert rates["2026-01-01"] != rates["2026-03-01"], "else today's rate would do as well"
    in_euros = 10 * Decimal(rates["2026-01-01"])
    found = periods(built, "moved", "currency, round(period.mrr, 4), started_on, ended_on")
    april = dt.date(2026, 4, 1)
    assert found == [
        ("EUR", round(in_euros, 4), dt.date(2026, 1, 1), april),
        ("USD", Decimal("10.0000"), april, dt.date(2026, 7, 1)),
    ]


def test_an_invoice_that_is_late_by_a_day_gives_its_price_no_other_rate(built: Warehouse) -> None:
    found = periods(built, "late_once", "period.mrr, started_on")
    assert len(found) == 3
    assert len({mrr for mrr, _ in found}) == 1


def test_a_price_that_comes_back_has_the_rate_of_its_new_beginning(built: Warehouse) -> None:
    found = periods(built, "returned", "round(period.mrr_original), period.mrr")
    assert [original for original, _ in found] == [8, 10, 8]
    assert found[0][1] != found[2][1]


def test_the_tiers_of_one_item_are_one_price_for_all_its_seats(built: Warehouse) -> None:
    assert {row[0] for row in periods(built, "tiered", "seats")} == {9}


Lookup = Callable[[str, str], Any]


@pytest.fixture
def feature(built: Warehouse) -> Lookup:
    """Return a customer's MRR as its features have it on a day."""

    def on(customer: str, day: str) -> Any:
        with built.connect() as connection:
            row = connection.execute(
                "select feature.mrr from"
                f" {built.schema('intermediate')}.int_account__day_feature as feature"
                f" join {built.schema('marts')}.dim_account using (account_id)"
                " where anchor_source_id = %s and as_of_date = %s".encode(),
                (customer, day),
            ).fetchone()
        return None if row is None else int(row[0])

    return on


def test_features_know_a_back_dated_start_from_its_invoice_on(feature: Lookup) -> None:
    assert feature("back_dated", "2026-03-09") is None
    assert feature("back_dated", "2026-03-10") == 10


def test_features_know_usage_from_its_invoice_to_the_next(feature: Lookup) -> None:
    assert [feature("usage", day) for day in ("2026-01-31", "2026-02-01", "2026-02-28")] == [
        None, 1, 1,
    ]  # fmt: skip
    assert feature("usage", "2026-03-01") == 2


def test_a_pause_longer_than_the_grace_is_churn_and_its_end_a_reactivation(
    built: Warehouse,
) -> None:
    with built.connect() as connection:
        found = connection.execute(
            f"select extract(month from month)::int, churned_mrr::int, reactivation_mrr::int"
            f" from {built.schema('marts')}.fct_mrr_movement"
            f" join {built.schema('marts')}.dim_account using (account_id)"
            " where anchor_source_id = 'paused' and churned_mrr + reactivation_mrr <> 0"
            " order by month".encode()
        ).fetchall()
    assert found == [(4, -10, 0), (6, 0, 10)]
