"""Traps that somebody would set who knows companies, and not the rules: raw rows and the truth.

Each trap brings its own synthetic accounts (ids ``001TRAP...``) and records of other systems with
the account that they truly belong to, or none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Row = tuple[str, str, dict[str, Any]]  # source, stream, record
Key = tuple[str, str, str]  # source, object, id


@dataclass
class Trap:
    """One trap; `truth` gives the account of each record, None where nobody could tell."""

    name: str
    rows: list[Row] = field(default_factory=list)
    truth: dict[Key, str | None] = field(default_factory=dict)
    may_miss: set[Key] = field(default_factory=set)

    def account(self, number: int, name: str, website: str | None, **further: Any) -> str:
        """Add a CRM account and return its id."""
        identifier = f"001TRAP{number:08d}AAA"
        record = {"Id": identifier, "IsDeleted": False, "Name": name, "Website": website}
        created = {"CreatedDate": "2025-01-01T00:00:00Z", "SystemModstamp": "2025-01-01T00:00:00Z"}
        self.rows.append(("salesforce", "Account", record | created | further))
        return identifier

    def contacts(self, account: str, *emails: str) -> None:
        """Add CRM contacts of an account."""
        for email in emails:
            number = sum(row[1] == "Contact" for row in self.rows)
            record = {"Id": f"003{account[3:12]}{number:03d}{self.tag()}", "AccountId": account}
            self.rows.append(
                ("salesforce", "Contact", record | {"IsDeleted": False, "Email": email})
            )

    def tag(self) -> str:
        """Return three characters of the trap's own."""
        return f"{sum(map(ord, self.name)) % 1000:03d}"

    def organization(self, number: int, truth: str | None, **record: Any) -> None:
        """Add a Zendesk organisation."""
        identifier = 880_000_000 + number
        stamp = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
        self.rows.append(("zendesk", "organizations", {"id": identifier} | stamp | record))
        self.truth["zendesk", "organization", str(identifier)] = truth

    def requester(
        self, number: int, truth: str | None, email: str, organization: int | None = None
    ) -> None:
        """Add a Zendesk user; one without an organisation is to be matched by itself."""
        identifier = 890_000_000 + number
        record = {"id": identifier, "email": email, "role": "end-user"}
        member = {"organization_id": organization and 880_000_000 + organization}
        stamp = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
        self.rows.append(("zendesk", "users", record | member | stamp))
        if organization is None:
            self.truth["zendesk", "user", str(identifier)] = truth

    def login(
        self, name: str, truth: str | None, email: str | None, company: str | None = None
    ) -> None:
        """Add a Mixpanel profile."""
        record = {"distinct_id": f"trap-{name}", "email": email, "company_id": company}
        self.rows.append(("mixpanel", "engage", record | {"last_seen": "2026-01-01T00:00:00"}))
        self.truth["mixpanel", "user", f"trap-{name}"] = truth

    def customer(
        self, key: str, truth: str | None, email: str | None, name: str = "", **metadata: str
    ) -> None:
        """Add a Stripe customer."""
        record = {"id": f"cus_trap{key}", "name": name or key, "email": email, "metadata": metadata}
        self.rows.append(
            ("stripe", "customers", record | {"created": 1_735_689_600, "updated": 1_735_689_600})
        )
        self.truth["stripe", "customer", f"cus_trap{key}"] = truth


def _reseller() -> Trap:
    trap = Trap("a reseller opens tickets for its customers")
    first = trap.account(100, "Alder Mills", "aldermills.example")
    second = trap.account(101, "Birch Works", "birchworks.example")
    trap.contacts(first, "ann@aldermills.example", "desk@resale-partner.example")
    trap.contacts(second, "bob@birchworks.example", "team@resale-partner.example")
    trap.requester(100, None, "help@resale-partner.example")
    trap.organization(100, None, name="Resale Partner", domain_names=["resale-partner.example"])
    trap.requester(101, first, "ann@aldermills.example")
    return trap


def _reseller_as_customer() -> Trap:
    trap = Trap("a reseller is a customer itself")
    own = trap.account(110, "Cedar Resale", "cedar-resale.example")
    other = trap.account(111, "Dogwood Dairy", "dogwooddairy.example")
    third = trap.account(112, "Elm Energy", "elmenergy.example")
    trap.contacts(own, "chef@cedar-resale.example")
    trap.contacts(other, "d1@cedar-resale.example", "d@dogwooddairy.example")
    trap.contacts(third, "e1@cedar-resale.example", "e@elmenergy.example")
    trap.requester(110, None, "support@cedar-resale.example")
    trap.login("elm", None, "e2@cedar-resale.example")
    trap.customer("cedar", own, None, salesforce_account_id=own)
    return trap


