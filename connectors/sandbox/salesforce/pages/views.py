"""The list of accounts, and one account as a CSM sees it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.common.pages import PAGE_SIZE, Pages, day, page_number, safe_link
from connectors.sandbox.salesforce.api import Org
from connectors.sandbox.salesforce.ids import full_id, is_id
from connectors.sandbox.salesforce.pages import format as text
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.store import Store, quoted

_COPILOT = "Copilot_"
_ARR = "Copilot_ARR_At_Risk__c"
_LIST_FIELDS = (
    "Name",
    "Industry",
    "Copilot_Health_Score__c",
    "Copilot_Health_Band__c",
    "Copilot_Churn_Probability__c",
    "Copilot_ARR_At_Risk__c",
    "Copilot_Renewal_Date__c",
    "Copilot_Next_Action__c",
)
_SHOWN_AS_THEY_ARE = (
    "churn_probability",
    "risk_tier",
    "next_action",
    "expansion_propensity",
    "expansion_product",
    "arr_at_risk",
    "renewal_date",
    "as_of",
)
_SORTS = {
    "name": ("Name", "asc", "Name"),
    "health": ("Copilot_Health_Score__c", "asc", "Lowest health"),
    "churn": ("Copilot_Churn_Probability__c", "desc", "Highest churn risk"),
    "arr": ("Copilot_ARR_At_Risk__c", "desc", "Most ARR at risk"),
}
_HIDDEN = {"Name", "Id", "IsDeleted", "MasterRecordId", "PhotoUrl", "OwnerId", "Description"}
_page = Pages(Path(__file__).parent / "templates", "Salesforce", "Accounts").page


async def accounts(request: Request) -> Response:
    """Show the accounts: searched, sorted, in pages."""
    return await run_in_threadpool(_accounts, request)


async def account(request: Request) -> Response:
    """Show one account."""
    return await run_in_threadpool(_account, request)


def _accounts(request: Request) -> Response:
    store = _org(request).store
    search = request.query_params.get("q", "").strip()[:100]
    sort = request.query_params.get("sort", "name")
    number = request.query_params.get("page", "1")
    fields = [name for name in _LIST_FIELDS if name in store.objects["Account"].fields]
    available = {key: value for key, value in _SORTS.items() if value[0] in fields}
    column, direction, _ = available.get(sort, _SORTS["name"])
    where = ' where not "IsDeleted" and "Name" like ? escape \'\\\''
    pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    total = store.rows(f'select count(*) from "Account"{where}', (pattern,))[0][0]  # noqa: S608
    pages = max(1, -(-total // PAGE_SIZE))
    page = page_number(number, pages)
    selected = ", ".join(quoted(name) for name in ["Id", *fields])
    rows = store.rows(
        f'select {selected} from "Account"{where}'  # noqa: S608
        f' order by {quoted(column)} {direction} nulls last, "Id" limit ? offset ?',
        (pattern, PAGE_SIZE, (page - 1) * PAGE_SIZE),
    )
    records = [dict(zip(["Id", *fields], row, strict=True)) for row in rows]

    def link(number: int) -> str:
        return "/?" + urlencode({"q": search, "sort": sort, "page": number})

    return _page(
        "accounts.html",
        rows=[_listed(store, record) for record in records],
        has_scores="Copilot_Health_Score__c" in fields,
        search=search,
        sort=sort if sort in available else "name",
        sorts=[(key, value[2]) for key, value in available.items()],
        total=total,
        page=page,
        pages=pages,
        previous=link(page - 1) if page > 1 else "",
        following=link(page + 1) if page < pages else "",
    )


def _listed(store: Store, record: dict[str, Any]) -> dict[str, Any]:
    fields = store.objects["Account"].fields
    shown = {
        name.removeprefix(_COPILOT).removesuffix("__c").lower(): text.shown(fields[name], value)
        for name, value in record.items()
    }
    band = record.get("Copilot_Health_Band__c") or ""
    return {
        **shown,
        "id": record["Id"],
        "band": band,
        "band_label": text.BANDS.get(band, band),
        "health_score": text.score(record.get("Copilot_Health_Score__c")),
    }


def _account(request: Request) -> Response:
    store = _org(request).store
    record_id = request.path_params["id"]
    sobject = store.objects["Account"]
    record = store.get(sobject, full_id(record_id)) if is_id(record_id) else None
    if record is None:
        return _page("missing.html", status=404, record_id=record_id)
    owner = _names(store, "User", [record.get("OwnerId")])
    return _page(
        "account.html",
        account=record,
        owner=owner.get(record.get("OwnerId"), ""),
        website=safe_link(record.get("Website")),
        copilot=_copilot(sobject, record),
        details=_details(store, sobject, record),
        contacts=_contacts(store, record["Id"]),
        tasks=_open_tasks(store, record["Id"]),
    )


def _copilot(sobject: SObject, record: dict[str, Any]) -> dict[str, Any] | None:
    """Return the copilot's fields for the page; None before its first visit."""
    names = [name for name in sobject.fields if name.startswith(_COPILOT)]
    if all(record.get(name) is None for name in names):
        return None
    raw = {name.removeprefix(_COPILOT).removesuffix("__c").lower(): record[name] for name in names}
    shown = {
        name.removeprefix(_COPILOT).removesuffix("__c").lower(): text.shown(
            sobject.fields[name], record[name]
        )
        for name in names
    }
    band = raw.get("health_band") or "unknown"
    score = raw.get("health_score")
    reasons = [line.strip(" -•\t") for line in (raw.get("reasons") or "").splitlines()]
    return {
        **dict.fromkeys(_SHOWN_AS_THEY_ARE, ""),
        **shown,
        "band": band,
        "band_label": text.BANDS.get(band, band),
        "score": text.score(score),
        "arr_label": sobject.fields[_ARR].label.removeprefix("Copilot ") if _ARR in names else "",
        "score_width": 0 if score is None else max(0, min(100, round(score))),
        "change": text.change(raw.get("health_change_30d")),
        "is_falling": (raw.get("health_change_30d") or 0) < 0,
        "basis": text.basis(raw.get("score_basis")),
        "reasons": [line for line in reasons if line],
        "report": safe_link(raw.get("report_url")),
    }


