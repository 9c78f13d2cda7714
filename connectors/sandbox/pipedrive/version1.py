"""Records as version 1 shows them: flat custom values, whole owners, moments without a zone."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.fieldtypes import moment_1

COMPANY_ID = 7_654_321
_ADDRESS = (
    "subpremise",
    "street_number",
    "route",
    "sublocality",
    "locality",
    "admin_area_level_1",
    "admin_area_level_2",
    "country",
    "postal_code",
    "formatted_address",
)


def shown(company: Company, collection: str, record: Record) -> Record:
    """Return a record in version 1's form."""
    return _SHOWN[collection](company, record)


def _common(record: Record) -> Record:
    return {
        "id": record["id"],
        "company_id": COMPANY_ID,
        "active_flag": not record["is_deleted"],
        "add_time": moment_1(record["add_time"]),
        "update_time": moment_1(record["update_time"]),
        "delete_time": moment_1(record.get("delete_time")),
    }


def _custom(fields: Mapping[str, Record], record: Record) -> Record:
    flat: Record = {}
    for code, field in fields.items():
        if not field["is_custom_field"]:
            continue
        value = record["custom_fields"].get(code)
        kind = field["field_type"]
        if kind == "monetary":
            flat[code] = None if value is None else value["value"]
            flat[f"{code}_currency"] = None if value is None else value["currency"]
        elif kind == "enum":
            flat[code] = None if value is None else str(value)
        elif kind == "set":
            flat[code] = None if value is None else ",".join(str(option) for option in value)
        else:
            flat[code] = value
    return flat


def _user(company: Company, number: int | None) -> Record | None:
    user = company.find("users", number)
    if user is None:
        return None
    return {
        "id": number,
        "name": user["name"],
        "email": user["email"],
        "has_pic": 0,
        "pic_hash": None,
        "active_flag": user["active_flag"],
        "value": number,
    }


def _organization(company: Company, record: Record) -> Record:
    address = record["address"] or {}
    return {
        **_common(record),
        "name": record["name"],
        "owner_id": _user(company, record["owner_id"]),
        "visible_to": str(record["visible_to"]),
        "address": address.get("value"),
        **{f"address_{part}": address.get(part) for part in _ADDRESS},
        **_custom(company.records["organizationFields"], record),
    }


def _person(company: Company, record: Record) -> Record:
    return {
        **_common(record),
        "name": record["name"],
        "first_name": record["first_name"],
        "last_name": record["last_name"],
        "owner_id": record["owner_id"],
        "org_id": record["org_id"],
        "email": record["emails"],
        "phone": record["phones"],
        "visible_to": str(record["visible_to"]),
        **_custom(company.records["personFields"], record),
    }


def _deal(company: Company, record: Record) -> Record:
    is_deleted = record["is_deleted"]
    return {
        **_common(record),
        "title": record["title"],
        "user_id": record["owner_id"],
        "creator_user_id": record["creator_user_id"],
        "org_id": record["org_id"],
        "person_id": record["person_id"],
        "pipeline_id": record["pipeline_id"],
        "stage_id": record["stage_id"],
        "value": record["value"],
        "currency": record["currency"],
        "status": "deleted" if is_deleted else record["status"],
        "active": not is_deleted and record["status"] == "open",
        "deleted": is_deleted,
        "probability": record["probability"],
        "lost_reason": record["lost_reason"],
        "close_time": moment_1(record["close_time"]),
        "won_time": moment_1(record["won_time"]),
        "lost_time": moment_1(record["lost_time"]),
        "expected_close_date": record["expected_close_date"],
        "visible_to": str(record["visible_to"]),
        **_custom(company.records["dealFields"], record),
    }


def _activity(_company: Company, record: Record) -> Record:
    return {
        **_common(record),
        "subject": record["subject"],
        "type": record["type"],
        "user_id": record["owner_id"],
        "assigned_to_user_id": record["owner_id"],
        "created_by_user_id": record["creator_user_id"],
        "deal_id": record["deal_id"],
        "lead_id": record["lead_id"],
        "person_id": record["person_id"],
        "org_id": record["org_id"],
        "due_date": record["due_date"],
        "due_time": record["due_time"],
        "duration": record["duration"],
        "busy_flag": record["busy"],
        "done": record["done"],
        "marked_as_done_time": moment_1(record["marked_as_done_time"]),
        "public_description": record["public_description"],
        "note": record["note"],
    }


def _pipeline(_company: Company, record: Record) -> Record:
    return {
        "id": record["id"],
        "name": record["name"],
        "url_title": "default",
        "order_nr": record["order_nr"],
        "active": not record["is_deleted"],
        "deal_probability": record["is_deal_probability_enabled"],
        "add_time": moment_1(record["add_time"]),
        "update_time": moment_1(record["update_time"]),
    }


def _stage(company: Company, record: Record) -> Record:
    pipeline = company.find("pipelines", record["pipeline_id"])
    return {
        "id": record["id"],
        "name": record["name"],
        "order_nr": record["order_nr"],
        "active_flag": not record["is_deleted"],
        "deal_probability": record["deal_probability"],
        "pipeline_id": record["pipeline_id"],
        "pipeline_name": None if pipeline is None else pipeline["name"],
        "rotten_flag": record["is_deal_rot_enabled"],
        "rotten_days": record["days_to_rotten"],
        "add_time": moment_1(record["add_time"]),
        "update_time": moment_1(record["update_time"]),
    }


def _plain(_company: Company, record: Record) -> Record:
    return record


_SHOWN: Mapping[str, Callable[[Company, Record], dict[str, Any]]] = {
    "organizations": _organization,
    "persons": _person,
    "deals": _deal,
    "activities": _activity,
    "pipelines": _pipeline,
    "stages": _stage,
    "users": _plain,
    "activityTypes": _plain,
}
