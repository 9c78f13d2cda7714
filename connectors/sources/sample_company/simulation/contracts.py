"""Subscriptions week by week: billing dates, renewals, growth, shrinking, leaving, coming back."""

from dataclasses import dataclass, field

import numpy as np

from connectors.sources.sample_company.simulation.hazards import (
    MID_TERM_WEIGHT,
    QUARTER,
    RENEWAL_WEIGHT,
    SUDDEN,
    Hazards,
)
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.timeline import Array, Timeline, add_months
from connectors.sources.sample_company.simulation.world import (
    ADD_ONS,
    PROSPECT,
    TRIAL_DAYS,
    TRIAL_ONLY,
    World,
)

OPEN = 1 << 40
DUNNING_DAYS = 21
GRACE_DAYS = 30


@dataclass
class Subscription:
    """One subscription as billing sees it; days are day numbers, -1 where there is none."""

    account: int
    start: int
    anchor: int
    term: int
    trial_end: int = -1
    end: int = -1
    cancelled: int = -1
    reason: str = ""
    changes: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    """(day, seats, plan, add-on bits, price version), from that day on."""


@dataclass
class Contracts:
    """The commercial truth.

    Attributes
    ----------
    subscriptions : in order of creation
    seats : shape (weeks, accounts), 0 where there is no subscription or trial
    is_paying : shape (weeks, accounts), a paid subscription covers that Monday
    next_billing : shape (weeks, accounts), day number of the next billing date after that Monday
    piled : shape (weeks, accounts), hazard piled up since the last billing date
    is_leaving : shape (weeks, accounts), the decision to leave has been made
    is_annual : shape (weeks, accounts), billed by the year
    """

    subscriptions: list[Subscription]
    seats: Array
    is_paying: Array
    next_billing: Array
    piled: Array
    is_leaving: Array
    is_annual: Array

    def access_window(self, timeline: Timeline) -> tuple[Array, Array]:
        """First day with access and first day without, per week, each (weeks, accounts).

        Only weeks in which a subscription opens or closes differ from the whole week.
        """
        shape = self.seats.shape
        first = np.broadcast_to(timeline.mondays[:, None], shape).copy()
        last = np.broadcast_to(timeline.mondays[:, None] + 7, shape).copy()
        for subscription in self.subscriptions:
            week = (subscription.start - timeline.start_day) // 7
            first[week, subscription.account] = subscription.start
            last[week, subscription.account] = timeline.mondays[week] + 7
            week = (subscription.end - timeline.start_day) // 7
            if 0 <= week < timeline.weeks:
                last[week, subscription.account] = subscription.end
        return first, last

    def lost_on(self, account_count: int) -> list[list[int]]:
        """Return for each account the days it was lost for longer than the grace gap."""
        by_account: list[list[Subscription]] = [[] for _ in range(account_count)]
        for subscription in self.subscriptions:
            by_account[subscription.account].append(subscription)
        lost: list[list[int]] = []
        for chain in by_account:
            days = []
            for number, subscription in enumerate(chain):
                follows = chain[number + 1].start if number + 1 < len(chain) else OPEN
                paid = subscription.end > subscription.anchor
                if subscription.end >= 0 and paid and follows - subscription.end > GRACE_DAYS:
                    days.append(subscription.end)
            lost.append(days)
        return lost


