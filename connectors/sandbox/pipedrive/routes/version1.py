"""Version 1's records: lists by number, the feed of recent changes, merging."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, route
from connectors.sandbox.pipedrive import changelog, errors
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.entities import ENTITIES
from connectors.sandbox.pipedrive.paging import page, page_1
from connectors.sandbox.pipedrive.routes.records import remove
from connectors.sandbox.pipedrive.version1 import shown

PREFIXES = ("/v1", "/api/v1")
_RECENT = {
    "activity": "activities",
    "deal": "deals",
    "organization": "organizations",
    "person": "persons",
    "pipeline": "pipelines",
    "stage": "stages",
    "user": "users",
}
_LISTED = ("activities", "deals", "organizations", "persons", "pipelines", "stages")


def both(company: Company, path: str, handlers: Mapping[str, Handler]) -> list[BaseRoute]:
    """Return an address of version 1 under both of its prefixes."""
    return [route(company, f"{prefix}{path}", handlers) for prefix in PREFIXES]


def routes(company: Company) -> list[BaseRoute]:
    """Return the addresses of this area."""
    found = both(company, "/recents", {"GET": _recents})
    for name in _LISTED:
        found += both(company, f"/{name}", {"GET": _list(name)})
        found += both(company, f"/{name}/{{id}}", {"GET": _one(name)})
    for name in changelog.KEPT_FOR:
        found += both(company, f"/{name}/{{id}}/changelog", {"GET": _changelog(name)})
    return [*found, *both(company, "/organizations/{id}/merge", {"PUT": _merge})]


def _list(name: str) -> Handler:
    def get(call: Call) -> Answer:
        company: Company = call.vendor
        rows = [row for row in company.each(name) if not row["is_deleted"]]
        return page_1(call, rows, lambda row: shown(company, name, row))

    return get


def _one(name: str) -> Handler:
    def get(call: Call) -> Answer:
        record = call.vendor.find(name, call.path["id"])
        if record is None:
            raise errors.not_found_1(name.removesuffix("s").capitalize())
        return Answer({"success": True, "data": shown(call.vendor, name, record)})

    return get


def _changelog(name: str) -> Handler:
    def get(call: Call) -> Answer:
        record = call.vendor.find(name, call.path["id"])
        if record is None:
            raise errors.not_found_1(name.removesuffix("s").capitalize())
        rows = changelog.told(call.vendor, name, record["id"])
        return page(call, rows, _entry_of, is_descending=True)

    return get


def _entry_of(row: Record) -> Record:
    return {name: value for name, value in row.items() if name != "id"}


def _recents(call: Call) -> Answer:
    """List what changed since a moment, deleted records included, oldest change first."""
    company: Company = call.vendor
    since = call.param("since_timestamp")
    if not since:
        raise errors.not_found_1("Parameter since_timestamp")
    items = [name for name in call.param("items").split(",") if name] or list(_RECENT)
    moment = since[:19].replace(" ", "T")
    changed = [
        (str(_changed(record)), item, record)
        for item in items
        if item in _RECENT
        for record in company.each(_RECENT[item])
        if str(_changed(record)) >= moment
    ]
    changed.sort(key=lambda one: (one[0], one[1], one[2]["id"]))
    return page_1(call, changed, lambda one: _entry(company, one[1], one[2]))


def _changed(record: Record) -> str:
    return str(record.get("update_time") or record["modified"])[:19].replace(" ", "T")


def _entry(company: Company, item: str, record: Record) -> Record:
    told: Record | Sequence[Record] = shown(company, _RECENT[item], record)
    return {"item": item, "id": record["id"], "data": [told] if item == "user" else told}


def _merge(call: Call) -> Answer:
    """Merge an organisation into another: its records move, it is deleted, nothing tells whither.

    A value that the other lacks is taken over.
    """
    company: Company = call.vendor
    entity = ENTITIES["organizations"]
    gone = company.living("organizations", call.path["id"])
    kept = company.living("organizations", call.json_object().get("merge_with_id"))
    if gone is None or kept is None or gone is kept:
        raise errors.not_found_1("Organization")
    for name in ("persons", "deals", "activities"):
        for record in company.each(name):
            if record["org_id"] == gone["id"]:
                record |= {"org_id": kept["id"], "update_time": company.now()}
                company.touch(name, str(record["id"]))
    for code, value in gone["custom_fields"].items():
        if kept["custom_fields"].get(code) is None:
            kept["custom_fields"][code] = value
    kept["update_time"] = company.now()
    company.touch("organizations", str(kept["id"]))
    remove(company, entity, gone)
    return Answer({"success": True, "data": shown(company, "organizations", kept)})
