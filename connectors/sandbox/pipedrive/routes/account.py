"""The company itself: its users, kinds of activities, currencies; version 1's fields."""

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Handler, Record
from connectors.sandbox.pipedrive import errors
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.fieldtypes import FIELD_LISTS, shown_1
from connectors.sandbox.pipedrive.paging import page_1
from connectors.sandbox.pipedrive.routes.fields import make_field, remove_field
from connectors.sandbox.pipedrive.routes.version1 import both
from connectors.sandbox.pipedrive.version1 import COMPANY_ID

_CURRENCIES = (("EUR", "Euro", "€"), ("USD", "US Dollar", "$"), ("GBP", "Pound Sterling", "£"))


def routes(company: Company) -> list[BaseRoute]:
    """Return the addresses of this area."""
    found = [
        *both(company, "/users", {"GET": _users}),
        *both(company, "/users/me", {"GET": _me}),
        *both(company, "/users/{id}", {"GET": _user}),
        *both(company, "/activityTypes", {"GET": _activity_types}),
        *both(company, "/currencies", {"GET": _currencies}),
    ]
    for name in FIELD_LISTS:
        handlers = {"GET": _fields(name)}
        if name != "activityFields":
            handlers["POST"] = _new_field(name)
            found += both(company, f"/{name}/{{id}}", {"DELETE": _remove_field(name)})
        found += both(company, f"/{name}", handlers)
    return found


def _users(call: Call) -> Answer:
    return Answer({"success": True, "data": list(call.vendor.each("users"))})


def _me(call: Call) -> Answer:
    told = {
        "company_id": COMPANY_ID,
        "company_name": "Sandbox",
        "company_domain": "sandbox",
        "company_country": "DE",
        "company_industry": None,
        "language": {"language_code": "en", "country_code": "US"},
    }
    return Answer({"success": True, "data": {**call.vendor.me, **told}})


def _user(call: Call) -> Answer:
    found = call.vendor.find("users", call.path["id"])
    if found is None:
        raise errors.not_found_1("User")
    return Answer({"success": True, "data": found})


def _activity_types(call: Call) -> Answer:
    return Answer({"success": True, "data": list(call.vendor.each("activityTypes"))})


def _currencies(_call: Call) -> Answer:
    rows = [
        {
            "id": number,
            "code": code,
            "name": name,
            "symbol": symbol,
            "decimal_points": 2,
            "active_flag": True,
            "is_custom_flag": False,
        }
        for number, (code, name, symbol) in enumerate(_CURRENCIES, 1)
    ]
    return Answer({"success": True, "data": rows})


def _fields(list_name: str) -> Handler:
    def get(call: Call) -> Answer:
        fields = list(enumerate(call.vendor.each(list_name), 1))
        return page_1(call, fields, lambda one: shown_1(one[1], one[0]))

    return get


def _new_field(list_name: str) -> Handler:
    def post(call: Call) -> Answer:
        given = call.json_object()
        asked: Record = {"field_name": given.get("name"), "field_type": given.get("field_type")}
        if given.get("options"):
            asked["options"] = given["options"]
        made = make_field(call.vendor, list_name, asked)
        return Answer({"success": True, "data": shown_1(made, made["id"])}, 201)

    return post


def _remove_field(list_name: str) -> Handler:
    def delete(call: Call) -> Answer:
        for field in call.vendor.each(list_name):
            if str(field["id"]) == call.path["id"] and field["is_custom_field"]:
                remove_field(call.vendor, list_name, field["field_code"])
                return Answer({"success": True, "data": {"id": field["id"]}})
        raise errors.not_found_1("Field")

    return delete