def _agency() -> Trap:
    trap = Trap("an agency's people have logins at several clients")
    first = trap.account(120, "Fir Foods", "firfoods.example")
    second = trap.account(121, "Gorse Games", "gorsegames.example")
    trap.contacts(first, "f@firfoods.example")
    trap.contacts(second, "g@gorsegames.example")
    trap.login("a1", first, "one@bright-agency.example", company=first)
    trap.login("a2", second, "two@bright-agency.example", company=second)
    trap.login("a3", None, "three@bright-agency.example")
    trap.requester(120, None, "four@bright-agency.example")
    return trap


def _group() -> Trap:
    trap = Trap("parent and child on one domain")
    parent = trap.account(130, "Hazel Holding", "hazelgroup.example")
    child = trap.account(131, "Hazel Logistics", None, ParentId=parent)
    trap.contacts(parent, "boss@hazelgroup.example", "cfo@hazelgroup.example")
    trap.contacts(child, "l1@hazelgroup.example", "l2@hazelgroup.example")
    trap.requester(130, None, "someone@hazelgroup.example")
    trap.organization(131, child, name="Hazel Logistics", external_id=child)
    trap.customer("hazel", parent, "ap@hazelgroup.example", salesforce_account_id=parent)
    return trap


def _twins() -> Trap:
    trap = Trap("two accounts of one name")
    us = trap.account(140, "Iris Software", "iris-us.example")
    uk = trap.account(141, "Iris Software", "iris.co.uk")
    trap.contacts(us, "a@iris-us.example", "b@iris-us.example")
    trap.contacts(uk, "a@iris.co.uk", "b@iris.co.uk")
    trap.organization(140, uk, name="Iris Software", domain_names=["iris.co.uk"])
    trap.organization(141, None, name="Iris Software")
    trap.customer("iris", None, "billing@iris.example")
    return trap


def _renamed() -> Trap:
    trap = Trap("the company changed its domain")
    account = trap.account(150, "Juniper Jobs", "juniper-new.example")
    trap.contacts(
        account, "a@juniper-old.example", "b@juniper-old.example", "c@juniper-new.example"
    )
    trap.requester(150, account, "z@juniper-old.example")
    trap.organization(150, account, name="Juniper", domain_names=["juniper-old.example"])
    trap.login("juniper", account, "new@juniper-new.example")
    return trap


def _free_mail() -> Trap:
    trap = Trap("people with free mail")
    account = trap.account(160, "Kelp Kitchens", "gmail.com")
    trap.contacts(account, "kelp.owner@gmail.com", "k@kelpkitchens.example")
    trap.requester(160, None, "stranger@gmail.com")
    trap.requester(161, account, "Kelp.Owner@gmail.com ")
    trap.customer("kelp", None, "someone.else@outlook.com")
    trap.organization(160, None, name="Gmail people", domain_names=["gmail.com"])
    return trap


def _typos() -> Trap:
    trap = Trap("typos in domains and names")
    account = trap.account(170, "Larch Labs", "https://WWW.LarchLabs.example/about?x=1")
    trap.contacts(account, "a@larchlabs.example", "b@larchlabs.example")
    trap.organization(170, account, name="larch labs", domain_names=["LARCHLABS.EXAMPLE"])
    trap.requester(170, account, "q@mail.larchlabs.example")
    trap.requester(171, None, "q@larchlab.example")
    trap.requester(172, None, "q@larchlabs.example.attacker.example")
    trap.organization(171, None, name="Larch Laps", domain_names=["larchlaps.example"])
    return trap


def _ids() -> Trap:
    trap = Trap("ids with blanks, of other systems, and of accounts that are gone")
    account = trap.account(180, "Maple Media", "maplemedia.example")
    gone = trap.account(181, "Maple Old", None, IsDeleted=True, MasterRecordId=account)
    other = trap.account(182, "Nettle News", "nettlenews.example")
    trap.contacts(account, "m@maplemedia.example", "n@maplemedia.example")
    trap.contacts(other, "x@nettlenews.example", "y@nettlenews.example")
    trap.customer("blank", account, None, salesforce_account_id=f" {account} ")
    trap.customer("short", account, None, salesforce_account_id=account[:15])
    trap.customer("merged", account, None, salesforce_account_id=gone)
    trap.customer(
        "nobody", other, "ap@nettlenews.example", salesforce_account_id="001NOBODY0000000AA"
    )
    trap.organization(180, None, name="Numbers", external_id="4711")
    trap.truth["salesforce", "Account", gone] = account
    return trap


