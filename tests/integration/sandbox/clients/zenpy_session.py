"""A session of zenpy with a Zendesk account; prints what it saw as JSON."""

import datetime as dt
import json
import os

from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Organization, Ticket, User
from zenpy.lib.exception import APIException, RecordNotFoundException

EMAIL, TOKEN = os.environ["ZENDESK_EMAIL"], os.environ["ZENDESK_TOKEN"]
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
desk = Zenpy(subdomain="standin", email=EMAIL, token=TOKEN, disable_cache=True)


def lists():
    return {
        "tickets": [item.id for item in desk.tickets()],
        "users": [item.id for item in desk.users()],
        "organizations": [item.id for item in desk.organizations()],
        "satisfaction_ratings": [item.id for item in desk.satisfaction_ratings()],
        "ticket_metrics": len(list(desk.ticket_metrics())),
        "ticket_audits": len(list(desk.tickets.audits())),
        "two": [item.id for item in desk.tickets(ids=[1001, 1002])],
    }


def exports():
    tickets = desk.tickets.incremental
    return {
        "cursor": [item.id for item in tickets(start_time=START, paginate_by_time=False)],
        "time": [item.id for item in tickets(start_time=START, paginate_by_time=True)],
        "users": [item.id for item in desk.users.incremental(start_time=START)],
        "organizations": [item.id for item in desk.organizations.incremental(start_time=START)],
        "metrics": [item.id for item in desk.tickets.metrics_incremental(start_time=START)],
        "events": len(list(desk.tickets.events(start_time=START))),
    }


def ticket():
    made = desk.tickets.create(Ticket(subject="Ä 🎉", comment=Comment(body="hello")))
    change = made.ticket
    change.status, change.priority = "solved", "high"
    solved = desk.tickets.update(change)
    told = {
        "subject": made.ticket.subject,
        "changes": [
            [event["field_name"], event["previous_value"], event["value"]]
            for event in solved.audit.events
        ],
        "audits": len(list(desk.tickets.audits(change))),
        "comments": [item.body for item in desk.tickets.comments(change)],
        "is_measured": desk.tickets.metrics(change).solved_at is not None,
    }
    desk.tickets.delete(change)
    try:
        desk.tickets(id=change.id)
    except RecordNotFoundException:
        told["is_gone"] = True
    told["is_in_bin"] = [item.id for item in desk.tickets.deleted()] == [change.id]
    return told


def people():
    made = desk.users.create(User(name="New", email="new@client.example"))
    try:
        desk.users.create(User(name="Other", email="new@client.example"))
    except APIException as error:
        taken = json.loads(str(error))["details"]["email"][0]["error"]
    organization = desk.organizations.create(Organization(name="Org", external_id="0012"))
    desk.organizations.delete(organization)
    return {"taken": taken, "deleted_active": desk.users.delete(made).active}


def refused():
    try:
        Zenpy(subdomain="standin", email=EMAIL, token="no-such-token").users.me()
    except APIException as error:
        return json.loads(str(error))["error"]
    return None


told = {"me": desk.users.me().email, "lists": lists(), "exports": exports()}
told |= {"ticket": ticket(), "people": people(), "refused": refused()}
print(json.dumps(told))
