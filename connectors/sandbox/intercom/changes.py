"""Changes of Intercom's companies, contacts and conversations."""

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record
from connectors.sandbox.intercom.defaults import DEFAULTS, SINGULAR
from connectors.sandbox.intercom.errors import invalid, refuse
from connectors.sandbox.intercom.workspace import Workspace

_FIXED = frozenset({"id", "type", "created_at", "updated_at", "workspace_id", "app_id"})
_STATES = {"close": "closed", "open": "open", "snoozed": "snoozed"}


def companies(contact: Record) -> list[str]:
    """Return the ids of a contact's companies."""
    return [item["id"] for item in contact["companies"]["data"]]


def _given(call: Call, collection: str) -> Record:
    known = DEFAULTS[collection].keys() - _FIXED
    return {name: value for name, value in call.json_object().items() if name in known}


def update(collection: str) -> Handler:
    """Return the handler that changes a record; attributes are merged."""

    def put(call: Call) -> Answer:
        workspace: Workspace = call.vendor
        record = workspace.find(collection, call.path["id"])
        given = _given(call, collection)
        if collection == "companies" and given.pop("company_id", record["company_id"]) is None:
            raise invalid("company_id cannot be changed")
        return Answer(_change(workspace, collection, record, given))

    return put


def _change(workspace: Workspace, collection: str, record: Record, given: Record) -> Record:
    attributes = {**record["custom_attributes"], **(given.pop("custom_attributes", None) or {})}
    record.update(given, custom_attributes=attributes, updated_at=workspace.clock.unix())
    return workspace.shown(collection, record, is_whole=True)


def put_company(call: Call) -> Answer:
    """Create a company, or change the one with this ``company_id``."""
    workspace: Workspace = call.vendor
    given = _given(call, "companies")
    if not given.get("company_id"):
        raise refuse(400, "bad_request", "company_id is required")
    for record in workspace.each("companies"):
        if record["company_id"] == given["company_id"]:
            return Answer(_change(workspace, "companies", record, given))
    return Answer(workspace.shown("companies", workspace.seed("companies", given)))


def create_contact(call: Call) -> Answer:
    """Create a contact with an e-mail address, an external id or a role."""
    workspace: Workspace = call.vendor
    given = _given(call, "contacts")
    if not any(given.get(name) for name in ("email", "external_id", "role")):
        raise invalid("email, external_id or role is required")
    for record in workspace.each("contacts"):
        for name in ("external_id", "email"):
            if given.get(name) and record[name] == given[name] and record["role"] == "user":
                message = f"A contact matching those details already exists with id={record['id']}"
                raise refuse(409, "conflict", message)
    return Answer(workspace.shown("contacts", workspace.seed("contacts", given)))


def delete(collection: str) -> Handler:
    """Return the handler that deletes a record for good."""

    def handle(call: Call) -> Answer:
        workspace: Workspace = call.vendor
        record = workspace.find(collection, call.path["id"])
        del workspace.records[collection][record["id"]]
        if collection == "companies":
            for contact in workspace.each("contacts"):
                _leave(workspace, contact, record["id"])
        if collection == "contacts":
            stone = {"type": "contact", "external_id": record["external_id"]}
        else:
            stone = {"object": SINGULAR[collection]}
        return Answer({"id": record["id"], **stone, "deleted": True})

    return handle


def attach(call: Call) -> Answer:
    """Make a contact one of a company's."""
    workspace: Workspace = call.vendor
    contact = workspace.find("contacts", call.path["id"])
    company = workspace.find("companies", str(call.json_object().get("id")))
    if company["id"] not in companies(contact):
        item = {"type": "company", "id": company["id"], "url": f"/companies/{company['id']}"}
        _set_companies(workspace, contact, [*contact["companies"]["data"], item])
        company["user_count"] += 1
    return Answer(workspace.shown("companies", company))


