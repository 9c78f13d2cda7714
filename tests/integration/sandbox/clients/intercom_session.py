"""A session of Intercom's own Python client with a workspace; prints what it saw as JSON."""

import json
import os

from intercom import Intercom
from intercom.core.api_error import ApiError
from intercom.errors import UnauthorizedError
from intercom.types import (
    MultipleFilterSearchRequest,
    SingleFilterSearchRequest,
    StartingAfterPaging,
)

ADDRESS, TOKEN = os.environ["INTERCOM_URL"], os.environ["INTERCOM_TOKEN"]
client = Intercom(token=TOKEN, base_url=ADDRESS)
EVERYTHING = StartingAfterPaging(per_page=150)


def over(field, operator, value):
    return SingleFilterSearchRequest(field=field, operator=operator, value=value)


def lists():
    return {
        "me": client.admins.identify().email,
        "admins": [item.id for item in client.admins.list().admins],
        "tags": [item.name for item in client.tags.list().data],
        "contacts": [item.id for item in client.contacts.list(per_page=5)],
        "conversations": [item.id for item in client.conversations.list(per_page=5)],
        "companies": [item.id for item in client.companies.list(per_page=50).items],
        "scrolled": [item.id for item in client.companies.scroll().items],
    }


def searches():
    domain = over("email", "$", "@b.example")
    both = MultipleFilterSearchRequest(operator="AND", value=[domain, over("role", "=", "user")])
    return {
        "contacts": sorted(
            item.id for item in client.contacts.search(query=both, pagination=EVERYTHING).items
        ),
        "conversations": [
            item.id
            for item in client.conversations.search(
                query=over("state", "=", "open"), pagination=EVERYTHING
            ).items
        ],
    }


def conversation():
    found = client.conversations.find(conversation_id="201")
    parts = found.conversation_parts
    return {"parts": [part.body for part in parts.conversation_parts], "all": parts.total_count}


def changes():
    made = client.contacts.create(request={"email": "new@c.example", "name": "Zoë 🎉"})
    found = client.contacts.find(contact_id=made.id)
    gone = client.contacts.delete(contact_id=made.id)
    try:
        client.contacts.find(contact_id=made.id)
        error = None
    except ApiError as refused:
        error = refused.body["errors"][0]["message"]
    return {"name": found.name, "deleted": gone.deleted, "error": error}


def refused():
    try:
        Intercom(token="no-such-token", base_url=ADDRESS).admins.list()
    except UnauthorizedError as error:
        return error.body.errors[0].code
    return None


told = {"lists": lists(), "searches": searches(), "conversation": conversation()}
print(json.dumps(told | {"changes": changes(), "refused": refused()}))
