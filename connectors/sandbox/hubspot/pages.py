"""The list of companies, and one company as a CSM sees it: fields by group, tasks, people."""

import html
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.sandbox.common.pages import PAGE_SIZE, Pages, day, page_number, safe_link
from connectors.sandbox.common.vendor import Record
from connectors.sandbox.hubspot.associations import linked
from connectors.sandbox.hubspot.objects import TYPES
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.properties import Property
from connectors.sandbox.hubspot.records import find

_page = Pages(Path(__file__).parent / "templates", "HubSpot", "Companies").page
_COMPANIES, _CONTACTS, _TASKS = TYPES["companies"], TYPES["contacts"], TYPES["tasks"]
_HIDDEN = frozenset({"name", "hs_object_id", "hs_merged_object_ids", "hubspot_owner_id"})


def routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of the pages, as HubSpot has them."""

    async def companies(request: Request) -> Response:
        return _list(portal, request)

    async def company(request: Request) -> Response:
        return _one(portal, request.path_params["id"])

    record = f"/contacts/{portal.portal_id}/record/{_COMPANIES.type_id}/{{id}}"
    return [Route("/", companies), Route(record, company)]


def _list(portal: Portal, request: Request) -> Response:
    search = request.query_params.get("q", "").strip()[:100]
    found = [
        record
        for record in portal.index.all("companies", is_archived=False)
        if search.lower() in str(record["properties"].get("name") or "").lower()
    ]
    found.sort(key=lambda record: str(record["properties"].get("name") or "").lower())
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = page_number(request.query_params.get("page", "1"), pages)

    def link(number: int) -> str:
        return f"/?{urlencode({'q': search, 'page': number})}" if 1 <= number <= pages else ""

    return _page(
        "companies.html",
        rows=[_row(portal, one) for one in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]],
        search=search,
        total=len(found),
        page=page,
        pages=pages,
        previous=link(page - 1),
        following=link(page + 1),
    )


def _row(portal: Portal, record: Record) -> dict[str, Any]:
    properties = record["properties"]
    names = ("health_score", "health_band", "churn_probability", "next_action")
    specs = portal.properties["companies"]
    return {
        "name": properties.get("name") or "(no name)",
        "industry": properties.get("industry") or "",
        "link": f"/contacts/{portal.portal_id}/record/{_COMPANIES.type_id}/{record['id']}",
        "owner": _owner(portal, properties.get("hubspot_owner_id")),
        "band": properties.get("copilot_health_band") or "",
        **{
            name: _text(specs[f"copilot_{name}"], properties.get(f"copilot_{name}"))
            if f"copilot_{name}" in specs
            else ""
            for name in names
        },
    }


def _one(portal: Portal, key: str) -> Response:
    record = find(portal, _COMPANIES, key) or find(portal, _COMPANIES, key, is_archived=True)
    if record is None:
        return _page("missing.html", 404, record_id=key)
    properties = record["properties"]
    return _page(
        "company.html",
        name=properties.get("name") or "(no name)",
        record=record,
        is_merged=record["id"] != key,
        owner=_owner(portal, properties.get("hubspot_owner_id")),
        groups=_groups(portal, record),
        tasks=[_task(portal, task) for task in _companions(portal, record, "tasks")],
        people=[_person(person) for person in _companions(portal, record, "contacts")[:20]],
    )


def _groups(portal: Portal, record: Record) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return each group of properties with label, text and link of its values; own ones first."""
    found = []
    for group in sorted(portal.groups["companies"].values(), key=lambda one: one["name"]):
        rows = [
            (spec.label, text, safe_link(text) if "://" in text else "")
            for spec in portal.properties["companies"].values()
            if spec.group_name == group["name"] and spec.name not in _HIDDEN
            for text in [_text(spec, record["properties"].get(spec.name))]
            if text or spec.is_custom
        ]
        if rows:
            found.append((group["label"], rows))
    return sorted(found, key=lambda one: one[0] == "Company information")


def _companions(portal: Portal, record: Record, kind: str) -> list[Record]:
    ids = [other for other, _ in linked(portal, _COMPANIES, record["id"], TYPES[kind])]
    found = [portal.records[kind][other] for other in ids]
    return sorted(found, key=lambda one: str(one["properties"].get("hs_timestamp") or ""))


def _task(portal: Portal, task: Record) -> dict[str, Any]:
    properties, specs = task["properties"], portal.properties["tasks"]
    body = str(properties.get("hs_task_body") or "").replace("<br>", "\n")
    return {
        "subject": properties.get("hs_task_subject") or "(no subject)",
        "due": day(properties.get("hs_timestamp")),
        "status": _text(specs["hs_task_status"], properties.get("hs_task_status")),
        "is_open": properties.get("hs_task_status") != "COMPLETED",
        "priority": _text(specs["hs_task_priority"], properties.get("hs_task_priority")),
        "owner": _owner(portal, properties.get("hubspot_owner_id")),
        "body": html.unescape(body),  # the template escapes it again
    }


def _person(person: Record) -> dict[str, str]:
    properties = person["properties"]
    names = (properties.get("firstname"), properties.get("lastname"))
    return {
        "name": " ".join(name for name in names if name) or properties.get("email") or "",
        "title": properties.get("jobtitle") or "",
        "email": properties.get("email") or "",
    }


def _owner(portal: Portal, owner_id: Any) -> str:
    owner = portal.records["owners"].get(str(owner_id))
    if owner is None:
        return ""
    return f"{owner['firstName']} {owner['lastName']}".strip() or str(owner["email"])


def _text(spec: Property, value: Any) -> str:
    """Return a kept value as a person reads it."""
    if value in (None, ""):
        return ""
    if spec.options:
        labels = {choice["value"]: str(choice["label"]) for choice in spec.options}
        return labels.get(str(value), str(value))
    if spec.type in {"date", "datetime"}:
        return day(str(value))
    if spec.type == "number" and "id" not in spec.name:
        return f"{float(value):,.2f}".rstrip("0").rstrip(".")
    return str(value)
