"""Salesforce's field histories: which owners and segments accounts had, which stages deals had.

Nothing is drawn; a record's number decides. What changed, changed with the record's last update.
"""

from collections.abc import Sequence

from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.simulation.timeline import iso_salesforce
from connectors.sources.sample_company.simulation.world import salesforce_id

NEGOTIATION = "Negotiation/Review"


class CrmHistory:
    """Collects AccountHistory and OpportunityHistory.

    Parameters
    ----------
    admin : str
        The user who changed everything.
    segments : sequence of str
        The segments there are.
    owners : sequence of (Id, name)
        The people whom an account may have had for an owner.
    """

    def __init__(
        self, admin: str, segments: Sequence[str], owners: Sequence[tuple[str, str]]
    ) -> None:
        self.admin, self.segments, self.owners = admin, segments, owners
        self.streams = {name: Stream(name) for name in ("AccountHistory", "OpportunityHistory")}

    def account(self, number: int, record: Record, created: int, modified: int) -> None:
        """Write what changed of an account; an owner as Salesforce does, by Id and by name."""
        self._field(created, record["Id"], ("created", "Text", None, None))
        if modified <= created:
            return
        if number % 5 == 3 and len(self.owners) > 1:
            names = dict(self.owners)
            place = [identifier for identifier, _ in self.owners].index(record["OwnerId"])
            before = self.owners[place - 1]
            after = (record["OwnerId"], names[record["OwnerId"]])
            self._field(modified, record["Id"], ("Owner", "EntityId", before[0], after[0]))
            self._field(modified, record["Id"], ("Owner", "Text", before[1], after[1]))
        if number % 11 == 4 and record["Segment__c"]:
            was = self.segments[self.segments.index(record["Segment__c"]) - 1]
            change = ("Segment__c", "DynamicEnum", was, record["Segment__c"])
            self._field(modified, record["Id"], change)

    def _field(
        self, moment: int, account: str, change: tuple[str, str, str | None, str | None]
    ) -> None:
        stream = self.streams["AccountHistory"]
        field, kind, was, became = change
        stream.add(
            moment * 1000,
            {
                "Id": salesforce_id("017", len(stream)),
                "IsDeleted": False,
                "AccountId": account,
                "CreatedById": self.admin,
                "CreatedDate": iso_salesforce(moment),
                "Field": field,
                "DataType": kind,
                "OldValue": was,
                "NewValue": became,
            },
        )

    def opportunity(self, record: Record, created: int, modified: int) -> None:
        """Write a deal's stages: negotiated at first, closed with its last update."""
        self._stage(record, created, NEGOTIATION)
        if record["StageName"] != NEGOTIATION:
            self._stage(record, modified, record["StageName"])

    def _stage(self, record: Record, moment: int, stage: str) -> None:
        stream = self.streams["OpportunityHistory"]
        is_last = stage == record["StageName"]
        stream.add(
            moment * 1000,
            {
                "Id": salesforce_id("008", len(stream)),
                "OpportunityId": record["Id"],
                "CreatedById": self.admin,
                "CreatedDate": iso_salesforce(moment),
                "StageName": stage,
                "Amount": record["Amount"],
                "ExpectedRevenue": record["ExpectedRevenue"] if is_last else None,
                "CloseDate": record["CloseDate"],
                "Probability": record["Probability"] if is_last else 60.0,
                "ForecastCategory": record["ForecastCategory"] if is_last else "BestCase",
                "SystemModstamp": iso_salesforce(moment),
                "IsDeleted": record["IsDeleted"],
            },
        )