def _details(store: Store, sobject: SObject, record: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    parents = _names(store, "Account", [record.get("ParentId")])
    for name, spec in sobject.fields.items():
        if name in _HIDDEN or name.startswith(_COPILOT) or spec.type == "address":
            continue
        value = text.shown(spec, record[name])
        if name == "ParentId":
            value = parents.get(record[name], "")
        if value and (spec.type != "reference" or name == "ParentId"):
            rows.append((spec.label.removesuffix(" ID"), value))
    return rows


def _names(store: Store, object_name: str, ids: list[str | None]) -> dict[str | None, str]:
    wanted = [record_id for record_id in ids if record_id]
    found = store.records(store.objects[object_name], ["Name"], wanted)
    return {record_id: row["Name"] or "" for record_id, row in found.items()}


def _contacts(store: Store, account_id: str) -> list[dict[str, Any]]:
    rows = store.rows(
        'select "Id" from "Contact" where "AccountId" = ? and not "IsDeleted" order by "Name"'
        " limit 20",
        (account_id,),
    )
    fields = [
        n for n in ("Name", "Title", "Email", "Phone") if n in store.objects["Contact"].fields
    ]
    found = store.records(store.objects["Contact"], fields, [row[0] for row in rows])
    return [{"Title": "", "Email": "", "Phone": "", **found[row[0]]} for row in rows]


def _open_tasks(store: Store, account_id: str) -> list[dict[str, Any]]:
    fields = ("Subject", "Status", "Priority", "ActivityDate")
    selected = ", ".join(quoted(name) for name in fields)
    rows = store.rows(
        f'select {selected} from "Task" where "WhatId" = ? and not "IsDeleted"'  # noqa: S608
        ' and not coalesce("IsClosed", 0) order by "ActivityDate" nulls last limit 20',
        (account_id,),
    )
    tasks = [dict(zip(fields, row, strict=True)) for row in rows]
    return [{**task, "ActivityDate": day(task["ActivityDate"])} for task in tasks]


def _org(request: Request) -> Org:
    org: Org = request.app.state.org
    return org


ROUTES = [
    Route("/", accounts),
    Route("/lightning/r/Account/{id}/view", account),
]
