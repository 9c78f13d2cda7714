"""Salesforce: users, accounts, contacts and opportunities."""

import numpy as np

from connectors.sources.sample_company.simulation.contracts import Contracts, Subscription
from connectors.sources.sample_company.simulation.crm_history import CrmHistory
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.names import people as draw_people
from connectors.sources.sample_company.simulation.people import People
from connectors.sources.sample_company.simulation.prices import basket, price_list
from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.simulation.timeline import (
    SECONDS_A_DAY,
    Timeline,
    from_day,
    iso_salesforce,
)
from connectors.sources.sample_company.simulation.world import (
    INDUSTRIES,
    PLACES,
    PROSPECT,
    SEGMENTS,
    TRIAL_ONLY,
    World,
    salesforce_id,
)

ADMIN = salesforce_id("005", 0)


class Crm:
    """Builds the streams that describe; activities are built in `activities`."""

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
        self.rng = np.random.default_rng([seed, 9])
        self.ids = world.account_ids()
        size = np.array([2, 4, 7])[world.segment]
        self.contact_count = np.minimum(size, np.diff(people.offset))
        self.prices = price_list()
        self.streams = {
            name: Stream(name) for name in ("User", "Account", "Contact", "Opportunity")
        }
        self.opportunities = 0

    def build(self) -> None:
        """Fill the streams."""
        self.history = self._users()
        for account in range(self.world.count):
            self._account(account)
            self._contacts(account)
        self._prospect_deals()
        seen: set[int] = set()
        for subscription in self.contracts.subscriptions:
            self._deals(subscription, subscription.account not in seen)
            seen.add(subscription.account)
        self.streams |= self.history.streams

    def owner_id(self, account: int) -> str:
        """Return the customer-success manager of an account."""
        return salesforce_id("005", 1 + int(self.world.owner[account]))

    def contact_id(self, account: int, slot: int) -> str:
        """Return the contact of an account's person number `slot`."""
        return salesforce_id("003", int(self.people.offset[account]) + slot)

    def _system(self, created: int, modified: int) -> Record:
        modified = min(max(created, modified), self.timeline.end_second)
        return {
            "CreatedDate": iso_salesforce(created),
            "CreatedById": ADMIN,
            "LastModifiedDate": iso_salesforce(modified),
            "LastModifiedById": ADMIN,
            "SystemModstamp": iso_salesforce(modified),
        }

    def _add(self, name: str, record: Record, created: int, modified: int) -> int:
        """Add a record and return when it was last changed."""
        moment = min(max(created, modified), self.timeline.end_second)
        self.streams[name].add(moment * 1000, record | self._system(created, modified))
        return moment

    def _users(self) -> CrmHistory:
        """Write the users and return the histories, whose owners they are."""
        people: list[tuple[str, str]] = []
        first, last = draw_people(self.world.owners + 2, self.rng)
        created = (self.timeline.start_day - 700) * SECONDS_A_DAY
        for number in range(self.world.owners + 2):
            gone = number == self.world.owners + 1
            email = f"{first[number]}.{last[number]}{number}".lower() + "@sample-company.example"
            name = f"{first[number]} {last[number]}"
            record = {
                "Id": salesforce_id("005", number),
                "Username": email,
                "FirstName": str(first[number]),
                "LastName": str(last[number]),
                "Name": name if number else "Synthetic Administrator",
                "CompanyName": "Sample Company (synthetic)",
                "Department": "Customer Success" if number else "Operations",
                "Title": "Customer Success Manager" if number else "Administrator",
                "Email": email,
                "Alias": f"syn{number}"[:8],
                "IsActive": not gone,
                "TimeZoneSidKey": PLACES[number % len(PLACES)][3],
                "LocaleSidKey": "en_US",
                "LanguageLocaleKey": "en_US",
                "EmailEncodingKey": "UTF-8",
                "UserType": "Standard",
                "ManagerId": ADMIN if number else None,
                "LastLoginDate": iso_salesforce(self.timeline.end_second - 3600 * number),
            }
            self._add("User", record, created, created + number)
            if 0 < number <= self.world.owners:
                people.append((str(record["Id"]), str(record["Name"])))
        return CrmHistory(ADMIN, SEGMENTS, people)

    def _website(self, account: int) -> str | None:
        if self.world.has_free_mail[account] or account % 14 == 9:
            return None
        domain = self.world.domains[account]
        return (f"https://www.{domain}", domain, f"http://{domain}/", f"WWW.{domain.upper()}")[
            account % 4
        ]

    def _account(self, account: int) -> None:
        world = self.world
        country, _, city, _, currency, _ = PLACES[world.place[account]]
        parent, master = int(world.parent[account]), int(world.master[account])
        created = int(world.created_day[account]) * SECONDS_A_DAY + 9 * 3600 + account % 3600
        record = {
            "Id": self.ids[account],
            "IsDeleted": master >= 0,
            "MasterRecordId": self.ids[master] if master >= 0 else None,
            "Name": world.names[account],
            "Type": "Prospect" if world.kind[account] == PROSPECT else "Customer - Direct",
            "ParentId": self.ids[parent] if parent >= 0 else None,
            "Industry": INDUSTRIES[world.industry[account]] if account % 12 else None,
            "NumberOfEmployees": int(world.employees[account]) if account % 9 else None,
            "AnnualRevenue": float(world.revenue[account]) if account % 5 else None,
            "Website": self._website(account),
            "BillingCity": city,
            "BillingCountry": country if account % 30 else None,
            "Phone": None,
            "Description": "Synthetic account",
            "CurrencyIsoCode": currency,
            "OwnerId": self.owner_id(account),
            "AccountSource": (None, "Web", "Partner Referral", "Event")[account % 4],
            "Segment__c": SEGMENTS[world.segment[account]] if account % 33 else None,
        }
        age = max(self.timeline.end_second - created, 1)
        changed = created + int(age * self.rng.random() * 0.9)
        modified = self._add("Account", record, created, changed)
        self.history.account(account, record, created, modified)

    def _role(self, account: int, slot: int) -> str | None:
        champion = int(self.latent.champion[-1, account])
        if slot == champion and not self.latent.no_champion[-1, account]:
            return "Champion"
        if slot < champion:
            return "Champion" if (account + slot) % 2 else None
        if slot == champion + 1:
            return "Decision Maker"
        return "User" if slot % 5 else None

    def _contacts(self, account: int) -> None:
        people = self.people
        created = int(self.world.created_day[account]) * SECONDS_A_DAY + 10 * 3600
        for slot in range(int(self.contact_count[account])):
            person = int(people.offset[account]) + slot
            gone = slot < int(self.latent.champion[-1, account]) and person % 3 > 0
            titles = ("Head of Operations", "Director", "Team Lead", "Analyst", None)
            first, last = str(people.first[person]), str(people.last[person])
            bounced = self._champion_left(account, slot) if gone else None
            record = {
                "Id": self.contact_id(account, slot),
                "IsDeleted": bool(self.world.master[account] >= 0) or person % 150 == 7,
                "AccountId": self.ids[account],
                "FirstName": first,
                "LastName": last,
                "Name": f"{first} {last}",
                "Title": titles[person % 5],
                "Department": None,
                "Email": people.email[person] if person % 28 else None,
                "Phone": None,
                "MailingCity": PLACES[self.world.place[account]][2],
                "MailingCountry": PLACES[self.world.place[account]][0],
                "CurrencyIsoCode": PLACES[self.world.place[account]][4],
                "OwnerId": self.owner_id(account),
                "HasOptedOutOfEmail": person % 40 == 3,
                "EmailBouncedReason": "550 mailbox unavailable" if bounced else None,
                "EmailBouncedDate": iso_salesforce(bounced) if bounced else None,
                "Contact_Role__c": self._role(account, slot),
            }
            self._add("Contact", record, created + slot * 60, bounced or created + 86_400 * slot)

    def _champion_left(self, account: int, slot: int) -> int:
        week = int(np.argmax(self.latent.champion[:, account] > slot))
        return int(self.timeline.mondays[week] + 9) * SECONDS_A_DAY

    def _amount(self, subscription: Subscription, state: tuple[int, int, int, int, int]) -> float:
        currency = PLACES[self.world.place[subscription.account]][4]
        key = (currency, subscription.term, state[4])
        items = basket(*state[1:4]).items()
        period = sum(count * self.prices[(item, *key)].unit_amount for item, count in items)
        return period * (12 / subscription.term) / 100

    def _deals(self, subscription: Subscription, is_first: bool) -> None:
        """Write the deals that a subscription came from: new, upsells, renewals."""
        account, last = subscription.account, self.timeline.end_day
        lost = self.world.kind[account] == TRIAL_ONLY
        amount = self._amount(subscription, subscription.changes[0])
        kind = "New Business" if is_first else "Reactivation"
        self._deal(account, kind, amount, min(subscription.anchor, last), not lost)
        for before, after in zip(subscription.changes, subscription.changes[1:], strict=False):
            more = self._amount(subscription, after) - self._amount(subscription, before)
            if more > 0 and after[0] <= last and before[4] == after[4]:
                self._deal(account, "Upsell", more, after[0], True)
        if subscription.term == 12:
            self._renewals(subscription, amount)

    def _renewals(self, subscription: Subscription, amount: float) -> None:
        last = self.timeline.end_day
        day = subscription.anchor + 365
        while day <= last + 90:
            ended = 0 <= subscription.end <= day
            if ended or day <= last:
                closed = subscription.end if ended else day
                self._deal(subscription.account, "Renewal", amount, closed, not ended)
            else:
                self._deal(subscription.account, "Renewal", amount, day, None)
            if ended:
                return
            day += 365

    def _prospect_deals(self) -> None:
        for account in np.flatnonzero(self.world.kind == PROSPECT).tolist():
            if self.world.master[account] < 0:
                close = self.timeline.end_day + int(self.rng.integers(-200, 60))
                won = None if close > self.timeline.end_day else False
                self._deal(account, "New Business", 12_000.0, close, won)

    def _deal(
        self, account: int, kind: str, amount: float, close_day: int, won: bool | None
    ) -> None:
        """Write an opportunity; `won` is None while it is open."""
        stage = {True: "Closed Won", False: "Closed Lost", None: "Negotiation/Review"}[won]
        close = from_day(close_day)
        chance = {True: 100.0, False: 0.0, None: 60.0}[won]
        category = {True: "Closed", False: "Omitted", None: "BestCase"}[won]
        created = (close_day - int(self.rng.integers(15, 75))) * SECONDS_A_DAY + 11 * 3600
        record = {
            "Id": salesforce_id("006", self.opportunities),
            "IsDeleted": self.opportunities % 160 == 13,
            "AccountId": self.ids[account],
            "Name": f"{self.world.names[account]} {kind} {close.year}",
            "StageName": stage,
            "Amount": round(amount, 2) if self.opportunities % 45 else None,
            "Probability": chance,
            "ExpectedRevenue": round(amount * chance / 100, 2),
            "CloseDate": close.isoformat(),
            "Type": kind,
            "IsClosed": won is not None,
            "IsWon": won is True,
            "ForecastCategory": category,
            "ForecastCategoryName": {"BestCase": "Best Case"}.get(category, category),
            "CurrencyIsoCode": PLACES[self.world.place[account]][4],
            "OwnerId": self.owner_id(account),
            "FiscalQuarter": (close.month - 1) // 3 + 1,
            "FiscalYear": close.year,
        }
        created = min(created, self.timeline.end_second - 86_400)
        modified = close_day * SECONDS_A_DAY + 15 * 3600 if won is not None else created + 3600
        modified = self._add("Opportunity", record, created, modified)
        self.history.opportunity(record, created, modified)
        self.opportunities += 1
