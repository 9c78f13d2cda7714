"""The account itself: its owners, pipelines, kinds of custom records, and use of the API."""

import datetime as dt
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.vendor import Answer, Call, Record, route
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.properties import milliseconds
from connectors.sandbox.hubspot.routes.common import is_true, kind_of, limit_of, page

_MOST_OWNERS = 500


def _owners(call: Call) -> Answer:
    limit = limit_of(call.param("limit"), 100, _MOST_OWNERS)
    after = call.param("after", "0")
    if not after.isdecimal():
        raise errors.invalid(f"Invalid after: {after}")
    is_archived, email = is_true(call.param("archived")), call.param("email").lower()
    found = sorted(
        (
            owner
            for owner in call.vendor.each("owners")
            if owner["archived"] == is_archived
            and (not email or owner["email"].lower() == email)
            and int(owner["id"]) > int(after)
        ),
        key=lambda owner: int(owner["id"]),
    )
    following = found[limit - 1]["id"] if 0 < limit < len(found) else None
    return Answer(page(call, found[:limit], following))


def _owner(call: Call) -> Answer:
    key = "userId" if call.param("idProperty") == "userId" else "id"
    is_archived = is_true(call.param("archived"))
    for owner in call.vendor.each("owners"):
        if str(owner[key]) == call.path["id"] and owner["archived"] == is_archived:
            return Answer(owner)
    raise errors.not_found(f"Owner {call.path['id']} does not exist")


def _of_kind(portal: Portal, kind: ObjectType) -> list[Record]:
    found = [p for p in portal.each("pipelines") if p["objectType"] == kind.name]
    return sorted(found, key=lambda pipeline: (pipeline["displayOrder"], pipeline["id"]))


def _shown(pipeline: Record) -> Record:
    return {key: value for key, value in pipeline.items() if key != "objectType"}


def _pipelines(call: Call) -> Answer:
    return Answer({"results": [_shown(p) for p in _of_kind(call.vendor, kind_of(call))]})


def _pipeline(call: Call) -> Record:
    for pipeline in _of_kind(call.vendor, kind_of(call)):
        if pipeline["id"] == call.path["id"]:
            return pipeline
    raise errors.not_found(f"Pipeline {call.path['id']} does not exist")


def _read_pipeline(call: Call) -> Answer:
    return Answer(_shown(_pipeline(call)))


def _stages(call: Call) -> Answer:
    return Answer({"results": _pipeline(call)["stages"]})


def _pipelines_before(call: Call) -> Answer:
    kind = kind_of(call)
    return Answer({"results": [_before(kind, p) for p in _of_kind(call.vendor, kind)]})


def _before(kind: ObjectType, pipeline: Record) -> Record:
    """Return a pipeline as version 1 of the API wrote it."""

    def dated(item: Record) -> Record:
        return {
            "label": item["label"],
            "displayOrder": item["displayOrder"],
            "active": not item["archived"],
            "createdAt": milliseconds(item["createdAt"]),
            "updatedAt": milliseconds(item["updatedAt"]),
        }

    stages = [
        {"stageId": stage["id"], **dated(stage), "metadata": stage["metadata"]}
        for stage in pipeline["stages"]
    ]
    return {
        "pipelineId": pipeline["id"],
        **dated(pipeline),
        "objectType": kind.singular.upper(),
        "objectTypeId": kind.type_id,
        "default": pipeline["id"] == "default",
        "stages": stages,
    }


def _schemas(_call: Call) -> Answer:
    return Answer({"results": []})


def _details(call: Call) -> Answer:
    return Answer(
        {
            "portalId": call.vendor.portal_id,
            "accountType": "DEVELOPER_TEST",
            "timeZone": "UTC",
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "+00:00",
            "utcOffsetMilliseconds": 0,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    )


def _usage(call: Call) -> Answer:
    portal: Portal = call.vendor
    today = portal.clock.now().date()
    used = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.settings["requests_per_day"],
        "currentUsage": portal.used_today,
        "collectedAt": portal.now(),
        "fetchStatus": "SUCCESS",
        "resetsAt": f"{today + dt.timedelta(days=1)}T00:00:00Z",
    }
    return Answer({"results": [used]})


def routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of this area."""
    pipelines = "/crm/v3/pipelines/{kind}"
    table: dict[str, dict[str, Any]] = {
        "/crm/v3/owners": {"GET": _owners},
        "/crm/v3/owners/{id}": {"GET": _owner},
        pipelines: {"GET": _pipelines},
        f"{pipelines}/{{id}}": {"GET": _read_pipeline},
        f"{pipelines}/{{id}}/stages": {"GET": _stages},
        "/crm-pipelines/v1/pipelines/{kind}": {"GET": _pipelines_before},
        "/crm/v3/schemas": {"GET": _schemas},
        "/account-info/v3/details": {"GET": _details},
        "/account-info/v3/api-usage/daily/private-apps": {"GET": _usage},
    }
    return [route(portal, path, handlers) for path, handlers in table.items()]
