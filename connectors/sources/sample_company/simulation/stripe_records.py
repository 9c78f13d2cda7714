"""Stripe's objects, field by field."""

from connectors.sources.sample_company.simulation.contracts import Subscription
from connectors.sources.sample_company.simulation.invoicing import Bill, Line, shift
from connectors.sources.sample_company.simulation.prices import PRODUCT_IDS, Price
from connectors.sources.sample_company.simulation.records import Record
from connectors.sources.sample_company.simulation.timeline import SECONDS_A_DAY


def current_period(subscription: Subscription, day: int) -> tuple[int, int]:
    """Return first day and end (exclusive) of the billing period that a day lies in."""
    if day < subscription.anchor:
        return subscription.start, subscription.anchor
    step = 0
    while shift(subscription.anchor, (step + 1) * subscription.term) <= day:
        step += 1
    start = shift(subscription.anchor, step * subscription.term)
    return start, shift(subscription.anchor, (step + 1) * subscription.term)


def collection_method(subscription: Subscription) -> str:
    """Return how a subscription is collected: by card, or by invoice if annual."""
    return "send_invoice" if subscription.term == 12 else "charge_automatically"


def amounts(total: int, paid: bool) -> Record:
    """Return an invoice's sums in minor units."""
    due = max(total, 0)
    settled = due if paid else 0
    return {
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "tax": None,
        "total": total,
        "total_excluding_tax": total,
        "amount_due": due,
        "amount_paid": settled,
        "amount_remaining": due - settled,
        "starting_balance": 0,
        "ending_balance": min(total, 0),
        "paid": paid,
        "paid_out_of_band": False,
    }


def price_record(price: Price, moment: int) -> Record:
    """Return a price as the prices stream has it."""
    plan = price.plan_name()
    return {
        "id": price.id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": moment,
        "updated": moment,
        "currency": price.currency.lower(),
        "livemode": False,
        "lookup_key": None,
        "metadata": {"plan": plan} if plan else {},
        "nickname": price.nickname,
        "product": price.product,
        "recurring": price.recurring(),
        "tax_behavior": "exclusive",
        "tiers_mode": None,
        "type": "recurring",
        "unit_amount": price.unit_amount,
        "unit_amount_decimal": str(price.unit_amount),
        "is_deleted": False,
    }


def plan_record(price: Price) -> Record:
    """Return a price in the shape of the older plan object."""
    return {
        "id": price.id,
        "object": "plan",
        "active": True,
        "amount": price.unit_amount,
        "currency": price.currency.lower(),
        "interval": price.interval,
        "interval_count": 1,
        "nickname": price.nickname,
        "product": price.product,
        "usage_type": "licensed",
        "billing_scheme": "per_unit",
        "livemode": False,
        "metadata": {},
    }


def nested_price(price: Price) -> Record:
    """Return a price as it appears inside lines and items."""
    keys = ("id", "object", "active", "currency", "nickname", "product", "recurring")
    record = price_record(price, 0)
    nested: Record = {key: record[key] for key in keys}
    return {
        **nested,
        "type": "recurring",
        "unit_amount": price.unit_amount,
        "metadata": record["metadata"],
    }


def item_id(subscription: str, price: Price) -> str:
    """Return the subscription item of a product; changing the plan keeps it."""
    return f"si_{subscription[4:]}_{price.product.removeprefix('prod_Syn').lower()}"


def line_record(line: Line, identifier: str, subscription: str) -> Record:
    """Return an invoice line."""
    return {
        "id": identifier,
        "object": "line_item",
        "amount": line.amount,
        "currency": line.price.currency.lower(),
        "description": line.description,
        "discountable": not line.is_proration,
        "livemode": False,
        "period": {"start": line.start * SECONDS_A_DAY, "end": line.end * SECONDS_A_DAY},
        "price": nested_price(line.price),
        "proration": line.is_proration,
        "quantity": line.quantity,
        "subscription": subscription,
        "subscription_item": item_id(subscription, line.price),
        "type": "subscription",
        "metadata": {},
    }


