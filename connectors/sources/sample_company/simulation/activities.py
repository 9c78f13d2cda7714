"""Salesforce tasks and events: calls, e-mails and meetings of the customer-success managers."""

import numpy as np

from connectors.sources.sample_company.simulation.crm import Crm
from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.simulation.timeline import (
    SECONDS_A_DAY,
    from_day,
    iso_salesforce,
)
from connectors.sources.sample_company.simulation.world import salesforce_id

WEEKLY_RATE = np.array([0.07, 0.20, 0.42])
_CALLS = ("Check-in call", "Onboarding call", "Adoption review", "Follow-up call")
_EMAILS = ("Email: release notes", "Email: how are things?", "Email: training offer")
_MEETINGS = ("Quarterly business review", "Training session", "Roadmap meeting")


class Activities:
    """Builds Task and Event; contact is rarer and colder while the champion is gone."""

    def __init__(self, crm: Crm, seed: int) -> None:
        self.crm = crm
        self.rng = np.random.default_rng([seed, 10])
        self.streams = {"Task": Stream("Task"), "Event": Stream("Event")}
        self.serial = 0

    def build(self) -> None:
        """Fill the streams week by week, then add what is planned beyond the last day."""
        crm = self.crm
        for week, monday in enumerate(crm.timeline.mondays.tolist()):
            champion = ~crm.latent.no_champion[week]
            warmth = np.exp(0.35 * crm.latent.adoption[week]) * np.where(champion, 1.0, 0.35)
            live = crm.contracts.seats[week] > 0
            mean = WEEKLY_RATE[crm.world.segment] * warmth * live
            for account in np.repeat(np.arange(crm.world.count), self.rng.poisson(mean)).tolist():
                day = monday + int(self.rng.integers(0, 5))
                if day <= crm.timeline.end_day:
                    self._touch(account, week, day)
        self._plans()

    def _touch(self, account: int, week: int, day: int) -> None:
        slot = self._partner(account, week)
        draw = self.rng.random()
        if draw < 0.22:
            self._event(account, slot, day)
        else:
            self._task(account, slot, day, "Call" if draw < 0.55 else "Email")

    def _partner(self, account: int, week: int) -> int | None:
        """Return the slot of the contact spoken to, the champion more often than not."""
        count = int(self.crm.contact_count[account])
        champion = int(self.crm.latent.champion[week, account])
        draw = self.rng.random()
        if draw < 0.08:
            return None
        if draw < 0.6 and not self.crm.latent.no_champion[week, account] and champion < count:
            return champion
        return int(self.rng.integers(0, count))

    def _common(self, prefix: str, account: int, slot: int | None, subject: str) -> Record:
        self.serial += 1
        written = len(self.streams["Task" if prefix == "00T" else "Event"])
        return {
            "Id": salesforce_id(prefix, self.serial),
            "IsDeleted": written % 90 == 20,
            "WhoId": None if slot is None else self.crm.contact_id(account, slot),
            "WhatId": self.crm.ids[account] if self.serial % 6 else None,
            "AccountId": self.crm.ids[account] if slot is not None or self.serial % 6 else None,
            "Subject": subject if self.serial % 70 else None,
            "OwnerId": self.crm.owner_id(account),
            "Description": None,
            "IsArchived": False,
        }

    def _system(self, name: str, record: Record, created: int) -> None:
        moment = iso_salesforce(created)
        owner = record["OwnerId"]
        record |= {"CreatedDate": moment, "CreatedById": owner}
        record |= {"LastModifiedDate": moment, "LastModifiedById": owner, "SystemModstamp": moment}
        self.streams[name].add(created * 1000, record)

    def _logged(self, day: int) -> int:
        """Second at which an activity was written down: the same day, now and then much later."""
        late = int(self.rng.integers(2, 20)) if self.rng.random() < 0.05 else 0
        second = (day + late) * SECONDS_A_DAY + int(self.rng.integers(14, 22) * 3600)
        return min(second, self.crm.timeline.end_second)

    def _task(
        self, account: int, slot: int | None, day: int, kind: str, is_done: bool = True
    ) -> None:
        subjects = _CALLS if kind == "Call" else _EMAILS
        record = self._common("00T", account, slot, subjects[self.serial % len(subjects)])
        done = is_done and self.rng.random() >= 0.03
        logged = self._logged(day)
        record |= {
            "ActivityDate": from_day(day).isoformat(),
            "Status": "Completed" if done else "Not Started",
            "Priority": "Normal",
            "IsHighPriority": False,
            "Type": kind,
            "IsClosed": done,
            "CallDurationInSeconds": int(self.rng.integers(120, 2400)) if kind == "Call" else None,
            "CallType": "Outbound" if kind == "Call" else None,
            "TaskSubtype": kind,
            "CompletedDateTime": iso_salesforce(logged) if done else None,
        }
        self._system("Task", record, logged)

    def _event(self, account: int, slot: int | None, day: int, is_planned: bool = False) -> None:
        record = self._common("00U", account, slot, _MEETINGS[self.serial % len(_MEETINGS)])
        minutes = int(self.rng.choice([30, 45, 60]))
        start = day * SECONDS_A_DAY + int(self.rng.integers(16, 40)) * 1800
        record |= {
            "Location": "Video call",
            "IsAllDayEvent": False,
            "ActivityDateTime": iso_salesforce(start),
            "ActivityDate": from_day(day).isoformat(),
            "DurationInMinutes": minutes,
            "StartDateTime": iso_salesforce(start),
            "EndDateTime": iso_salesforce(start + minutes * 60),
            "Type": "Meeting",
            "IsPrivate": False,
            "ShowAs": "Busy",
            "EventSubtype": "Event",
        }
        planned = (self.crm.timeline.end_day - 1) * SECONDS_A_DAY + 9 * 3600
        self._system("Event", record, planned if is_planned else max(self._logged(day), start))

    def _plans(self) -> None:
        """Add meetings and tasks with a date after the last day of data."""
        live = np.flatnonzero(self.crm.contracts.seats[-1] > 0)
        chosen = self.rng.choice(live, max(2, len(live) // 40), replace=False)
        for number, account in enumerate(chosen.tolist()):
            day = self.crm.timeline.end_day + 1 + number % 20
            self._event(account, 0, day, is_planned=True)
            self._task(account, 0, day, "Call", is_done=False)
