"""What a CSM would see: the list of organisations, and one with its fields and activities."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.sandbox.common.pages import PAGE_SIZE, Pages, page_number, safe_link
from connectors.sandbox.common.vendor import Record
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.fieldtypes import WITH_OPTIONS

_page = Pages(Path(__file__).parent / "templates", "Pipedrive", "Organizations").page


def routes(company: Company) -> list[BaseRoute]:
    """Return the addresses of the pages; no token is asked for, as in a browser signed in."""

    async def organizations(request: Request) -> Response:
        return _list(company, request.query_params)

    async def organization(request: Request) -> Response:
        return _one(company, request.path_params["id"])

    return [Route("/", organizations), Route("/organization/{id}", organization)]


def _list(company: Company, asked: Mapping[str, str]) -> Response:
    search = asked.get("q", "").strip()[:100]
    found = [
        row
        for row in company.each("organizations")
        if not row["is_deleted"] and search.lower() in row["name"].lower()
    ]
    found.sort(key=lambda row: (row["name"].lower(), row["id"]))
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = page_number(asked.get("page", "1"), pages)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return _page(
        "organizations.html",
        rows=[{**row, "owner": _name(company, row["owner_id"])} for row in shown],
        search=search,
        total=len(found),
        page=page,
        pages=pages,
    )


def _one(company: Company, key: str) -> Response:
    record = company.find("organizations", key)
    if record is None:
        return _page("missing.html", 404, key=key)
    activities = [
        {**row, "owner": _name(company, row["owner_id"])}
        for row in company.each("activities")
        if row["org_id"] == record["id"] and not row["is_deleted"]
    ]
    activities.sort(key=lambda row: (row["done"], row["due_date"] or "", row["id"]))
    return _page(
        "organization.html",
        record=record,
        owner=_name(company, record["owner_id"]),
        fields=_fields(company, record),
        people=[
            row
            for row in company.each("persons")
            if row["org_id"] == record["id"] and not row["is_deleted"]
        ],
        activities=activities,
    )


def _name(company: Company, user_id: int | None) -> str:
    user = company.find("users", user_id)
    return "" if user is None else str(user["name"])


def _fields(company: Company, record: Record) -> list[tuple[str, str, str]]:
    """Return label, text and web address (or nothing) of each custom field."""
    return [
        (field["field_name"], text, safe_link(text) if "://" in text else "")
        for code, field in company.records["organizationFields"].items()
        if field["is_custom_field"]
        for text in [_text(field, record["custom_fields"].get(code))]
    ]


def _text(field: Record, value: Any) -> str:
    if value is None:
        return ""
    if field["field_type"] == "monetary":
        return f"{value['value']:,.2f} {value['currency']}"
    if field["field_type"] in WITH_OPTIONS:
        labels = {option["id"]: option["label"] for option in field["options"]}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(option, "") for option in chosen)
    return f"{value:g}" if isinstance(value, float) else str(value)
