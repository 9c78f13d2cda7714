"""HubSpot: Salesforce's records in HubSpot's shape.

HubSpot's connector lists no archived companies, contacts and engagements, so deleted records are
not there; a merged company is named by the one it was merged into. Only values differ that the
two systems keep differently: a done call is a call, not a task.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.sources.sample_company.crm_ids import crm_account_id
from connectors.sources.sample_company.simulation.records import Record, Stream
from connectors.sources.sample_company.translations import records, write_streams

_FIRST = {"003": 40_000_000_001, "006": 50_000_000_001, "005": 70_000_001}
_ENGAGEMENTS = {"Call": "engagements_calls", "Email": "engagements_emails"}
_PIPELINE = "default"
_STAGES = {"Negotiation/Review": ("contractsent", "0.8", "false")}
_STAGES |= {
    "Closed Won": ("closedwon", "1.0", "true"),
    "Closed Lost": ("closedlost", "0.0", "true"),
}
_NAMES = (
    *("companies", "contacts", "deals", "deals_archived", "deal_pipelines", "owners"),
    *("owners_archived", "engagements_calls", "engagements_emails", "engagements_meetings"),
    *("engagements_tasks", "companies_property_history", "deals_property_history"),
)
_TRACKED = {
    "companies": ("name", "domain", "hubspot_owner_id", "segment", "hs_parent_company_id"),
    "deals": ("dealstage", "hubspot_owner_id"),
}


def translate(company: Path, target: Path) -> None:
    """Write every stream of HubSpot that is read."""
    streams = {name: Stream(name) for name in _NAMES}
    _owners(company, streams)
    _companies(company, streams)
    _contacts(company, streams)
    _deals(company, streams)
    _activities(company, streams)
    write_streams(streams, target)


def _id(salesforce_id: str | None) -> str | None:
    """Return HubSpot's id of a record of Salesforce."""
    if salesforce_id is None:
        return None
    prefix, number = salesforce_id[:3], int(salesforce_id[8:15])
    if prefix == "001":
        return crm_account_id(salesforce_id, "hubspot")
    return str(_FIRST.get(prefix, 90_000_000_001) + number)


def _moment(text: str | None) -> str | None:
    """Return Salesforce's time as HubSpot writes it."""
    return None if text is None else text.replace("+0000", "Z")


def _record(
    row: dict[str, Any], properties: Record, made_at: str = "createdate", **further: Any
) -> Record:
    created, updated = _moment(row["CreatedDate"]), _moment(row["SystemModstamp"])
    properties = {**properties, "hs_object_id": int(_id(row["Id"]) or 0), made_at: created}
    return {
        "id": _id(row["Id"]),
        "createdAt": created,
        "updatedAt": updated,
        "archived": False,
        **further,
        "properties": properties,
        **{f"properties_{name}": value for name, value in properties.items()},
    }


def _remember(
    streams: dict[str, Stream], kind: str, key: str, record: Record, cursor: int, start: Record
) -> None:
    """Add the history of a record's properties: what they were at first, and what they became."""
    history = streams[f"{kind}_property_history"]
    for name in _TRACKED[kind]:
        values = [(record["createdAt"], start.get(name, record["properties"].get(name)))]
        if values[0][1] != record["properties"].get(name):
            values.append((record["updatedAt"], record["properties"].get(name)))
        for moment, value in values:
            if value is not None:
                history.add(
                    cursor,
                    {
                        key: record["id"],
                        "property": name,
                        "value": str(value),
                        "timestamp": moment,
                        "sourceType": "CRM_UI",
                        "sourceId": None,
                        "updatedByUserId": None,
                        "archived": False,
                    },
                )


def _owners(company: Path, streams: dict[str, Stream]) -> None:
    for cursor, row in records(company, "salesforce", "User"):
        name = "owners" if row["IsActive"] else "owners_archived"
        streams[name].add(
            cursor,
            {
                "id": _id(row["Id"]),
                "email": row["Email"],
                "firstName": row["FirstName"],
                "lastName": row["LastName"],
                "userId": int(row["Id"][8:15]) + 1,
                "userIdIncludingInactive": int(row["Id"][8:15]) + 1,
                "createdAt": _moment(row["CreatedDate"]),
                "updatedAt": _moment(row["SystemModstamp"]),
                "archived": not row["IsActive"],
                "teams": [],
            },
        )


def _companies(company: Path, streams: dict[str, Stream]) -> None:
    rows = list(records(company, "salesforce", "Account"))
    merged = defaultdict(list)
    first = _first_values(company)
    for _, row in rows:
        if row["MasterRecordId"]:
            merged[row["MasterRecordId"]].append(_id(row["Id"]))
    for cursor, row in rows:
        if row["IsDeleted"]:
            continue
        parent = _id(row["ParentId"])
        properties = {
            "name": row["Name"],
            "website": row["Website"],
            "domain": (urlsplit(row["Website"]).hostname or row["Website"]).removeprefix("www.")
            if row["Website"]
            else None,
            "industry": row["Industry"],
            "country": row["BillingCountry"],
            "city": row["BillingCity"],
            "numberofemployees": row["NumberOfEmployees"],
            "annualrevenue": row["AnnualRevenue"],
            "description": row["Description"],
            "segment": row["Segment__c"],
            "lifecyclestage": "customer" if str(row["Type"]).startswith("Customer") else "lead",
            "hubspot_owner_id": _id(row["OwnerId"]),
            "hs_parent_company_id": int(parent) if parent else None,
            "hs_merged_object_ids": ";".join(filter(None, merged[row["Id"]])) or None,
            "hs_lastmodifieddate": _moment(row["SystemModstamp"]),
        }
        record = _record(row, properties)
        streams["companies"].add(cursor, record)
        _remember(streams, "companies", "companyId", record, cursor, first[row["Id"]])


