"""Pipedrive: Salesforce's records in Pipedrive's shape.

Pipedrive keeps fewer facts: no web address, industry, segment, parent, title or role, and what
was deleted or merged away is not listed (organisations) or not active (the rest).
"""

from pathlib import Path
from typing import Any

from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.translations import records, write_streams

_NAMES = (
    *("organizations", "organization_fields", "persons", "deals", "stages", "users"),
    "activities",
)
_STAGE_IDS = {"Negotiation/Review": 3, "Closed Won": 4, "Closed Lost": 4}
_STAGES = {3: "Negotiation", 4: "Decision"}


def translate(company: Path, target: Path) -> None:
    """Write every stream of Pipedrive that is read."""
    streams = {name: Stream(name) for name in _NAMES}
    _users(company, streams["users"])
    _organizations(company, streams["organizations"])
    _persons(company, streams["persons"])
    _deals(company, streams["deals"])
    _activities(company, streams["activities"])
    for number, name in _STAGES.items():
        stage = {"id": number, "name": name, "order_nr": number, "active_flag": True}
        streams["stages"].add(0, stage | {"pipeline_id": 1, "update_time": "1970-01-01 00:00:00"})
    write_streams(streams, target)


def _id(salesforce_id: str | None) -> int | None:
    """Return Pipedrive's id of a record: its number, from 1."""
    return None if salesforce_id is None else int(salesforce_id[8:15]) + 1


def _moment(text: str | None) -> str | None:
    """Return Salesforce's time as Pipedrive writes it: UTC, without saying so."""
    return None if text is None else text[:19].replace("T", " ")


def _common(row: dict[str, Any]) -> Record:
    return {
        "id": _id(row["Id"]),
        "company_id": 7_654_321,
        "add_time": _moment(row["CreatedDate"]),
        "update_time": _moment(row["SystemModstamp"]),
    }


def _users(company: Path, stream: Stream) -> None:
    for cursor, row in records(company, "salesforce", "User"):
        stream.add(
            cursor,
            {
                "id": _id(row["Id"]),
                "name": row["Name"],
                "email": row["Email"],
                "active_flag": row["IsActive"],
                "created": _moment(row["CreatedDate"]),
                "modified": _moment(row["SystemModstamp"]),
                "is_admin": 0,
            },
        )


def _organizations(company: Path, stream: Stream) -> None:
    for cursor, row in records(company, "salesforce", "Account"):
        if not row["IsDeleted"]:
            owner = {"id": _id(row["OwnerId"]), "value": _id(row["OwnerId"]), "active_flag": True}
            further = {
                "name": row["Name"],
                "owner_id": owner,
                "address_country": row["BillingCountry"],
                "address_locality": row["BillingCity"],
                "active_flag": True,
            }
            stream.add(cursor, _common(row) | further)


def _persons(company: Path, stream: Stream) -> None:
    for cursor, row in records(company, "salesforce", "Contact"):
        email = row["Email"]
        further = {
            "name": row["Name"],
            "first_name": row["FirstName"],
            "last_name": row["LastName"],
            "owner_id": _id(row["OwnerId"]),
            "org_id": _id(row["AccountId"]),
            "email": [{"label": "work", "value": email or "", "primary": True}],
            "active_flag": not row["IsDeleted"],
        }
        stream.add(cursor, _common(row) | further)


def _deals(company: Path, stream: Stream) -> None:
    for cursor, row in records(company, "salesforce", "Opportunity"):
        status = ("won" if row["IsWon"] else "lost") if row["IsClosed"] else "open"
        further = {
            "title": row["Name"],
            "value": row["Amount"],
            "currency": row["CurrencyIsoCode"],
            "org_id": _id(row["AccountId"]),
            "user_id": _id(row["OwnerId"]),
            "stage_id": _STAGE_IDS[row["StageName"]],
            "pipeline_id": 1,
            "status": "deleted" if row["IsDeleted"] else status,
            "deleted": row["IsDeleted"],
            "active": not row["IsDeleted"] and status == "open",
            "close_time": f"{row['CloseDate']} 00:00:00" if row["IsClosed"] else None,
            "expected_close_date": row["CloseDate"],
        }
        stream.add(cursor, _common(row) | further)


def _activities(company: Path, stream: Stream) -> None:
    """Write tasks and events; events have the even ids, so that no id is given twice."""
    for name in ("Task", "Event"):
        for cursor, row in records(company, "salesforce", name):
            number = 2 * (_id(row["Id"]) or 0) - (name == "Task")
            start = _moment(row.get("StartDateTime"))
            due = start or f"{row['ActivityDate'] or row['CreatedDate'][:10]} 12:00:00"
            is_done = name == "Event" or row["IsClosed"]
            ticked = row.get("CompletedDateTime") or row["CreatedDate"]
            further = {
                "id": number,
                "type": "meeting" if name == "Event" else str(row["TaskSubtype"]).lower(),
                "subject": row["Subject"],
                "done": is_done,
                "due_date": due[:10],
                "due_time": due[11:16] + due[16:],
                "marked_as_done_time": _moment(ticked) if is_done else None,
                "user_id": _id(row["OwnerId"]),
                "org_id": _id(row["AccountId"]),
                "person_id": _id(row["WhoId"]),
                "active_flag": not row["IsDeleted"],
            }
            stream.add(cursor, _common(row) | further)
