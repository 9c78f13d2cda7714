"""Zendesk's records as facts, for the translations into other desks."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.sources.sample_company.translations import records


@dataclass(frozen=True)
class Change:
    """What an audit says that a field was set to."""

    moment: int
    field: str
    value: str | None


@dataclass(frozen=True)
class Ticket:
    """A ticket with its times, in seconds since 1970, and its history in order.

    Zendesk counts the first reply in whole minutes; the other desks get the same moment.
    """

    record: dict[str, Any]
    created: int
    replied: int | None
    solved: int | None
    updated: int
    changes: list[Change]

    def values_of(self, field: str) -> list[Change]:
        """Return the history of one field."""
        return [change for change in self.changes if change.field == field]


def seconds(moment: str) -> int:
    """Return a time of a record as seconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp())


def unique(company: Path, stream: str) -> list[dict[str, Any]]:
    """Return a stream's records in order, those that come twice only once."""
    return list(
        {record["id"]: record for _, record in records(company, "zendesk", stream)}.values()
    )


def tickets(company: Path) -> Iterator[Ticket]:
    """Yield every ticket with what the other streams say of it."""
    metrics = {record["ticket_id"]: record for record in unique(company, "ticket_metrics")}
    changes: defaultdict[int, list[Change]] = defaultdict(list)
    for audit in unique(company, "ticket_audits"):
        moment = seconds(audit["created_at"])
        changes[audit["ticket_id"]] += [
            Change(moment, event["field_name"], event["value"]) for event in audit["events"]
        ]
    for record in unique(company, "tickets"):
        metric = metrics[record["id"]]
        created = seconds(record["created_at"])
        minutes = metric["reply_time_in_minutes"]["calendar"]
        yield Ticket(
            record=record,
            created=created,
            replied=None if minutes is None else created + 60 * minutes,
            solved=None if metric["solved_at"] is None else seconds(metric["solved_at"]),
            updated=record["generated_timestamp"],
            changes=sorted(changes[record["id"]], key=lambda change: change.moment),
        )
