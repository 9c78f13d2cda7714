"""Product events: who is active follows adoption, what they do follows adoption and taste."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from connectors.sources.sample_company.simulation.contracts import Contracts
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.people import People
from connectors.sources.sample_company.simulation.timeline import (
    SECONDS_A_DAY,
    Array,
    Timeline,
    iso_local,
    iso_many,
    utc_offsets,
)
from connectors.sources.sample_company.simulation.world import PLACES, ZONES, World

EVENTS_PER_ACCOUNT_MONTH = 45.0
# name, share, pull of adoption, add-on whose taste shows in it (-1: none), page, has a quantity
EVENTS = (
    ("login", 0.0, -0.55, -1, "home", False),
    ("search", -0.5, 0.0, -1, "search", False),
    ("record_created", 0.0, 0.1, -1, "records", True),
    ("report_viewed", -0.4, 0.1, 0, "reports", False),
    ("dashboard_created", -2.0, 0.5, 0, "dashboards", False),
    ("export_downloaded", -1.6, 0.1, 0, "exports", False),
    ("workflow_run", -0.9, 0.4, 1, "workflows", True),
    ("integration_synced", -1.4, 0.5, 1, "integrations", True),
    ("comment_added", -0.9, 0.25, -1, "records", False),
    ("invite_sent", -3.0, 0.6, -1, "team", False),
    ("help_opened", -2.2, -0.3, 2, "help", False),
)
WEEKDAYS = np.array([0.19, 0.20, 0.20, 0.19, 0.16, 0.03, 0.03])
HOURS = np.array([0.3] * 7 + [2, 5, 8, 9, 8, 5, 7, 8, 8, 6, 4, 2, 1.2, 1, 0.8, 0.5, 0.4])
LATE_SHARE = 0.004
LATE_HOURS = 40
REPEATED_SHARE = 0.003
NO_ID_SHARE = 0.2
_BROWSERS = ("Chrome", "Firefox", "Safari", "Edge")
_SYSTEMS = ("Windows", "Mac OS X", "Linux", None)


@dataclass
class UserTraits:
    """Latent habits of users, shape (people,)."""

    eagerness: Array
    weight: Array
    browser: Array
    system: Array


class UsageSimulation:
    """Makes the events week by week, in the order in which they arrived."""

    def __init__(
        self,
        world: World,
        latent: Latent,
        contracts: Contracts,
        people: People,
        timeline: Timeline,
        seed: int,
    ) -> None:
        self.world, self.latent, self.contracts = world, latent, contracts
        self.people, self.timeline, self.seed = people, timeline, seed
        rng = np.random.default_rng([seed, 5])
        size = len(people.account)
        self.traits = UserTraits(
            eagerness=rng.random(size),
            weight=rng.lognormal(-0.18, 0.6, size),
            browser=rng.integers(0, 4, size),
            system=rng.integers(0, 4, size),
        )
        self.names_company = rng.random(world.count) >= NO_ID_SHARE
        self.ids = world.account_ids()
        self.offsets = utc_offsets(ZONES, timeline)
        self.first_day, self.no_day = contracts.access_window(timeline)
        self.last_seen = np.full(size, -1, dtype=np.int64)
        self.first_seen = np.full(size, -1, dtype=np.int64)
        self.rate = self._rate()
        self.serial = 0

    def _share(self, week: int) -> Array:
        """Share of an account's seats in use, shape (accounts,)."""
        pull = 0.3 + 0.95 * self.latent.adoption[week] - 0.15 * self.latent.pain[week]
        share: Array = 1 / (1 + np.exp(-pull))
        return share

    def _mood(self, week: int) -> Array:
        """Events of an active user relative to a usual week, shape (accounts,)."""
        month_day = str(self.timeline.mondays[week].astype("datetime64[D]"))[5:]
        season = 0.45 if month_day >= "12-21" else 0.88 if month_day[:2] == "08" else 1.0
        mood: Array = season * np.exp(0.4 * self.latent.adoption[week])
        return mood

    def _rate(self) -> float:
        """Scale that makes the expected total the wanted one, whatever the seed."""
        expected = 0.0
        for week in range(self.timeline.weeks):
            seats = self.contracts.seats[week]
            expected += float((seats * self._share(week) * self._mood(week)).sum())
        months = self.timeline.weeks * 7 / 30.44
        return EVENTS_PER_ACCOUNT_MONTH * self.world.count * months / max(expected, 1.0)

    def weeks(self) -> Iterator[tuple[Array, list[bytes]]]:
        """Yield (time in ms, JSON line) of the events that arrived in each week, in order."""
        held: tuple[Array, Array, list[bytes]] | None = None
        for week in range(self.timeline.weeks):
            arrival, moment, lines = self._week(week)
            if held is not None:
                arrival = np.concatenate([held[0], arrival])
                moment = np.concatenate([held[1], moment])
                lines = held[2] + lines
            order = np.argsort(arrival, kind="stable")
            last = week == self.timeline.weeks - 1
            closed = self.timeline.end_second if last else int(self.timeline.mondays[week] + 7)
            limit = closed + 1 if last else closed * SECONDS_A_DAY
            ready = order[arrival[order] < limit]
            rest = order[arrival[order] >= limit]
            yield moment[ready] * 1000, [lines[index] for index in ready]
            held = (arrival[rest], moment[rest], [lines[index] for index in rest])

    def _week(self, week: int) -> tuple[Array, Array, list[bytes]]:
        rng = np.random.default_rng([self.seed, 6, week])
        user = self._active(week, rng)
        second = self._moments(week, user, rng)
        account = self.people.account[user]
        day = second // SECONDS_A_DAY
        inside = (day >= self.first_day[week, account]) & (day < self.no_day[week, account])
        inside &= second <= self.timeline.end_second
        user, second, account = user[inside], second[inside], account[inside]
        np.maximum.at(self.last_seen, user, second)
        fresh = user[self.first_seen[user] < 0]
        self.first_seen[fresh] = self.timeline.end_second
        np.minimum.at(self.first_seen, user, second)
        kind = self._kinds(week, account, rng)
        arrival = second + rng.integers(1, 90, len(second))
        late = rng.random(len(second)) < LATE_SHARE
        arrival = arrival + late * rng.integers(3600, LATE_HOURS * 3600, len(second))
        lines = self._lines(week, user, account, second, kind, arrival, rng)
        again = np.flatnonzero(rng.random(len(second)) < REPEATED_SHARE)
        arrival = np.concatenate([arrival, arrival[again] + rng.integers(1, 7200, len(again))])
        lines += [lines[index] for index in again]
        return arrival, np.concatenate([second, second[again]]), lines

    def _active(self, week: int, rng: np.random.Generator) -> Array:
        """Draw this week's events: the user of each."""
        account, slot = self.people.account, self.people.slot
        champion = self.latent.champion[week, account]
        there = (slot < self.contracts.seats[week, account]) & (slot >= champion)
        leads = (slot == champion) & ~self.latent.no_champion[week, account]
        eager = np.where(leads, 0.05, self.traits.eagerness)
        eager = 0.8 * eager + 0.2 * rng.random(len(account))
        active = there & (eager < self._share(week)[account])
        mean = self.rate * self._mood(week)[account] * self.traits.weight
        mean = np.where(active, mean * np.where(leads, 1.8, 1.0), 0.0)
        events: Array = np.repeat(np.arange(len(account)), rng.poisson(mean))
        return events

    def _moments(self, week: int, user: Array, rng: np.random.Generator) -> Array:
        size = len(user)
        day = np.searchsorted(np.cumsum(WEEKDAYS), rng.random(size) * 0.999999)
        hour = np.searchsorted(np.cumsum(HOURS / HOURS.sum()), rng.random(size) * 0.999999)
        local = day * SECONDS_A_DAY + hour * 3600 + rng.integers(0, 3600, size)
        place = self.world.place[self.people.account[user]]
        moment: Array = (
            self.timeline.mondays[week] * SECONDS_A_DAY + local - self.offsets[week, place]
        )
        return moment

    def _kinds(self, week: int, account: Array, rng: np.random.Generator) -> Array:
        share = np.array([event[1] for event in EVENTS])
        pull = np.array([event[2] for event in EVENTS])
        logit = share + self.latent.adoption[week, account][:, None] * pull
        for column, event in enumerate(EVENTS):
            if event[3] >= 0:
                logit[:, column] += 0.6 * self.world.affinity[account, event[3]]
        edges = np.exp(logit).cumsum(axis=1)
        drawn: Array = (rng.random(len(account))[:, None] * edges[:, -1:] > edges).sum(axis=1)
        return drawn

    def _lines(
        self,
        week: int,
        user: Array,
        account: Array,
        second: Array,
        kind: Array,
        arrival: Array,
        rng: np.random.Generator,
    ) -> list[bytes]:
        times = iso_many(second)
        amount = (1 + rng.geometric(0.35, len(second))).tolist()
        has_clock = (rng.random(len(second)) < 0.05).tolist()
        offset = self.offsets[week, self.world.place[account]].tolist()
        lines = []
        for index, (person, owner, what) in enumerate(
            zip(user.tolist(), account.tolist(), kind.tolist(), strict=True)
        ):
            name, _, _, _, page, counted = EVENTS[what]
            serial = self.serial + index
            text = (
                f'{{"event":"{name}","distinct_id":"usr_{person:08d}",'
                f'"insert_id":"ev{serial:010d}","time":"{times[index]}",'
                f'"browser":"{_BROWSERS[self.traits.browser[person]]}",'
                f'"mp_country_code":"{PLACES[self.world.place[owner]][1]}",'
                f'"current_url":"https://app.sample-company.example/{page}",'
                f'"mp_lib":"web","mp_processing_time_ms":"{int(arrival[index]) * 1000}"'
            )
            if self.names_company[owner]:
                text += f',"company_id":"{self.ids[owner]}"'
            system = _SYSTEMS[self.traits.system[person]]
            if system:
                text += f',"os":"{system}"'
            if counted:
                text += f',"quantity":"{amount[index]}"'
            if has_clock[index]:
                text += f',"client_time":"{iso_local(int(second[index]), offset[index])}"'
            lines.append((text + "}").encode())
        self.serial += len(lines)
        return lines
