"""Version 2's records: organisations, people, deals, activities."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, route
from connectors.sandbox.pipedrive import changelog, errors, fieldtypes
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.entities import ENTITIES, Entity
from connectors.sandbox.pipedrive.paging import Order, page

_MOST_IDS, _MOST_CUSTOM = 100, 15
_SORTS = {"id", "update_time", "add_time"}


def routes(company: Company) -> list[BaseRoute]:
    """Return the addresses of this area."""
    found: list[BaseRoute] = []
    for entity in ENTITIES.values():
        base = f"/api/v2/{entity.name}"
        found.append(route(company, base, _on_list(entity)))
        if entity.name == "organizations":
            found.append(route(company, f"{base}/search", {"GET": _search}))
        found.append(route(company, f"{base}/{{id}}", _on_record(entity)))
    for name in ("pipelines", "stages"):
        found.append(route(company, f"/api/v2/{name}", {"GET": _plain_list(name)}))
        found.append(route(company, f"/api/v2/{name}/{{id}}", {"GET": _plain_record(name)}))
    return found


def _on_list(entity: Entity) -> Mapping[str, Handler]:
    def get(call: Call) -> Answer:
        sort_by = call.param("sort_by", "id")
        known = _SORTS | ({"due_date"} if entity.name == "activities" else set())
        if sort_by not in known:
            raise errors.invalid(f"sort_by: must be one of {', '.join(sorted(known))}")

        def order(record: Record) -> Order:
            return "" if sort_by == "id" else str(record[sort_by] or ""), record["id"]

        return page(
            call,
            _chosen(call, entity),
            _shown(call, entity),
            order,
            is_descending=call.param("sort_direction") == "desc",
        )

    def post(call: Call) -> Answer:
        company: Company = call.vendor
        given = _given(call, entity)
        if entity.required and not given.get(entity.required):
            raise errors.invalid(f"{entity.required}: Parameter '{entity.required}' is required")
        return Answer({"success": True, "data": create(company, entity, given)}, 201)

    return {"GET": get, "POST": post}


def _on_record(entity: Entity) -> Mapping[str, Handler]:
    def get(call: Call) -> Answer:
        found = call.vendor.find(entity.name, call.path["id"])
        if found is None:
            raise errors.not_found(entity.noun)
        return Answer({"success": True, "data": _shown(call, entity)(found)})

    def patch(call: Call) -> Answer:
        record = _living(call, entity)
        given, before = _given(call, entity), dict(record)
        change(call.vendor, entity, record, given)
        changelog.note(call, entity.name, before, record)
        return Answer({"success": True, "data": _shown(call, entity)(record)})

    def delete(call: Call) -> Answer:
        record = _living(call, entity)
        remove(call.vendor, entity, record)
        return Answer({"success": True, "data": {"id": record["id"]}})

    return {"GET": get, "PATCH": patch, "DELETE": delete}


def _living(call: Call, entity: Entity) -> Record:
    company: Company = call.vendor
    found = company.living(entity.name, call.path["id"])
    if found is None:
        raise errors.not_found(entity.noun)
    return found


# -- reading ---------------------------------------------------------------------------------


def _chosen(call: Call, entity: Entity) -> Iterator[Record]:
    company: Company = call.vendor
    wanted = {name: call.param(name) for name in entity.filters if call.param(name)}
    since, until = call.param("updated_since"), call.param("updated_until")
    is_deleted = wanted.get("status") == "deleted"
    if is_deleted:
        del wanted["status"]
    for record in _named(call, company, entity):
        if record["is_deleted"] != is_deleted or record.get("is_archived"):
            continue
        if (since and record["update_time"] < since) or (until and record["update_time"] >= until):
            continue
        if all(_text(record[name]) == value for name, value in wanted.items()):
            yield record


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _named(call: Call, company: Company, entity: Entity) -> Iterator[Record]:
    listed = call.param("ids")
    if not listed:
        yield from company.each(entity.name)
        return
    ids = listed.split(",")
    if len(ids) > _MOST_IDS:
        raise errors.invalid(f"ids: Parameter 'ids' must contain at most {_MOST_IDS} items")
    for key in dict.fromkeys(ids):
        if not key.isdecimal():
            raise errors.invalid("ids: Parameter 'ids' must contain integers")
        found = company.find(entity.name, key)
        if found is not None:
            yield found


def _shown(call: Call, entity: Entity) -> Callable[[Record], Record]:
    company: Company = call.vendor
    fields = company.records[entity.fields]
    asked = [code for code in call.param("custom_fields").split(",") if code]
    if len(asked) > _MOST_CUSTOM:
        raise errors.invalid(f"custom_fields: at most {_MOST_CUSTOM} keys are allowed")
    codes = asked or [code for code, field in fields.items() if field["is_custom_field"]]
    has_labels = call.param("include_option_labels") == "true"

    def show(record: Record) -> Record:
        if "custom_fields" not in record:
            return record
        held = record["custom_fields"]
        values = {code: held.get(code) for code in codes if code in fields}
        if has_labels:
            values = {code: _labelled(fields[code], value) for code, value in values.items()}
        return {**record, "custom_fields": values}

    return show


def _labelled(field: Record, value: Any) -> Any:
    if field["field_type"] not in fieldtypes.WITH_OPTIONS or value is None:
        return value
    known = {option["id"]: option["label"] for option in field["options"]}
    chosen = value if isinstance(value, list) else [value]
    named = [{"id": option, "label": known.get(option, "")} for option in chosen]
    return named if isinstance(value, list) else named[0]


def _search(call: Call) -> Answer:
    term = call.param("term").strip().lower()
    if len(term) < (1 if call.param("exact_match") == "true" else 2):
        raise errors.invalid("term: Parameter 'term' must be at least 2 characters long")
    is_exact = call.param("exact_match") == "true"
    rows = [
        row
        for row in call.vendor.each("organizations")
        if not row["is_deleted"]
        and (row["name"].lower() == term if is_exact else term in row["name"].lower())
    ]

    def item(row: Record) -> Record:
        told = {"id": row["id"], "type": "organization", "name": row["name"]}
        return {"result_score": 0.5, "item": {**told, "owner": {"id": row["owner_id"]}}}

    answer = page(call, rows, item)
    return Answer({**answer.payload, "data": {"items": answer.payload["data"]}})


def _plain_list(name: str) -> Handler:
    def get(call: Call) -> Answer:
        pipeline = call.param("pipeline_id")
        rows = [
            row
            for row in call.vendor.each(name)
            if not row["is_deleted"] and (not pipeline or str(row["pipeline_id"]) == pipeline)
        ]
        return page(call, rows, lambda row: row)

    return get


def _plain_record(name: str) -> Handler:
    def get(call: Call) -> Answer:
        found = call.vendor.find(name, call.path["id"])
        if found is None:
            raise errors.not_found(name.removesuffix("s").capitalize())
        return Answer({"success": True, "data": found})

    return get


# -- writing ---------------------------------------------------------------------------------


def _given(call: Call, entity: Entity) -> Record:
    """Return what was sent.

    Raises
    ------
    RefusedError
        A name is unknown, or a value does not fit.
    """
    company: Company = call.vendor
    given = call.json_object()
    problems = [errors.not_allowed(name) for name in given if name not in entity.writable]
    known = {name: value for name, value in given.items() if name in entity.writable}
    problems += [text for name, value in known.items() if (text := entity.problem_of(name, value))]
    if not problems:
        custom = given.get("custom_fields") or {}
        problems = fieldtypes.problems_of(custom, company.records[entity.fields])
        problems += [
            f"{name}: {collection} has no record {given[name]}"
            for name, collection in entity.references.items()
            if given.get(name) is not None and company.living(collection, given[name]) is None
        ]
    if "type" in known and not any(
        kind["key_string"] == known["type"] for kind in company.each("activityTypes")
    ):
        problems.append(f"type: there is no activity type '{known['type']}'")
    if problems:
        raise errors.invalid(*problems)
    return given


def create(company: Company, entity: Entity, given: Record) -> Record:
    """Make a record of what was sent."""
    number = company.new_id(entity.name)
    record = {"id": number, **copy.deepcopy(dict(entity.defaults))}
    record |= {"owner_id": company.me["id"], "add_time": company.now()}
    if "creator_user_id" in entity.defaults:
        record["creator_user_id"] = company.me["id"]
    change(company, entity, record, given)
    return record


def change(company: Company, entity: Entity, record: Record, given: Record) -> None:
    """Give a record the values that were sent."""
    values = dict(given)
    custom = fieldtypes.kept(values.pop("custom_fields", None) or {})
    if custom:
        record["custom_fields"] = record["custom_fields"] | custom
    if "done" in values and bool(values["done"]) != record["done"]:
        record["marked_as_done_time"] = company.now() if values["done"] else None
    record |= values
    record["update_time"] = company.now()
    company.put(entity.name, str(record["id"]), record)


def remove(company: Company, entity: Entity, record: Record) -> None:
    """Delete a record, which stays readable by its id for thirty days."""
    record |= {"is_deleted": True, "update_time": company.now(), "delete_time": company.now()}
    company.touch(entity.name, str(record["id"]))
