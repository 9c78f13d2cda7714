"""The price list: seats and add-ons, in three currencies, before and after the rise."""

from dataclasses import dataclass

from connectors.sources.sample_company.simulation.records import Record
from connectors.sources.sample_company.simulation.world import ADD_ONS, PLANS

CURRENCIES = ("USD", "EUR", "GBP")
RISE = 1.12
_RATE = {"USD": 1.0, "EUR": 0.93, "GBP": 0.80}
_MONTHLY_USD = {
    "Starter": 19.0,
    "Growth": 39.0,
    "Enterprise": 69.0,
    "Analytics": 8.0,
    "Automation": 12.0,
    "Support Plus": 180.0,
}
CORE = "Core Platform"
PRODUCT_IDS = {
    CORE: "prod_SynCorePlatform",
    "Analytics": "prod_SynAnalytics",
    "Automation": "prod_SynAutomation",
    "Support Plus": "prod_SynSupportPlus",
}


@dataclass(frozen=True)
class Price:
    """One Stripe price."""

    id: str
    item: str
    product: str
    currency: str
    months: int
    version: int
    unit_amount: int

    @property
    def interval(self) -> str:
        """Stripe's name of the billing interval."""
        return "year" if self.months == 12 else "month"

    @property
    def nickname(self) -> str:
        """Name as people see it."""
        term = "annual" if self.months == 12 else "monthly"
        plan = f"{CORE} {self.item}" if self.item in PLANS else self.item
        return f"{plan} {term} {self.currency}"

    def recurring(self) -> Record:
        """Stripe's `recurring` object."""
        return {
            "aggregate_usage": None,
            "interval": self.interval,
            "interval_count": 1,
            "trial_period_days": None,
            "usage_type": "licensed",
        }

    def plan_name(self) -> str | None:
        """Plan for prices of the core product."""
        return self.item if self.item in PLANS else None


def make_price(item: str, currency: str, months: int, version: int) -> Price:
    """Return the price of a plan's seat or an add-on in minor units a period."""
    amount = _MONTHLY_USD[item] * _RATE[currency] * (RISE if version else 1.0)
    if months == 12:
        amount = round(amount * 12 * 0.85)
    slug = item.lower().replace(" ", "")
    identifier = f"price_syn_{slug}_{currency.lower()}_{months:02d}m_v{version + 1}"
    product = PRODUCT_IDS[CORE if item in PLANS else item]
    return Price(identifier, item, product, currency, months, version, round(amount * 100))


def price_list() -> dict[tuple[str, str, int, int], Price]:
    """Return every price by item, currency, months and version."""
    return {
        (item, currency, months, version): make_price(item, currency, months, version)
        for item in (*PLANS, *ADD_ONS)
        for currency in CURRENCIES
        for months in (1, 12)
        for version in (0, 1)
    }


def quantity_of(item: str, seats: int) -> int:
    """Seats of a plan or add-on; Support Plus is bought once."""
    return 1 if item == "Support Plus" else seats


def basket(seats: int, plan: int, add_ons: int) -> dict[str, int]:
    """Return item -> quantity of a subscription's state."""
    items = [PLANS[plan]] + [name for bit, name in enumerate(ADD_ONS) if add_ons >> bit & 1]
    return {item: quantity_of(item, seats) for item in items}
