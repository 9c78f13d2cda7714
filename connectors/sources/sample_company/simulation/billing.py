"""Stripe: products, prices, customers, subscriptions as they are now, invoices as they were."""

from pathlib import Path

import numpy as np

from connectors.sources.sample_company.simulation.contracts import Contracts, Subscription
from connectors.sources.sample_company.simulation.invoicing import (
    Bill,
    Biller,
    bill_second,
    settle,
    state_on,
)
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.people import People
from connectors.sources.sample_company.simulation.prices import PRODUCT_IDS, basket, price_list
from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.simulation.stripe_records import (
    amounts,
    collection_method,
    item_list,
    line_list,
    plan_record,
    price_record,
    product_record,
    status_of,
    subscription_times,
    transitions,
    voided_copy,
)
from connectors.sources.sample_company.simulation.timeline import SECONDS_A_DAY, Timeline
from connectors.sources.sample_company.simulation.world import PLACES, World

NO_ID_SHARE = 0.15
_COMPANY = "Sample Company (synthetic)"


def customer_id(account: int) -> str:
    """Return the Stripe customer of an account."""
    return f"cus_Syn{account:07d}"


class BillingSystem:
    """Builds the five streams."""

    def __init__(
        self,
        world: World,
        latent: Latent,
        contracts: Contracts,
        people: People,
        timeline: Timeline,
        rise_day: int,
        seed: int,
    ) -> None:
        self.world, self.latent, self.contracts = world, latent, contracts
        self.people, self.timeline, self.rise_day = people, timeline, rise_day
        self.rng = np.random.default_rng([seed, 7])
        self.prices = price_list()
        self.names_account = self.rng.random(world.count) >= NO_ID_SHARE
        self.ids = world.account_ids()
        self.serial = 0
        self.streams = {
            name: Stream(name)
            for name in ("products", "prices", "customers", "subscriptions", "invoices")
        }

    def write(self, folder: Path) -> dict[str, int]:
        """Write all streams and return their record counts."""
        self._catalogue()
        latest: dict[int, tuple[int, bool]] = {}
        for number, subscription in enumerate(self.contracts.subscriptions):
            latest[subscription.account] = self._subscription(number, subscription)
        for account, (touched, delinquent) in latest.items():
            self._customer(account, touched, delinquent)
        self._deleted_customer()
        return {name: stream.write(folder, self.rng) for name, stream in self.streams.items()}

    def _catalogue(self) -> None:
        created = (self.timeline.start_day - 400) * SECONDS_A_DAY
        for name in PRODUCT_IDS:
            self.streams["products"].add(created * 1000, product_record(name, created))
        rise = (self.rise_day - 20) * SECONDS_A_DAY
        for price in self.prices.values():
            moment = rise if price.version else created
            self.streams["prices"].add(moment * 1000, price_record(price, moment))

    def _subscription(self, number: int, subscription: Subscription) -> tuple[int, bool]:
        """Write a subscription and its invoices; returns its last update and delinquency."""
        identifier = f"sub_Syn{number:08d}"
        account = subscription.account
        currency = PLACES[self.world.place[account]][4]
        biller = Biller(self.prices, currency, self.timeline.end_day)
        updated, last, delinquent = 0, None, False
        for bill in biller.bills(subscription):
            self._pay(bill, subscription)
            invoice, touched = self._invoice(bill, subscription, identifier)
            updated, last = max(updated, touched), invoice["id"]
            delinquent = invoice["status"] in ("open", "uncollectible")
            self.streams["invoices"].add(touched * 1000, invoice)
            if self.rng.random() < 0.003:
                self._void_double(invoice)
        record = self._subscription_record(identifier, subscription, currency)
        for moment in (subscription.cancelled, subscription.end):
            if 0 <= moment <= self.timeline.end_day:
                updated = max(updated, moment * SECONDS_A_DAY + 5 * 3600)
        record["latest_invoice"], record["updated"] = last, updated
        self.streams["subscriptions"].add(updated * 1000, record)
        return updated, delinquent

    def _pay(self, bill: Bill, subscription: Subscription) -> None:
        week = min((bill.day - self.timeline.start_day) // 7, self.timeline.weeks - 1)
        trouble = bool(self.latent.in_trouble[week, subscription.account])
        settle(bill, subscription.term == 1, trouble, self.rng)
        if bill.paid_second > self.timeline.end_second:
            bill.paid_second = -1

    def _number(self) -> tuple[str, str]:
        """Return the next invoice's id and number."""
        self.serial += 1
        return f"in_Syn{self.serial:09d}", f"SYN-{self.serial:07d}"

    def _invoice(
        self, bill: Bill, subscription: Subscription, identifier: str
    ) -> tuple[Record, int]:
        """Return an invoice as it stands on the last day, and when it last changed."""
        created = bill_second(bill)
        paid = bill.paid_second >= 0
        given_up = bill.is_last_unpaid and 0 <= subscription.end <= self.timeline.end_day
        written_off = subscription.end * SECONDS_A_DAY + 5 * 3600 if given_up else None
        touched = max(created + 3600, bill.paid_second, written_off or 0)
        status = "paid" if paid else "uncollectible" if given_up else "open"
        invoice, number = self._number()
        record: Record = {
            "id": invoice,
            "object": "invoice",
            "number": number,
            **self._payer(subscription.account),
            "subscription": identifier,
            "status": status,
            "billing_reason": bill.reason,
            "currency": bill.lines[0].price.currency.lower(),
            "collection_method": collection_method(subscription),
            "created": created,
            "updated": touched,
            "effective_at": created,
            "due_date": created + 30 * SECONDS_A_DAY if subscription.term == 12 else None,
            "period_start": min(line.start for line in bill.lines) * SECONDS_A_DAY,
            "period_end": max(line.end for line in bill.lines) * SECONDS_A_DAY,
            **amounts(bill.total, paid),
            "attempt_count": bill.attempts,
            "attempted": bill.attempts > 0,
            "auto_advance": status == "open",
            "livemode": False,
            "is_deleted": False,
            "status_transitions": transitions(
                created + 3600, bill.paid_second if paid else None, written_off
            ),
            "lines": line_list(bill, invoice, identifier),
            "metadata": {},
        }
        return record, touched

    def _payer(self, account: int) -> Record:
        return {
            "account_name": _COMPANY,
            "account_country": "US",
            "customer": customer_id(account),
            "customer_name": self.world.names[account],
            "customer_email": self._email(account),
        }

    def _void_double(self, invoice: Record) -> None:
        identifier, number = self._number()
        copy = voided_copy(invoice, identifier, number, self.timeline.end_second)
        self.streams["invoices"].add(copy["updated"] * 1000, copy)

    def _subscription_record(
        self, identifier: str, subscription: Subscription, currency: str
    ) -> Record:
        today = self.timeline.end_day
        _, seats, plan, add_ons, version = state_on(subscription.changes, today)
        items = basket(seats, plan, add_ons)
        prices = {i: self.prices[(i, currency, subscription.term, version)] for i in items}
        alone = len(items) == 1
        return {
            "id": identifier,
            "object": "subscription",
            "customer": customer_id(subscription.account),
            "status": status_of(subscription, today),
            "currency": currency.lower(),
            "collection_method": collection_method(subscription),
            "days_until_due": 30 if subscription.term == 12 else None,
            **subscription_times(subscription, today),
            "quantity": next(iter(items.values())) if alone else None,
            "items": item_list(identifier, items, prices, subscription),
            "plan": plan_record(next(iter(prices.values()))) if alone else None,
            "discount": None,
            "livemode": False,
            "is_deleted": False,
            "metadata": {},
        }

    def _email(self, account: int) -> str:
        return self.people.email[int(self.people.offset[account]) + 1]

    def _customer(self, account: int, touched: int, delinquent: bool) -> None:
        _, code, city, _, currency, _ = PLACES[self.world.place[account]]
        named = self.names_account[account]
        created = int(self.world.start_day[account]) * SECONDS_A_DAY + 1800
        metadata = {"salesforce_account_id": self.ids[account]} if named else {}
        record: Record = {
            "id": customer_id(account),
            "object": "customer",
            "name": self.world.names[account] if account % 40 else None,
            "email": self._email(account),
            "phone": None,
            "description": None,
            "currency": currency.lower(),
            "invoice_prefix": f"SYN{account:05d}",
            "address": {"city": city, "country": code} if account % 7 else None,
            "balance": 0,
            "delinquent": delinquent,
            "created": created,
            "updated": touched,
            "livemode": False,
            "is_deleted": False,
            "preferred_locales": [],
            "tax_exempt": "none",
            "metadata": metadata,
        }
        self.streams["customers"].add(touched * 1000, record)

    def _deleted_customer(self) -> None:
        """Test customers that somebody made and deleted again."""
        for number in range(max(2, self.world.count // 400)):
            moment = (self.timeline.start_day + 30 + number) * SECONDS_A_DAY
            record: Record = {
                "id": f"cus_SynTest{number:03d}",
                "object": "customer",
                "name": "Test customer",
                "email": None,
                "created": moment - 7200,
                "updated": moment,
                "livemode": False,
                "is_deleted": True,
                "metadata": {},
            }
            self.streams["customers"].add(moment * 1000, record)