def detach(call: Call) -> Answer:
    """Take a contact out of a company."""
    workspace: Workspace = call.vendor
    contact = workspace.find("contacts", call.path["id"])
    company = workspace.find("companies", call.path["company_id"])
    if company["id"] in companies(contact):
        _leave(workspace, contact, company["id"])
        company["user_count"] = max(0, company["user_count"] - 1)
    return Answer(workspace.shown("companies", company))


def _leave(workspace: Workspace, contact: Record, company_id: str) -> None:
    rest = [item for item in contact["companies"]["data"] if item["id"] != company_id]
    if len(rest) < len(contact["companies"]["data"]):
        _set_companies(workspace, contact, rest)


def _set_companies(workspace: Workspace, contact: Record, items: list[Record]) -> None:
    contact["companies"] |= {"data": items, "total_count": len(items)}
    contact["updated_at"] = workspace.clock.unix()


def merge(call: Call) -> Answer:
    """Merge a lead into another contact, which takes its companies."""
    workspace: Workspace = call.vendor
    body = call.json_object()
    lead = workspace.find("contacts", str(body.get("from")))
    into = workspace.find("contacts", str(body.get("into")))
    if lead["role"] != "lead":
        raise invalid("Only a lead can be merged into another contact")
    known = companies(into)
    gained = [item for item in lead["companies"]["data"] if item["id"] not in known]
    _set_companies(workspace, into, [*into["companies"]["data"], *gained])
    del workspace.records["contacts"][lead["id"]]
    return Answer(workspace.shown("contacts", into))


def tag(call: Call) -> Answer:
    """Create a tag, or change the name of one."""
    workspace: Workspace = call.vendor
    body = call.json_object()
    if not body.get("name"):
        raise invalid("name is required")
    if body.get("id"):
        record = workspace.find("tags", str(body["id"]))
        record["name"] = body["name"]
    else:
        record = workspace.seed("tags", {"name": body["name"]})
    return Answer(workspace.shown("tags", record))


def reply(call: Call) -> Answer:
    """Add an answer of an admin or a contact; a contact's opens the conversation again."""
    workspace: Workspace = call.vendor
    conversation = workspace.find("conversations", call.path["id"])
    body = call.json_object()
    kind = body.get("message_type", "comment")
    if kind not in {"comment", "note"} or body.get("type") not in {"admin", "user"}:
        raise invalid("message_type must be comment or note, type admin or user")
    is_admin = body["type"] == "admin"
    who = str(body.get("admin_id") if is_admin else body.get("intercom_user_id"))
    author = workspace.find("admins" if is_admin else "contacts", who)
    part = {"part_type": kind, "body": f"<p>{body.get('body', '')}</p>", "author": _author(author)}
    workspace.add_part(conversation, part)
    if not is_admin:
        conversation |= {"open": True, "state": "open"}
    return Answer(workspace.shown("conversations", conversation, is_whole=True))


def manage(call: Call) -> Answer:
    """Close, open, snooze or assign a conversation."""
    workspace: Workspace = call.vendor
    conversation = workspace.find("conversations", call.path["id"])
    body = call.json_object()
    kind = body.get("message_type")
    admin = workspace.find("admins", str(body.get("admin_id")))
    part: Record = {"part_type": kind, "author": _author(admin)}
    if kind == "assignment":
        assignee = str(body.get("assignee_id", admin["id"]))
        conversation["admin_assignee_id"] = int(assignee)
        part["assigned_to"] = {"type": "admin", "id": assignee}
    elif kind in _STATES:
        conversation["state"] = _STATES[kind]
        conversation["open"] = kind == "open"
        conversation["snoozed_until"] = body.get("snoozed_until")
    else:
        raise invalid("message_type must be close, open, snoozed or assignment")
    workspace.add_part(conversation, part)
    return Answer(workspace.shown("conversations", conversation, is_whole=True))


def _author(record: Record) -> Record:
    kind = "admin" if record["type"] == "admin" else "user"
    return {"type": kind, **{name: record[name] for name in ("id", "name", "email")}}
