"""Invoices of one subscription: trial, cycles, prorations, dunning."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from connectors.sources.sample_company.simulation.contracts import DUNNING_DAYS, Subscription
from connectors.sources.sample_company.simulation.prices import Price, basket
from connectors.sources.sample_company.simulation.timeline import (
    SECONDS_A_DAY,
    add_months,
    from_day,
)

PriceList = dict[tuple[str, str, int, int], Price]
Change = tuple[int, int, int, int, int]


@dataclass
class Line:
    """An invoice line; days are day numbers, amount in minor units."""

    price: Price
    quantity: int
    amount: int
    start: int
    end: int
    is_proration: bool
    description: str


@dataclass
class Bill:
    """An invoice before it becomes a record."""

    day: int
    reason: str
    lines: list[Line]
    is_last_unpaid: bool = False
    paid_second: int = -1
    attempts: int = 1

    @property
    def total(self) -> int:
        """Sum of the lines."""
        return sum(line.amount for line in self.lines)


def shift(anchor: int, months: int) -> int:
    """Add months to a day number."""
    return int(add_months(np.array([anchor]), np.array([months]))[0])


class Biller:
    """Walks through a subscription's periods and yields its bills in order."""

    def __init__(self, prices: PriceList, currency: str, last_day: int) -> None:
        self.prices, self.currency, self.last_day = prices, currency, last_day

    def bills(self, subscription: Subscription) -> Iterator[Bill]:
        """Yield every invoice raised up to the last day of data."""
        end = subscription.end if subscription.end >= 0 else self.last_day + 1
        if subscription.trial_end >= 0:
            yield self._trial(subscription)
        step = 0
        while True:
            start = shift(subscription.anchor, step * subscription.term)
            stop = shift(subscription.anchor, (step + 1) * subscription.term)
            if start > self.last_day or start >= end:
                return
            first = step == 0 and subscription.trial_end < 0
            bill = self._cycle(subscription, start, stop, first)
            dunned = subscription.reason == "payment_failed"
            bill.is_last_unpaid = dunned and start == subscription.end - DUNNING_DAYS
            yield bill
            for before, after in _pairs(subscription.changes, start, min(stop, end)):
                if after[0] <= self.last_day:
                    yield self._proration(subscription.term, before, after, start, stop)
            step += 1

    def _price(self, item: str, term: int, version: int) -> Price:
        return self.prices[(item, self.currency, term, version)]

    def _cycle(self, subscription: Subscription, start: int, stop: int, first: bool) -> Bill:
        _, seats, plan, add_ons, version = state_on(subscription.changes, start)
        lines = []
        for item, quantity in basket(seats, plan, add_ons).items():
            price = self._price(item, subscription.term, version)
            text = f"{quantity} × {price.nickname}"  # noqa: RUF001
            amount = quantity * price.unit_amount
            lines.append(Line(price, quantity, amount, start, stop, False, text))
        return Bill(start, "subscription_create" if first else "subscription_cycle", lines)

    def _trial(self, subscription: Subscription) -> Bill:
        _, seats, plan, add_ons, version = subscription.changes[0]
        start, stop = subscription.start, subscription.trial_end
        lines = []
        for item, quantity in basket(seats, plan, add_ons).items():
            price = self._price(item, subscription.term, version)
            text = f"Trial period for {price.nickname}"
            lines.append(Line(price, quantity, 0, start, stop, False, text))
        return Bill(start, "subscription_create", lines)

    def _proration(self, term: int, before: Change, after: Change, start: int, stop: int) -> Bill:
        """Bill a change inside a period: what is unused comes back, what remains is charged."""
        day = after[0]
        share = (stop - day) / (stop - start)
        old, new = basket(*before[1:4]), basket(*after[1:4])
        when = from_day(day).strftime("%d %b %Y")
        lines = []
        for sign, items, version, words in (
            (-1, old, before[4], "Unused time on"),
            (1, new, after[4], "Remaining time on"),
        ):
            for item, quantity in items.items():
                if old.get(item) == new.get(item):
                    continue
                price = self._price(item, term, version)
                amount = sign * round(quantity * price.unit_amount * share)
                text = f"{words} {quantity} × {price.nickname} after {when}"  # noqa: RUF001
                lines.append(Line(price, quantity, amount, day, stop, True, text))
        return Bill(day, "subscription_update", lines)


def state_on(changes: list[Change], day: int) -> Change:
    """Return the state in force on a day; the first one before the first change."""
    state = changes[0]
    for change in changes:
        if change[0] <= day:
            state = change
    return state


def _pairs(changes: list[Change], start: int, stop: int) -> Iterator[tuple[Change, Change]]:
    for before, after in pairwise(changes):
        if start < after[0] < stop:
            yield before, after


def settle(bill: Bill, monthly: bool, in_trouble: bool, rng: np.random.Generator) -> None:
    """Decide when a bill is paid: at once by card, near the due date on account, late in need."""
    created = bill_second(bill)
    draw, wait, late = rng.random(), rng.random(), rng.random() < (0.75 if in_trouble else 0.035)
    if bill.total <= 0:
        bill.paid_second, bill.attempts = created, 0
    elif bill.is_last_unpaid:
        bill.attempts = 4
    elif monthly:
        delay = (3 + 17 * wait) * SECONDS_A_DAY if late else 3600 + 600 * draw
        bill.paid_second = created + int(delay)
        bill.attempts = 1 + (1 + int(3 * wait) if late else 0)
    else:
        days = 31 + 40 * wait if late else 8 + 21 * wait
        bill.paid_second = created + int(days * SECONDS_A_DAY)


def bill_second(bill: Bill) -> int:
    """Second at which a bill is made: in the early morning, a bit different each day."""
    return bill.day * SECONDS_A_DAY + 4 * 3600 + (bill.day * 7919) % 7200
