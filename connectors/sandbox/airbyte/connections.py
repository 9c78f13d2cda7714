"""Connections, in the public API and in the configuration API."""

import time
import uuid
from typing import Any

from connectors.sandbox.airbyte.api import CONFIGURATION, PUBLIC, AirbyteServer, Call, page, route
from connectors.sandbox.airbyte.catalog import configured, discover
from connectors.sandbox.airbyte.problems import ProblemError
from connectors.sandbox.airbyte.store import Document

_PLAIN = (
    "name", "namespaceDefinition", "namespaceFormat", "prefix", "schedule", "status",
    "nonBreakingSchemaUpdatesBehavior", "tags",
)  # fmt: skip
_DEFAULTS: Document = {
    "namespaceDefinition": "destination",
    "namespaceFormat": None,
    "prefix": "",
    "schedule": {"scheduleType": "manual"},
    "status": "active",
    "nonBreakingSchemaUpdatesBehavior": "ignore",
    "tags": [],
}


def _wanted_streams(call: Call) -> list[Document] | None:
    streams = (call.fields.get("configurations") or {}).get("streams")
    return list(streams) if streams else None


def _create(call: Call) -> Any:
    server = call.server
    source = server.need("source", call.want("sourceId"))
    destination = server.need("destination", call.want("destinationId"))
    chosen = _wanted_streams(call)
    if chosen is None:
        chosen = [{"name": row["name"]} for row in discover(server, source["sourceId"])]
    given = {key: call.fields[key] for key in _PLAIN if call.fields.get(key) is not None}
    document = {
        **_DEFAULTS,
        "name": f"{source['name']} - {destination['name']}",
        **given,
        "connectionId": str(uuid.uuid4()),
        "sourceId": source["sourceId"],
        "destinationId": destination["destinationId"],
        "workspaceId": source["workspaceId"],
        "createdAt": int(time.time()),
        "configurations": {"streams": configured(server, source["sourceId"], chosen)},
    }
    server.store.add("connection", document["connectionId"], document)
    return document


def _list(call: Call) -> Any:
    wanted = call.query.get("workspaceIds", call.server.workspace_id)
    rows = [row for row in call.server.store.list("connection") if row["workspaceId"] in wanted]
    return page(call, rows, "/connections")


def _patch(call: Call) -> Any:
    document = call.server.need("connection", call.ids["id"])
    if document["status"] == "locked":
        raise ProblemError(403, "The connection is locked.")
    document |= {key: call.fields[key] for key in _PLAIN if call.fields.get(key) is not None}
    chosen = _wanted_streams(call)
    if chosen is not None:
        document["configurations"] = {
            "streams": configured(call.server, document["sourceId"], chosen)
        }
    call.server.store.add("connection", call.ids["id"], document)
    return document


def _delete(call: Call) -> Any:
    call.server.need("connection", call.ids["id"])
    call.server.store.remove("connection", call.ids["id"])


def catalog_stream(server: AirbyteServer, connection: Document, name: str) -> Document:
    """Return the source's description of one of a connection's streams."""
    source = server.need("source", connection["sourceId"])
    streams = server.need("source_type", source["sourceType"])["streams"]
    return next(dict(stream) for stream in streams if stream["name"] == name)


def _configuration_read(server: AirbyteServer, connection: Document) -> Document:
    """Return a connection as the configuration API gives it."""
    return {
        "connectionId": connection["connectionId"],
        "name": connection["name"],
        "namespaceDefinition": connection["namespaceDefinition"].replace("_", ""),
        "namespaceFormat": connection["namespaceFormat"],
        "prefix": connection["prefix"],
        "sourceId": connection["sourceId"],
        "destinationId": connection["destinationId"],
        "scheduleType": connection["schedule"]["scheduleType"],
        "status": connection["status"],
        "syncCatalog": {
            "streams": [
                {
                    "stream": {
                        "name": choice["name"],
                        "jsonSchema": catalog_stream(server, connection, choice["name"]).get(
                            "json_schema", {}
                        ),
                    },
                    "config": {**choice, "selected": True},
                }
                for choice in connection["configurations"]["streams"]
            ]
        },
    }


def _configuration_get(call: Call) -> Any:
    return _configuration_read(
        call.server, call.server.need("connection", call.want("connectionId"))
    )


def _configuration_list(call: Call) -> Any:
    return {
        "connections": [
            _configuration_read(call.server, row)
            for row in call.server.store.list("connection")
            if row["workspaceId"] == call.want("workspaceId")
        ]
    }


ROUTES = [
    route(f"{PUBLIC}/connections", "POST", _create),
    route(f"{PUBLIC}/connections", "GET", _list),
    route(
        f"{PUBLIC}/connections/{{id}}",
        "GET",
        lambda call: call.server.need("connection", call.ids["id"]),
    ),
    route(f"{PUBLIC}/connections/{{id}}", "PATCH", _patch),
    route(f"{PUBLIC}/connections/{{id}}", "DELETE", _delete),
    route(f"{CONFIGURATION}/connections/get", "POST", _configuration_get),
    route(f"{CONFIGURATION}/connections/list", "POST", _configuration_list),
]
