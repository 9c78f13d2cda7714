"""Zendesk Support: organizations, users, tickets with their metrics and ratings."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from connectors.sources.sample_company.simulation.contracts import Contracts
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.names import people as draw_people
from connectors.sources.sample_company.simulation.people import FREE_MAIL, People
from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.simulation.timeline import (
    SECONDS_A_DAY,
    Array,
    Timeline,
    iso_z,
    utc_offsets,
)
from connectors.sources.sample_company.simulation.world import PLACES, PROSPECT, ZONES, World
from connectors.sources.sample_company.simulation.zendesk_audits import (
    audit_records,
    first_rated,
    last_rated,
)
from connectors.sources.sample_company.simulation.zendesk_records import (
    AGENTS,
    agent_record,
    metric_record,
    organization_record,
    rating_record,
    ticket_record,
    user_record,
)

EXPLICIT_SHARE = 0.70
NO_ORGANIZATION_SHARE = 0.06
STRANGER_SHARE = 0.02
PRIORITIES = ("low", "normal", "high", "urgent")
_USER_BASE, _AGENT_BASE, _STRANGER_BASE = 380_000_000_000, 370_000_000_000, 390_000_000_000


@dataclass
class Tickets:
    """Ticket facts in order of creation; arrays of shape (tickets,), times in Unix seconds.

    `account` and `person` are -1 for strangers; `score` is 1 good, 0 bad, -1 unrated; `solved`
    is -1 while a ticket is open.
    """

    account: Array
    person: Array
    created: Array
    priority: Array
    replied: Array
    solved: Array
    score: Array


class Desk:
    """Builds the six streams."""

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
        self.people, self.timeline = people, timeline
        self.rng = np.random.default_rng([seed, 8])
        self.ids = world.account_ids()
        customer = world.kind != PROSPECT
        self.has_organization = customer & (self.rng.random(world.count) >= NO_ORGANIZATION_SHARE)
        self.is_explicit = self.rng.random(world.count) < EXPLICIT_SHARE
        names = ("organizations", "users", "tickets", "ticket_metrics", "satisfaction_ratings")
        self.streams = {name: Stream(name) for name in (*names, "ticket_audits")}

    def organization_id(self, account: int) -> int | None:
        """Return the Zendesk organization of an account, if it has one."""
        return 360_000_000_000 + account if self.has_organization[account] else None

    def write(self, folder: Path) -> dict[str, int]:
        """Write all streams and return their record counts."""
        tickets = self._tickets()
        self._organizations()
        self._users(tickets)
        for number in range(len(tickets.account)):
            self._ticket(number, tickets)
        return {name: stream.write(folder, self.rng) for name, stream in self.streams.items()}

    def _tickets(self) -> Tickets:
        """Draw who writes when, how fast the answer comes and how it was liked."""
        offsets = utc_offsets(ZONES, self.timeline)
        first, none = self.contracts.access_window(self.timeline)
        accounts, seconds, weeks = [], [], []
        for week in range(self.timeline.weeks):
            mean = (
                0.018
                * self.contracts.seats[week] ** 0.7
                * (0.55 + np.exp(0.75 * np.minimum(self.latent.pain[week], 3.5)))
            )
            mean = mean * np.exp(0.15 * self.world.affinity[:, 2])
            account = np.repeat(np.arange(self.world.count), self.rng.poisson(mean))
            day = self.rng.choice(7, len(account), p=[0.2, 0.2, 0.19, 0.18, 0.15, 0.04, 0.04])
            hour = np.clip(self.rng.normal(13, 3.2, len(account)), 0, 23.9)
            day = self.timeline.mondays[week] + day
            second = day * SECONDS_A_DAY + (hour * 3600).astype(np.int64)
            second = second - offsets[week, self.world.place[account]]
            inside = (second // SECONDS_A_DAY >= first[week, account]) & (day < none[week, account])
            inside &= second <= self.timeline.end_second
            accounts.append(account[inside])
            seconds.append(second[inside])
            weeks.append(np.full(int(inside.sum()), week))
        account = np.concatenate(accounts)
        second, week_of = np.concatenate(seconds), np.concatenate(weeks)
        order = np.argsort(second, kind="stable")
        return self._treat(account[order], second[order], week_of[order])

    def _treat(self, account: Array, created: Array, week: Array) -> Tickets:
        size = len(account)
        pain = self.latent.pain[week, account]
        seats = np.maximum(self.contracts.seats[week, account], 1)
        person = self.people.offset[account] + (self.rng.random(size) ** 1.7 * seats).astype(int)
        stranger = self.rng.random(size) < STRANGER_SHARE
        stranger[: min(2, size)] = True
        priority = np.searchsorted(
            np.array([0.15, 0.72, 0.93]), self.rng.random(size) * 0.9 + 0.09 * pain
        )
        speed = np.array([9.0, 5.0, 2.2, 0.8])[np.minimum(priority, 3)] * np.exp(0.3 * pain)
        replied = created + (speed * 3600 * self.rng.lognormal(0, 0.8, size)).astype(np.int64)
        effort = 30 * 3600 * self.rng.lognormal(0, 0.9, size) * np.exp(0.35 * pain)
        solved = replied + effort.astype(np.int64)
        solved = np.where(self.rng.random(size) < 0.01, self.timeline.end_second + 1, solved)
        liked = 1 / (1 + np.exp(-(1.9 - 1.25 * pain + 0.35 * self.latent.adoption[week, account])))
        score = (self.rng.random(size) < liked).astype(int)
        score = np.where(self.rng.random(size) < 0.38, score, -1)
        known = solved + 2 * SECONDS_A_DAY <= self.timeline.end_second
        return Tickets(
            account=np.where(stranger, -1, account),
            person=np.where(stranger, -1, person),
            created=created,
            priority=np.minimum(priority, 3),
            replied=np.where(replied <= self.timeline.end_second, replied, -1),
            solved=np.where(solved <= self.timeline.end_second, solved, -1),
            score=np.where(known, score, -1),
        )

    def _organizations(self) -> None:
        for account in np.flatnonzero(self.has_organization).tolist():
            created = int(self.world.start_day[account]) * SECONDS_A_DAY + 7200
            updated = min(created + int(self.rng.integers(0, 300)) * 86_400, self._last())
            identifier = self.organization_id(account) or 0
            external = self.ids[account] if self.is_explicit[account] else None
            free = bool(self.world.has_free_mail[account])
            domains = [] if free else [self.world.domains[account]]
            record = organization_record(identifier, self.world.names[account], domains, external)
            record |= {"created_at": iso_z(created), "updated_at": iso_z(updated)}
            self.streams["organizations"].add(updated * 1000, record)
            if account % 90 == 5:
                self._deleted_double(account, created, domains)

    def _deleted_double(self, account: int, created: int, domains: list[str]) -> None:
        """Write a second organization of the same company that somebody merged away."""
        name = f"{self.world.names[account]} (old)"
        record = organization_record(361_000_000_000 + account, name, domains, None)
        gone = min(created + 40 * SECONDS_A_DAY, self._last())
        record |= {"created_at": iso_z(created - 86_400), "updated_at": iso_z(gone)}
        record["deleted_at"] = iso_z(gone)
        self.streams["organizations"].add(gone * 1000, record)

    def _last(self) -> int:
        return self.timeline.end_second

    def _users(self, tickets: Tickets) -> None:
        started = self.timeline.start_day * SECONDS_A_DAY
        first, last = draw_people(AGENTS, self.rng)
        for number in range(AGENTS):
            name = f"{first[number]} {last[number]}"
            record = agent_record(_AGENT_BASE + number, name, iso_z(started))
            self.streams["users"].add(started * 1000, record)
        known = tickets.person >= 0
        order = np.flatnonzero(known)
        persons, position = np.unique(tickets.person[known], return_index=True)
        since = tickets.created[order[position]]
        for person, created in zip(persons.tolist(), since.tolist(), strict=True):
            account = int(self.people.account[person])
            record = user_record(
                _USER_BASE + person,
                f"{self.people.first[person]} {self.people.last[person]}",
                self.people.email[person],
                self.organization_id(account),
                PLACES[self.world.place[account]][3],
            )
            record |= {"created_at": iso_z(created), "updated_at": iso_z(created)}
            self.streams["users"].add(created * 1000, record)

    def _stranger(self, number: int, created: int) -> int:
        """Write a user whom nobody knows and return its id."""
        identifier = _STRANGER_BASE + number
        email = f"synthetic.visitor{number}@{FREE_MAIL[number % len(FREE_MAIL)]}"
        record = user_record(identifier, f"Visitor {number}", email, None, "Etc/UTC")
        record |= {"created_at": iso_z(created), "updated_at": iso_z(created)}
        self.streams["users"].add(created * 1000, record)
        return identifier

    def _ticket(self, number: int, tickets: Tickets) -> None:
        created, solved = int(tickets.created[number]), int(tickets.solved[number])
        account, person = int(tickets.account[number]), int(tickets.person[number])
        requester = _USER_BASE + person if person >= 0 else self._stranger(number, created)
        organization = self.organization_id(account) if account >= 0 else None
        closed = solved + 4 * SECONDS_A_DAY if solved >= 0 else -1
        replied = int(tickets.replied[number])
        updated = max(created, replied, solved, closed if closed <= self._last() else -1)
        facts: Record = {
            "id": 1_000 + number,
            "requester_id": requester,
            "organization_id": organization,
            "assignee_id": _AGENT_BASE + number % AGENTS,
            "priority": PRIORITIES[tickets.priority[number]] if number % 25 else None,
            "status": _status(replied, solved, closed, self._last(), number),
            "created": created,
            "replied": replied,
            "solved": solved,
            "closed": closed,
            "updated": updated,
            "score": int(tickets.score[number]),
            "is_silent": number % 200 == 17,
        }
        moment = updated * 1000
        self.streams["tickets"].add(moment, ticket_record(facts))
        self.streams["ticket_metrics"].add(moment, metric_record(facts))
        if facts["score"] >= 0:
            first, rated = first_rated(facts, self._last()), last_rated(facts, self._last())
            record = rating_record(facts, first, rated)
            self.streams["satisfaction_ratings"].add(rated * 1000, record)
        for audited, record in audit_records(facts, self._last()):
            self.streams["ticket_audits"].add(audited * 1000, record)


def _status(replied: int, solved: int, closed: int, last: int, number: int) -> str:
    if number % 400 == 11:
        return "deleted"
    if solved >= 0:
        return "closed" if closed <= last else "solved"
    if replied < 0:
        return "new"
    return "pending" if number % 3 else "open"