def _first_values(company: Path) -> dict[str, Record]:
    """Return what is known of companies' properties before they were changed, by Salesforce Id."""
    found: dict[str, Record] = defaultdict(dict)
    for _, row in records(company, "salesforce", "AccountHistory"):
        if row["Field"] == "Owner" and row["DataType"] == "EntityId":
            found[row["AccountId"]]["hubspot_owner_id"] = _id(row["OldValue"])
        elif row["Field"] == "Segment__c":
            found[row["AccountId"]]["segment"] = row["OldValue"]
    return found


def _contacts(company: Path, streams: dict[str, Stream]) -> None:
    for cursor, row in records(company, "salesforce", "Contact"):
        if row["IsDeleted"]:
            continue
        account = _id(row["AccountId"])
        properties = {
            "firstname": row["FirstName"],
            "lastname": row["LastName"],
            "email": row["Email"],
            "jobtitle": row["Title"],
            "city": row["MailingCity"],
            "country": row["MailingCountry"],
            "associatedcompanyid": int(account) if account else None,
            "hubspot_owner_id": _id(row["OwnerId"]),
            "contact_role": row["Contact_Role__c"],
            "lastmodifieddate": _moment(row["SystemModstamp"]),
        }
        streams["contacts"].add(
            cursor, _record(row, properties, companies=[account] if account else None)
        )


def _deals(company: Path, streams: dict[str, Stream]) -> None:
    last = 0
    for cursor, row in records(company, "salesforce", "Opportunity"):
        last = max(last, cursor)
        stage = _STAGES[row["StageName"]][0]
        properties = {
            "dealname": row["Name"],
            "dealtype": row["Type"],
            "dealstage": stage,
            "pipeline": _PIPELINE,
            "amount": row["Amount"],
            "deal_currency_code": row["CurrencyIsoCode"],
            "closedate": f"{row['CloseDate']}T00:00:00Z",
            "hubspot_owner_id": _id(row["OwnerId"]),
            "hs_is_closed": row["IsClosed"],
            "hs_is_closed_won": row["IsWon"],
            "hs_lastmodifieddate": _moment(row["SystemModstamp"]),
        }
        record = _record(row, properties, companies=[_id(row["AccountId"])])
        if row["IsDeleted"]:
            del record["properties"]["deal_currency_code"]
            del record["properties_deal_currency_code"]
            archived = {"archived": True, "archivedAt": record["updatedAt"]}
            streams["deals_archived"].add(cursor, record | archived)
            continue
        streams["deals"].add(cursor, record)
        first = {"dealstage": "contractsent"}
        _remember(streams, "deals", "dealId", record, cursor, first)
    stages = [
        {
            "stageId": stage,
            "label": label,
            "displayOrder": place,
            "metadata": {"isClosed": is_closed, "probability": probability},
            "active": True,
        }
        for place, (label, (stage, probability, is_closed)) in enumerate(_STAGES.items())
    ]
    pipeline = {"pipelineId": _PIPELINE, "label": "Sales", "objectType": "DEAL", "stages": stages}
    streams["deal_pipelines"].add(0, pipeline | {"active": True, "createdAt": 0, "updatedAt": 0})


def _activities(company: Path, streams: dict[str, Stream]) -> None:
    for cursor, row in records(company, "salesforce", "Task"):
        if not row["IsDeleted"]:
            name = _ENGAGEMENTS.get(row["TaskSubtype"], "") if row["IsClosed"] else ""
            _engagement(streams, name or "engagements_tasks", cursor, row)
    for cursor, row in records(company, "salesforce", "Event"):
        if not row["IsDeleted"]:
            _engagement(streams, "engagements_meetings", cursor, row)


def _engagement(streams: dict[str, Stream], name: str, cursor: int, row: dict[str, Any]) -> None:
    done = row.get("CompletedDateTime")
    due = f"{row['ActivityDate']}T12:00:00Z" if row.get("ActivityDate") else None
    moment = _moment(done or row.get("StartDateTime")) or due or _moment(row["CreatedDate"])
    special: Record = {
        "engagements_calls": {
            "hs_call_title": row["Subject"],
            "hs_call_status": "COMPLETED",
            "hs_call_duration": 1000 * (row.get("CallDurationInSeconds") or 0),
        },
        "engagements_emails": {
            "hs_email_subject": row["Subject"],
            "hs_email_status": "SENT",
            "hs_email_direction": "EMAIL",
        },
        "engagements_meetings": {
            "hs_meeting_title": row["Subject"],
            "hs_meeting_start_time": _moment(row.get("StartDateTime")),
            "hs_meeting_end_time": _moment(row.get("EndDateTime")),
            "hs_meeting_outcome": "SCHEDULED",
        },
        "engagements_tasks": {
            "hs_task_subject": row["Subject"],
            "hs_task_status": "COMPLETED" if row.get("IsClosed") else "NOT_STARTED",
            "hs_task_type": {"Call": "CALL", "Email": "EMAIL"}.get(
                str(row.get("TaskSubtype")), "TODO"
            ),
            "hs_task_completion_date": _moment(done),
        },
    }[name]
    properties = {
        **special,
        "hs_timestamp": moment,
        "hubspot_owner_id": _id(row["OwnerId"]),
        "hs_lastmodifieddate": _moment(row["SystemModstamp"]),
    }
    account = _id(row["AccountId"])
    companies = [account] if account else None
    streams[name].add(cursor, _record(row, properties, "hs_createdate", companies=companies))
