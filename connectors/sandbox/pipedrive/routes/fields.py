"""Fields, in version 2: listed, made, renamed, removed, and their options."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, RefusedError, route
from connectors.sandbox.pipedrive import errors
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.fieldtypes import FIELD_LISTS, TYPES, WITH_OPTIONS, shown
from connectors.sandbox.pipedrive.paging import page

_KNOWN = {
    "field_name",
    "field_type",
    "options",
    "ui_visibility",
    "important_fields",
    "required_fields",
}
_DESCRIBED = {"dealFields", "personFields"}  # organisation fields take no description
_FULL = "Couldn't add the custom field. Custom fields limit reached."


def routes(company: Company) -> list[BaseRoute]:
    """Return the addresses of this area."""
    found: list[BaseRoute] = []
    for name in FIELD_LISTS:
        base = f"/api/v2/{name}"
        found.append(route(company, base, _on_list(name)))
        found.append(route(company, f"{base}/{{code}}/options", _on_options(name)))
        found.append(route(company, f"{base}/{{code}}", _on_field(name)))
    return found


def _namespaces(call: Call) -> list[str]:
    asked = [name for name in call.param("include_fields").split(",") if name]
    return [name for name in asked if name in _KNOWN]


def _on_list(list_name: str) -> Mapping[str, Handler]:
    def get(call: Call) -> Answer:
        namespaces = _namespaces(call)
        return page(call, call.vendor.each(list_name), lambda field: shown(field, namespaces))

    def post(call: Call) -> Answer:
        given = call.json_object()
        field = make_field(call.vendor, list_name, given)
        return Answer({"success": True, "data": shown(field)}, 201)

    return {"GET": get} if list_name == "activityFields" else {"GET": get, "POST": post}


def make_field(company: Company, list_name: str, given: Record) -> Record:
    """Make a custom field of what was sent in version 2's form.

    Raises
    ------
    RefusedError
        It is not whole, or the company has as many as it may.
    """
    known = _KNOWN | ({"description"} if list_name in _DESCRIBED else set())
    problems = [errors.not_allowed(name) for name in given if name not in known]
    if not isinstance(given.get("field_name"), str) or not given["field_name"].strip():
        problems.append("field_name: Parameter 'field_name' is required")
    kind = given.get("field_type")
    if kind not in TYPES:
        problems.append(f"field_type: must be one of {', '.join(sorted(TYPES))}")
    if kind in WITH_OPTIONS and not given.get("options"):
        problems.append("options: Parameter 'options' is required for this type")
    if problems:
        raise errors.invalid(*problems)
    if _count(company) >= company.settings["custom_fields"]:
        payload = errors.body_1(_FULL) | {"code": "feature_capping_custom_fields_limit"}
        raise RefusedError(403, payload)
    options = [_option(company, option) for option in given.get("options") or ()]
    return company.seed(
        list_name,
        {
            **given,
            "field_name": given["field_name"].strip(),
            "field_code": secrets.token_hex(20),
            "options": options if kind in WITH_OPTIONS else None,
            "add_time": company.now(),
            "update_time": company.now(),
        },
    )


def _count(company: Company) -> int:
    return sum(field["is_custom_field"] for name in FIELD_LISTS for field in company.each(name))


def _option(company: Company, given: Any) -> Record:
    if not isinstance(given, dict) or not str(given.get("label", "")).strip():
        raise errors.invalid("options: each option must have a label")
    return {"id": company.new_id("options"), "label": str(given["label"]).strip()}


def _on_field(list_name: str) -> Mapping[str, Handler]:
    def get(call: Call) -> Answer:
        return Answer({"success": True, "data": shown(_field(call, list_name), _namespaces(call))})

    def patch(call: Call) -> Answer:
        field, given = _custom(call, list_name), call.json_object()
        wrong = [name for name in given if name not in _KNOWN - {"field_type", "options"}]
        if wrong:
            raise errors.invalid(*(errors.not_allowed(name) for name in wrong))
        call.vendor.put(
            list_name,
            field["field_code"],
            {**field, **given, "update_time": call.vendor.now()},
        )
        return Answer({"success": True, "data": shown(_field(call, list_name))})

    def delete(call: Call) -> Answer:
        field = _custom(call, list_name)
        remove_field(call.vendor, list_name, field["field_code"])
        return Answer({"success": True, "data": shown(field)})

    return {"GET": get, "PATCH": patch, "DELETE": delete}


def remove_field(company: Company, list_name: str, code: str) -> None:
    """Remove a field; what records hold of it is no longer shown."""
    del company.records[list_name][code]
    company.touch(list_name, code)


def _field(call: Call, list_name: str) -> Record:
    found: Record | None = call.vendor.find(list_name, call.path["code"])
    if found is None:
        raise errors.not_found("Field")
    return found


def _custom(call: Call, list_name: str) -> Record:
    field = _field(call, list_name)
    if not field["is_custom_field"]:
        raise RefusedError(403, errors.of_status(403))
    return field


def _on_options(list_name: str) -> Mapping[str, Handler]:
    def post(call: Call) -> Answer:
        field, given = _choice(call, list_name), call.json_list()
        made = [_option(call.vendor, option) for option in given]
        return _keep(call, list_name, field, [*field["options"], *made], made)

    def patch(call: Call) -> Answer:
        field = _choice(call, list_name)
        named = {option.get("id"): option.get("label") for option in call.json_list()}
        changed = [
            {**option, "label": named.get(option["id"], option["label"])}
            for option in field["options"]
        ]
        return _keep(call, list_name, field, changed, changed)

    def delete(call: Call) -> Answer:
        field = _choice(call, list_name)
        gone = {option.get("id") for option in call.json_list()}
        left = [option for option in field["options"] if option["id"] not in gone]
        removed = [option for option in field["options"] if option["id"] in gone]
        return _keep(call, list_name, field, left, removed)

    return {"POST": post, "PATCH": patch, "DELETE": delete}


def _choice(call: Call, list_name: str) -> Record:
    field = _custom(call, list_name)
    if field["field_type"] not in WITH_OPTIONS:
        raise errors.invalid("field_code: this field has no options")
    return field


def _keep(
    call: Call, list_name: str, field: Record, options: list[Record], told: list[Record]
) -> Answer:
    changed = {**field, "options": options, "update_time": call.vendor.now()}
    call.vendor.put(list_name, field["field_code"], changed)
    return Answer({"success": True, "data": told})