class ContractSimulation:
    """Runs the weeks; `run` returns :class:`Contracts`."""

    def __init__(
        self,
        world: World,
        latent: Latent,
        hazards: Hazards,
        timeline: Timeline,
        rise_day: int,
        seed: int,
    ) -> None:
        self.world, self.latent, self.hazards, self.timeline = world, latent, hazards, timeline
        self.rng = np.random.default_rng([seed, 3])
        count = world.count
        self.start_on = np.where(world.kind == PROSPECT, OPEN, world.start_day)
        self.rise_day = rise_day
        self.seats = world.seats.copy()
        self.plan = world.plan.copy()
        self.add_ons = np.zeros(count, dtype=np.int64)
        self.version = np.zeros(count, dtype=np.int64)
        self.term = world.term.copy()
        self.anchor = np.full(count, OPEN)
        self.next = np.full(count, OPEN)
        self.step = np.zeros(count, dtype=np.int64)
        self.end = np.full(count, -1)
        self.current = np.full(count, -1)
        self.risk = np.zeros(count)
        self.out: list[Subscription] = []

    def run(self) -> Contracts:
        """Simulate all weeks."""
        shape = (self.timeline.weeks, self.world.count)
        seats = np.zeros(shape, dtype=np.int16)
        paying = np.zeros(shape, dtype=bool)
        leaving = np.zeros(shape, dtype=bool)
        annual = np.zeros(shape, dtype=bool)
        following = np.full(shape, OPEN)
        piled = np.zeros(shape, dtype=np.float32)
        for week in range(self.timeline.weeks):
            monday = int(self.timeline.mondays[week])
            self._finish(monday)
            self._begin(monday)
            live = self.current >= 0
            seats[week] = np.where(live, self.seats, 0)
            paying[week] = live & (self.anchor <= monday)
            leaving[week] = live & (self.end >= 0)
            annual[week] = self.term == 12
            following[week], piled[week] = self.next, self.risk
            self._advance(week, monday)
        self._settle_cancellations(leaving)
        return Contracts(self.out, seats, paying, following, piled, leaving, annual)

    def _finish(self, monday: int) -> None:
        """Close subscriptions that ended before this week, and let some come back later."""
        over = np.flatnonzero((self.current >= 0) & (self.end >= 0) & (self.end <= monday))
        for account in over:
            self.current[account] = -1
            self.next[account] = self.anchor[account] = OPEN
            draw, wait = self.rng.random(), self.rng.random()
            if self.world.kind[account] == TRIAL_ONLY:
                continue
            if draw < 0.04:
                self.start_on[account] = monday + 1 + int(wait * 14)
            elif draw < 0.13:
                self.start_on[account] = monday + 45 + int(wait * 150)
            else:
                continue
            self.term[account] = 1
            self.seats[account] = max(2, int(self.seats[account] * 0.8))

    def _begin(self, monday: int) -> None:
        """Open the subscriptions and trials that start in this week."""
        week = range(monday, monday + 7)
        starts = np.flatnonzero((self.current < 0) & (self.start_on < monday + 7))
        for account in starts.tolist():
            day = max(int(self.start_on[account]), week.start)
            if day > self.timeline.end_day:
                continue
            first = self.end[account] < 0
            trial = bool(self.world.has_trial[account]) and first
            anchor = day + TRIAL_DAYS if trial else day
            self.version[account] = int(day >= self.rise_day)
            self.anchor[account], self.step[account] = anchor, 0
            self.end[account] = -1
            self.start_on[account] = OPEN
            self.risk[account] = 0.0
            if first and not trial:
                self.add_ons[account] = self._first_add_ons(account)
            subscription = Subscription(int(account), day, anchor, int(self.term[account]))
            subscription.trial_end = anchor if trial else -1
            if self.world.kind[account] == TRIAL_ONLY:
                subscription.end, subscription.cancelled = anchor, anchor - 2
                subscription.reason = "cancellation_requested"
                self.end[account] = anchor
            self.current[account] = len(self.out)
            self.out.append(subscription)
            self._record(account, day)
            self._schedule(np.array([account]))

    def _first_add_ons(self, account: int) -> int:
        taste = self.world.affinity[account] + self.rng.normal(size=len(ADD_ONS))
        return int(sum(1 << bit for bit in range(len(ADD_ONS)) if taste[bit] > 2.0))

    def _record(self, account: int, day: int) -> None:
        row = (
            int(day),
            int(self.seats[account]),
            int(self.plan[account]),
            int(self.add_ons[account]),
            int(self.version[account]),
        )
        changes = self.out[self.current[account]].changes
        if not changes or changes[-1][1:] != row[1:]:
            changes.append(row)

    def _schedule(self, accounts: Array) -> None:
        self.step[accounts] += 1
        months = self.step[accounts] * self.term[accounts]
        self.next[accounts] = add_months(self.anchor[accounts], months)

    def _advance(self, week: int, monday: int) -> None:
        """Let this week's billing dates, changes and sudden ends happen."""
        self.risk += self.hazards.weekly[week] * ((self.current >= 0) & (self.anchor <= monday))
        undecided = (self.current >= 0) & (self.end < 0) & (self.anchor <= monday)
        due = undecided & (self.next < monday + 7)
        self._decide(week, np.flatnonzero(due))
        chance = SUDDEN + MID_TERM_WEIGHT * self.hazards.weekly[week] * (self.term == 12)
        sudden = undecided & ~due & (self.rng.random(self.world.count) < -np.expm1(-chance))
        for account in np.flatnonzero(sudden).tolist():
            day = monday + int(self.rng.integers(1, 6))
            self._leave(account, day, day, "cancellation_requested")
        annual = undecided & ~due & ~sudden & (self.term == 12)
        self._grow(week, np.flatnonzero(annual), monday + int(self.rng.integers(1, 5)), 1.0)
        rest = np.flatnonzero((self.next < monday + 7) & (self.end < 0) & (self.current >= 0))
        self._schedule(rest)

    def _decide(self, week: int, accounts: Array) -> None:
        """Renew or leave at a billing date, then shrink or grow."""
        recent = self.hazards.weekly[max(0, week - QUARTER + 1) : week + 1]
        quarter = recent[:, accounts].mean(axis=0) * QUARTER
        risk = np.where(self.term[accounts] == 12, RENEWAL_WEIGHT * quarter, self.risk[accounts])
        leaves = self.rng.random(len(accounts)) < -np.expm1(-risk)
        broke = self.latent.in_trouble[week, accounts]
        for account, gone, poor in zip(accounts, leaves, broke, strict=True):
            day = int(self.next[account])
            if gone and poor:
                self._leave(account, day + DUNNING_DAYS, day + DUNNING_DAYS, "payment_failed")
            elif gone:
                notice = int(self.rng.integers(0, 10))
                since = max(day - notice, self.out[self.current[account]].changes[-1][0])
                self._leave(account, day, since, "cancellation_requested")
        stays = accounts[~leaves]
        self.risk[stays] = 0.0
        moved = (self.next[stays] >= self.world.price_move_day[stays]) | (
            (self.term[stays] == 12) & (self.next[stays] >= self.rise_day)
        )
        self.version[stays[moved]] = 1
        shrunk = self._shrink(week, stays)
        for term, weeks in ((1, 4.35), (12, 4.0)):
            chosen = stays[(self.term[stays] == term) & ~shrunk]
            self._grow(week, chosen, -1, weeks)
        for account in stays:
            self._record(account, int(self.next[account]))

    def _leave(self, account: int, end: int, known: int, reason: str) -> None:
        subscription = self.out[self.current[account]]
        self.end[account] = end
        subscription.end, subscription.cancelled, subscription.reason = end, known, reason

    def _shrink(self, week: int, accounts: Array) -> Array:
        """Cut seats, or drop an add-on, where adoption is low. Returns who did."""
        adoption = self.latent.adoption[week, accounts]
        months = np.where(self.term[accounts] == 12, 7.0, 1.0)
        rate = 0.010 * months * np.exp(-1.0 * adoption + 0.3 * self.latent.pain[week, accounts])
        shrinks: Array = self.rng.random(len(accounts)) < -np.expm1(-rate)
        for account in accounts[shrinks]:
            keep = self.rng.uniform(0.5, 0.88)
            if self.add_ons[account] and self.rng.random() < 0.3:
                self.add_ons[account] &= self.add_ons[account] - 1
            else:
                self.seats[account] = max(1, int(self.seats[account] * keep))
        return shrinks

    def _grow(self, week: int, accounts: Array, day: int, weeks: float) -> None:
        """Add seats, a bigger plan or an add-on; mid-term on `day`, at a billing date if -1."""
        adoption = self.latent.adoption[week, accounts]
        trouble = 0.5 * self.latent.pain[week, accounts] + self.latent.no_champion[week, accounts]
        pull = np.exp(0.9 * adoption - trouble)
        grows = self.rng.random(len(accounts)) < -np.expm1(-0.0032 * weeks * pull)
        size = self.rng.uniform(1.08, 1.5, len(accounts))
        taste = np.exp(1.1 * self.world.affinity[accounts])
        buys = self.rng.random((len(accounts), len(ADD_ONS))) < -np.expm1(
            -0.0006 * weeks * pull[:, None] * taste
        )
        for index in np.flatnonzero(grows | buys.any(axis=1)):
            account = accounts[index]
            if grows[index]:
                more = int(np.ceil(self.seats[account] * size[index]))
                self.seats[account] = min(250, max(more, self.seats[account] + 1))
                if self.seats[account] > (8, 40, 999)[self.plan[account]]:
                    self.plan[account] += int(self.rng.random() < 0.35)
            for bit in np.flatnonzero(buys[index]):
                self.add_ons[account] |= 1 << int(bit)
            if day >= 0:
                self._record(account, min(day, self.timeline.end_day))

    def _settle_cancellations(self, leaving: Array) -> None:
        """Mark the weeks between the decision and the end as already decided."""
        for subscription in self.out:
            if subscription.end < 0:
                continue
            known = subscription.cancelled
            if subscription.reason == "payment_failed":
                known -= DUNNING_DAYS
            first = int(np.searchsorted(self.timeline.mondays, known))
            last = int(np.searchsorted(self.timeline.mondays, subscription.end))
            leaving[first:last, subscription.account] = True
            if subscription.end > self.timeline.end_day:
                self._forget_future(subscription)

    def _forget_future(self, subscription: Subscription) -> None:
        """Drop an end after the last day of data unless it was announced before."""
        if subscription.cancelled > self.timeline.end_day:
            subscription.end = subscription.cancelled = -1
            subscription.reason = ""
