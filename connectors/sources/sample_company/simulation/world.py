"""Accounts as they are: size, place, fit, contract at the start, and the dirt of their records."""

from dataclasses import dataclass

import numpy as np

from connectors.sources.sample_company.simulation.names import company_names, domain_of
from connectors.sources.sample_company.simulation.timeline import Array, Timeline

SEGMENTS = ("SMB", "Mid-Market", "Enterprise")
PLANS = ("Starter", "Growth", "Enterprise")
ADD_ONS = ("Analytics", "Automation", "Support Plus")
INDUSTRIES = (
    "Manufacturing",
    "Retail",
    "Healthcare",
    "Technology",
    "Financial Services",
    "Education",
    "Media",
    "Transportation",
)
# country, code, city, time zone, currency, weight
PLACES = (
    ("United States", "US", "Portland", "America/Los_Angeles", "USD", 0.24),
    ("United States", "US", "Boston", "America/New_York", "USD", 0.26),
    ("Canada", "CA", "Toronto", "America/Toronto", "USD", 0.06),
    ("Germany", "DE", "Leipzig", "Europe/Berlin", "EUR", 0.14),
    ("France", "FR", "Lyon", "Europe/Paris", "EUR", 0.07),
    ("Netherlands", "NL", "Utrecht", "Europe/Amsterdam", "EUR", 0.05),
    ("United Kingdom", "GB", "Leeds", "Europe/London", "GBP", 0.14),
    ("India", "IN", "Pune", "Asia/Kolkata", "USD", 0.04),
)
ZONES = [place[3] for place in PLACES]
TRIAL_DAYS = 14

PROSPECT, TRIAL_ONLY, CUSTOMER = 0, 1, 2


@dataclass
class World:
    """What is true of each account for good. All arrays have shape (accounts,) unless said.

    Attributes
    ----------
    kind : PROSPECT, TRIAL_ONLY or CUSTOMER
    start_day : first day of the first subscription (trial included); -1 for prospects
    term : months of a billing period, 1 or 12
    fit, frailty : latent; frailty is what nobody could see
    affinity : shape (accounts, 3), latent taste for each add-on
    master : account this record is a deleted duplicate of, or -1
    parent : parent account, or -1
    """

    count: int
    names: list[str]
    domains: list[str]
    has_free_mail: Array
    segment: Array
    industry: Array
    place: Array
    employees: Array
    revenue: Array
    kind: Array
    has_trial: Array
    start_day: Array
    created_day: Array
    term: Array
    plan: Array
    seats: Array
    price_move_day: Array
    fit: Array
    frailty: Array
    affinity: Array
    parent: Array
    master: Array
    owner: Array
    owners: int

    def account_ids(self) -> list[str]:
        """Return each account's Salesforce Id (18 characters)."""
        return [salesforce_id("001", number) for number in range(self.count)]


def salesforce_id(prefix: str, number: int) -> str:
    """Return an 18-character Id: object prefix, number, checksum of the capitals' places."""
    bits = sum(1 << place for place, letter in enumerate(prefix) if letter.isupper())
    return f"{prefix}cs000{number:07d}{'ABCDEFGHIJKLMNOP'[bits]}AA"


