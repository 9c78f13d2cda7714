"""What people and vendors change about a record after a date: the columns that may move, by table.

A link between systems (domain, e-mail address, id of another system) is not among them: a changed
link may rewrite the past (DECISIONLOG.md).
"""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Change = Callable[[random.Random, Row, dt.datetime], Row]


def _unix(at: dt.datetime) -> int:
    return int(at.timestamp())


def _account(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {
        "Name": f"{row['Name']} Holding",
        "Industry": chance.choice(["Mining", "Energy", None]),
        "NumberOfEmployees": chance.randint(1, 9_000),
        "OwnerId": chance.choice([row["OwnerId"], "005000000000001AAA"]),
        "SystemModstamp": at,
    }


def _opportunity(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    won = chance.random() < 0.5
    return {
        "StageName": "Closed Won" if won else "Closed Lost",
        "IsClosed": True,
        "IsWon": won,
        "Amount": chance.randint(1, 90_000),
        "SystemModstamp": at,
    }


def _contact(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"Title": chance.choice(["CEO", "Former CEO", None]), "SystemModstamp": at}


def _user(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"Name": "Somebody Else", "IsActive": False, "SystemModstamp": at}


def _ticket(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {
        "status": chance.choice(["open", "solved", "closed"]),
        "priority": chance.choice(["low", "urgent", None]),
        "subject": "Re: something else",
        "updated_at": at,
    }


def _ticket_metric(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"reopens": chance.randint(0, 4), "replies": 9, "updated_at": at}


def _rating(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"score": chance.choice(["good", "bad"]), "updated_at": at}


def _invoice(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    steps = row["status_transitions"] or {}
    if row["status"] != "open" or steps.get("paid_at"):
        return {}
    return {
        "status": "paid",
        "status_transitions": {**steps, "paid_at": _unix(at)},
        "updated": _unix(at),
    }


def _subscription(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    if row["status"] != "active":
        return {}
    return {
        "status": "canceled",
        "canceled_at": float(_unix(at)),
        "ended_at": float(_unix(at)),
        "updated": _unix(at),
    }


def _customer(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"name": f"{row['name']} Holding", "delinquent": True, "updated": _unix(at)}


def _product(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"name": f"{row['name']} Next", "updated": _unix(at)}


def _activity(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {} if row["IsDeleted"] else {"IsDeleted": True, "SystemModstamp": at}


def _task(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    if row["IsClosed"]:
        return _activity(chance, row, at)
    return {"Status": "Completed", "IsClosed": True, "CompletedDateTime": at, "SystemModstamp": at}


def _named(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"name": "Somebody Else", "updated_at": at}


def _own_ticket(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"status": "closed", "priority": "low", "subject": "Re: something else"}


def _own_invoice(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {} if row["paid_on"] else {"paid_on": at.date()}


def _own_account(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    return {"industry": "Mining", "segment": "Enterprise", "csm_name": "Somebody Else"}


def _own_subscription(chance: random.Random, row: Row, at: dt.datetime) -> Row:
    if row["ended_on"] is not None:
        return {}
    return {"ended_on": at.date() + dt.timedelta(1), "cancelled_on": at.date()}


WAITING = (
    "update raw_zendesk.satisfaction_ratings set score = 'offered', updated_at = created_at"
    " where md5(id::text) < '6'",
    "update raw_stripe.invoices set status = 'open',"
    " status_transitions = status_transitions || '{\"paid_at\": null}'"
    " where status = 'paid' and md5(id) < '4'",
    'update raw_salesforce."Task" set "IsClosed" = false, "CompletedDateTime" = null'
    " where md5(\"Id\") < '4'",
)
"""Statements that leave more records undone than a company has, so that the changes find some."""

CHANGES: dict[tuple[str, str], Change] = {
    ("raw_salesforce", "Account"): _account,
    ("raw_salesforce", "Contact"): _contact,
    ("raw_salesforce", "Opportunity"): _opportunity,
    ("raw_salesforce", "User"): _user,
    ("raw_zendesk", "tickets"): _ticket,
    ("raw_zendesk", "ticket_metrics"): _ticket_metric,
    ("raw_zendesk", "satisfaction_ratings"): _rating,
    ("raw_stripe", "invoices"): _invoice,
    ("raw_stripe", "subscriptions"): _subscription,
    ("raw_stripe", "customers"): _customer,
    ("raw_salesforce", "Task"): _task,
    ("raw_salesforce", "Event"): _activity,
    ("raw_stripe", "products"): _product,
    ("raw_zendesk", "organizations"): _named,
    ("raw_zendesk", "users"): _named,
    ("raw_app", "account"): _own_account,
    ("raw_app", "ticket"): _own_ticket,
    ("raw_app", "invoice"): _own_invoice,
    ("raw_app", "subscription"): _own_subscription,
}


def change_after(
    chance: random.Random, schema: str, table: str, row: Row, columns: dict[str, str], day: dt.date
) -> Row:
    """Return the columns of ``row`` that a change after ``day`` sets; none if nothing may move."""
    change = CHANGES.get((schema, table))
    if change is None:
        return {}
    days = chance.choice([1, chance.randint(1, 7), chance.randint(1, 70)])
    at = dt.datetime.combine(day, dt.time(12), dt.UTC) + dt.timedelta(days)
    changed = change(chance, row, at)
    unknown = set(changed) - set(columns)
    assert not unknown, f"{schema}.{table} has no {unknown}"
    return changed