def _acquired() -> Trap:
    trap = Trap("an acquired company's people stand with the buyer")
    buyer = trap.account(190, "Oak Office", "oakoffice.example")
    bought = trap.account(191, "Pine Prints", "pineprints.example")
    trap.contacts(buyer, "o1@oakoffice.example", "o2@oakoffice.example", "p1@pineprints.example")
    trap.contacts(bought, "p2@pineprints.example", "p3@pineprints.example")
    trap.requester(190, None, "p9@pineprints.example")
    trap.requester(191, buyer, "o9@oakoffice.example")
    trap.may_miss.add(("zendesk", "user", "890000191"))
    return trap


def _majority() -> Trap:
    trap = Trap("an organisation without a domain is that of most of its people")
    account = trap.account(200, "Quince Quality", "quincequality.example")
    other = trap.account(201, "Rowan Rail", "rowanrail.example")
    trap.contacts(account, "a@quincequality.example", "b@quincequality.example")
    trap.contacts(other, "a@rowanrail.example", "b@rowanrail.example")
    trap.organization(200, account, name="QQ")
    trap.requester(200, account, "a@quincequality.example", organization=200)
    trap.requester(201, account, "b@quincequality.example", organization=200)
    trap.requester(202, account, "c@rowanrail.example", organization=200)
    trap.organization(201, None, name="Tie")
    trap.requester(203, None, "a@quincequality.example", organization=201)
    trap.requester(204, None, "a@rowanrail.example", organization=201)
    trap.organization(202, None, name="Consultant's client")
    trap.requester(205, None, "d@rowanrail.example", organization=202)
    return trap


def _paying_reseller() -> Trap:
    trap = Trap("a reseller that is a customer pays, or opens a desk, for a client")
    reseller = trap.account(210, "Sorrel Resale", "sorrel-resale.example")
    client = trap.account(211, "Tansy Textiles", "tansytextiles.example")
    trap.contacts(reseller, "s1@sorrel-resale.example", "s2@sorrel-resale.example")
    trap.contacts(client, "t1@tansytextiles.example", "t2@tansytextiles.example")
    trap.customer("tansy", client, "billing@sorrel-resale.example", "TANSY Textiles, Inc.")
    trap.customer("sorrel", reseller, "billing@sorrel-resale.example", "Sorrel Resale Ltd.")
    domain = ["sorrel-resale.example"]
    trap.organization(210, client, name="Tansy Textiles", domain_names=domain)
    trap.organization(211, reseller, name="Sorrel Resale", domain_names=domain)
    trap.organization(212, client, name="tansy textiles")
    trap.requester(210, client, "s1@sorrel-resale.example", organization=212)
    trap.requester(211, client, "s2@sorrel-resale.example", organization=212)
    trap.may_miss |= {("zendesk", "organization", f"880000{number}") for number in (210, 212)}
    trap.may_miss.add(("stripe", "customer", "cus_traptansy"))
    return trap


def _regional_mail() -> Trap:
    trap = Trap("people with free mail of a region")
    account = trap.account(220, "Ulmus Upholstery", "ulmus-upholstery.example")
    trap.contacts(account, "ulmus.one@wp.pl", "ulmus.two@wp.pl")
    trap.contacts(account, "ulmus.one@yahoo.co.in", "ulmus.two@yahoo.co.in")
    trap.requester(220, None, "stranger@wp.pl")
    trap.requester(221, account, "ulmus.one@wp.pl")
    trap.login("ulmus", None, "stranger@yahoo.co.in")
    trap.customer("ulmus", None, "another.stranger@privaterelay.appleid.com")
    return trap


def _several_domains() -> Trap:
    trap = Trap("an organisation's own domain is not the first of those listed")
    account = trap.account(230, "Vetch Ventures", "vetchventures.example")
    trap.contacts(account, "v1@vetchventures.example", "v2@vetchventures.example")
    listed = ["gmail.com", "vetchventures.example"]
    trap.organization(230, account, name="VV", domain_names=listed)
    trap.organization(231, None, name="Mail", domain_names=["gmail.com", "wp.pl"])
    return trap


def all_traps() -> Iterator[Trap]:
    """Return every trap, each on domains and ids of its own."""
    for make in (
        _reseller, _reseller_as_customer, _agency, _group, _twins, _renamed,
        _free_mail, _typos, _ids, _acquired, _majority, _paying_reseller, _regional_mail,
        _several_domains,
    ):  # fmt: skip
        yield make()