def choose(rng: np.random.Generator, weights: Array, size: int) -> Array:
    """Draw categories by weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    drawn: Array = np.searchsorted(edges / edges[-1], rng.random(size), side="right")
    return drawn


def make_world(accounts: int, seed: int, timeline: Timeline, rise_day: int) -> World:
    """Draw the accounts; from `rise_day` on, new customers pay the new prices."""
    rng = np.random.default_rng([seed, 1])
    segment = choose(rng, np.array([0.58, 0.31, 0.11]), accounts)
    segment[3:6] = (0, 2, 2)
    employees, seats = _sizes(rng, segment)
    kind = choose(rng, np.array([0.06, 0.02, 0.92]), accounts)
    kind[:4] = (PROSPECT, PROSPECT, TRIAL_ONLY, CUSTOMER)
    term = np.where(rng.random(accounts) < np.array([0.20, 0.36, 0.62])[segment], 12, 1)
    term = np.where(kind == TRIAL_ONLY, 1, term)
    start, created, trial = _dates(rng, timeline, kind, term)
    names = company_names(accounts, rng)
    owners = max(4, accounts // 80)
    world = World(
        count=accounts,
        names=names,
        domains=[domain_of(name) for name in names],
        has_free_mail=(segment == 0) & (rng.random(accounts) < 0.06) | (np.arange(accounts) == 3),
        segment=segment,
        industry=rng.integers(0, len(INDUSTRIES), accounts),
        place=choose(rng, np.array([place[5] for place in PLACES]), accounts),
        employees=employees,
        revenue=np.round(employees * rng.lognormal(11.6, 0.4, accounts), -3),
        kind=kind,
        has_trial=trial,
        start_day=start,
        created_day=created,
        term=term,
        plan=_plans(rng, segment),
        seats=seats,
        price_move_day=rise_day + rng.integers(30, 270, accounts),
        fit=rng.normal(size=accounts),
        frailty=rng.normal(scale=0.25, size=accounts),
        affinity=rng.normal(size=(accounts, len(ADD_ONS))),
        owner=rng.integers(0, owners, accounts),
        owners=owners,
        **{name: np.full(accounts, -1) for name in ("parent", "master")},
    )
    _relate(world, rng)
    return world


def _sizes(rng: np.random.Generator, segment: Array) -> tuple[Array, Array]:
    median = np.array([24.0, 220.0, 1800.0])[segment]
    employees = np.round(median * rng.lognormal(0, 0.5, len(segment))).astype(np.int64)
    seats = np.array([6.0, 19.0, 52.0])[segment] * rng.lognormal(0, 0.4, len(segment))
    return np.maximum(employees, 3), np.clip(np.round(seats), 2, 160).astype(np.int64)


def _plans(rng: np.random.Generator, segment: Array) -> Array:
    share = np.array([[0.75, 0.25, 0.0], [0.15, 0.70, 0.15], [0.0, 0.2, 0.8]])[segment]
    drawn: Array = (rng.random(len(segment))[:, None] > np.cumsum(share, axis=1)).sum(axis=1)
    return np.minimum(drawn, len(PLANS) - 1)


def _dates(
    rng: np.random.Generator, timeline: Timeline, kind: Array, term: Array
) -> tuple[Array, Array, Array]:
    """Draw first subscription day, CRM creation day and whether a trial came first.

    A bit more than half of the customers are older than the data: billing moved to its present
    system when the data begins, monthly ones in the first six weeks, annual ones at their renewal
    within the first year. So the history of each subscription is whole.
    """
    size = len(kind)
    first, last = timeline.start_day, timeline.end_day
    carried = (rng.random(size) < 0.56) & (kind == CUSTOMER)
    moved = first + np.where(term == 12, rng.integers(0, 365, size), rng.integers(0, 45, size))
    fresh = first + rng.integers(21, last - first - 3, size)
    start = np.where(carried, moved, fresh)
    trial = ~carried & ((rng.random(size) < 0.3) | (kind == TRIAL_ONLY)) & (kind != PROSPECT)
    age = np.where(carried, rng.integers(200, 1500, size), rng.integers(5, 120, size))
    created = start - age
    return np.where(kind == PROSPECT, -1, start), created, trial


def _relate(world: World, rng: np.random.Generator) -> None:
    """Give some accounts parents, some a shared domain, and make some deleted duplicates."""
    count = world.count
    customers = np.flatnonzero(world.kind == CUSTOMER)
    prospects = np.flatnonzero(world.kind == PROSPECT)
    parents = customers[world.segment[customers] == 2][: max(1, count // 100)]
    others = rng.permutation(np.setdiff1d(customers, parents))
    for number, parent in enumerate(parents):
        for child in others[number * 3 : number * 3 + 2 + number % 2]:
            world.parent[child] = parent
            world.names[child] = f"{world.names[parent]} {PLACES[world.place[child]][2]}"
    pairs = others[-2 * max(1, count // 100) :].reshape(-1, 2)
    for one, two in pairs:
        if world.parent[two] < 0:
            world.domains[two] = world.domains[one]
            world.has_free_mail[[one, two]] = False
    doubles = prospects[: max(1, len(prospects) // 4)]
    for double, master in zip(doubles, rng.choice(customers, len(doubles), False), strict=True):
        world.master[double] = master
        world.names[double] = world.names[master]
        world.domains[double] = world.domains[master]
        world.created_day[double] = world.created_day[master] + 3