def item_list(
    identifier: str, items: dict[str, int], prices: dict[str, Price], subscription: Subscription
) -> Record:
    """Return a subscription's list of items."""
    data = [
        {
            "id": item_id(identifier, prices[item]),
            "object": "subscription_item",
            "created": subscription.start * SECONDS_A_DAY + 3600,
            "price": nested_price(prices[item]),
            "quantity": quantity,
            "subscription": identifier,
            "metadata": {},
        }
        for item, quantity in items.items()
    ]
    return {
        "object": "list",
        "data": data,
        "has_more": False,
        "total_count": len(data),
        "url": f"/v1/subscription_items?subscription={identifier}",
    }


def product_record(name: str, created: int) -> Record:
    """Return a product as the products stream has it."""
    return {
        "id": PRODUCT_IDS[name],
        "object": "product",
        "active": True,
        "name": name,
        "description": f"{name} of a synthetic company",
        "type": "service",
        "unit_label": None if name == "Support Plus" else "seat",
        "livemode": False,
        "images": [],
        "metadata": {"kind": "core" if name == "Core Platform" else "add_on"},
        "created": created,
        "updated": created,
        "is_deleted": False,
    }


def line_list(bill: Bill, invoice: str, subscription: str) -> Record:
    """Return the lines of an invoice."""
    data = [
        line_record(line, f"il_{invoice[3:]}{position:02d}", subscription)
        for position, line in enumerate(bill.lines)
    ]
    return {
        "object": "list",
        "data": data,
        "has_more": False,
        "total_count": len(data),
        "url": f"/v1/invoices/{invoice}/lines",
    }


def transitions(finalized: int, paid: int | None = None, written_off: int | None = None) -> Record:
    """Return when an invoice changed its status."""
    return {
        "finalized_at": finalized,
        "marked_uncollectible_at": written_off,
        "paid_at": paid,
        "voided_at": None,
    }


def voided_copy(invoice: Record, identifier: str, number: str, last_second: int) -> Record:
    """Return the invoice that somebody made twice by mistake and voided an hour later."""
    created = invoice["created"] + 1800
    voided = min(created + 3600, last_second)
    lines = [
        {**line, "id": f"il_{identifier[3:]}{position:02d}"}
        for position, line in enumerate(invoice["lines"]["data"])
    ]
    return {
        **invoice,
        "id": identifier,
        "number": number,
        "status": "void",
        "billing_reason": "manual",
        "created": created,
        "effective_at": created,
        "updated": voided,
        "amount_paid": 0,
        "amount_remaining": invoice["amount_due"],
        "paid": False,
        "auto_advance": False,
        "status_transitions": {**transitions(created), "voided_at": voided},
        "lines": {**invoice["lines"], "data": lines, "url": f"/v1/invoices/{identifier}/lines"},
    }


def subscription_times(subscription: Subscription, today: int) -> Record:
    """Return every time field of a subscription as seen on day `today`."""
    ended = 0 <= subscription.end <= today
    known = 0 <= subscription.cancelled <= today
    leaving = known and not ended
    start, stop = current_period(subscription, (subscription.end if ended else today) - ended)
    trial = subscription.trial_end >= 0
    day = SECONDS_A_DAY
    return {
        "created": subscription.start * day + 3600,
        "start_date": subscription.start * day + 3600,
        "billing_cycle_anchor": subscription.anchor * day,
        "current_period_start": start * day,
        "current_period_end": stop * day,
        "trial_start": subscription.start * day if trial else None,
        "trial_end": subscription.trial_end * day if trial else None,
        "cancel_at_period_end": leaving,
        "cancel_at": subscription.end * day if leaving else None,
        "canceled_at": subscription.cancelled * day + 4 * 3600 if known else None,
        "ended_at": subscription.end * day if ended else None,
        "cancellation_details": {
            "comment": None,
            "feedback": None,
            "reason": subscription.reason if known else None,
        },
    }


def status_of(subscription: Subscription, today: int) -> str:
    """Return Stripe's status of a subscription on day `today`."""
    if 0 <= subscription.end <= today:
        return "canceled"
    return "trialing" if subscription.trial_end > today else "active"
