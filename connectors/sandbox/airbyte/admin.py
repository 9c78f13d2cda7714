"""Addresses that no real server has: which sources there are, what jobs go through, faults.

They take no credentials, so they answer only programs on this machine.
"""

import os
import uuid
from typing import Any

from connectors.sandbox.airbyte.api import AirbyteServer, Call, route
from connectors.sandbox.airbyte.jobs import STATUSES
from connectors.sandbox.airbyte.problems import ProblemError

ADMIN = "/__sandbox__"


def add_destination_types(server: AirbyteServer) -> None:
    """Make the one kind of destination known that the stand-in can write into."""
    server.store.add("destination_type", "postgres", {"name": "postgres"})


def _health(call: Call) -> Any:
    return {"pid": os.getpid(), "workspaceId": call.server.workspace_id}


def _source_type(call: Call) -> Any:
    """Take a connector: its streams, the configuration it accepts, and the records it reads."""
    if not isinstance(call.fields.get("streams"), list):
        raise ProblemError(422, "streams has to be a list of Airbyte streams.")
    call.server.store.add("source_type", call.ids["id"], {**call.fields, "name": call.ids["id"]})
    return {"name": call.ids["id"]}


def _script(call: Call) -> Any:
    """Take what the next job goes through.

    Keys: statuses, rows, bytes, failures, streams (name to state), age_seconds, hides_start.
    """
    unknown = set(call.fields.get("statuses", [])) - set(STATUSES)
    if unknown and not call.fields.get("any_status"):
        raise ProblemError(422, f"No status: {sorted(unknown)}.")
    script = {**call.fields, "id": str(uuid.uuid4())}
    call.server.store.add("script", script["id"], script)
    return script


def _fault(call: Call) -> Any:
    try:
        return vars(call.server.faults.add(call.fields))
    except ValueError as error:
        raise ProblemError(422, str(error)) from error


def _clear(call: Call) -> Any:
    call.server.faults.clear()


def _requests(call: Call) -> Any:
    return dict(call.server.faults.requests)


def _forget_tokens(call: Call) -> Any:
    call.server.tokens.clear()


ROUTES = [
    route(f"{ADMIN}/health", "GET", _health, is_open=True),
    route(f"{ADMIN}/source_types/{{id}}", "PUT", _source_type, is_open=True),
    route(f"{ADMIN}/scripts", "POST", _script, is_open=True),
    route(f"{ADMIN}/faults", "POST", _fault, is_open=True),
    route(f"{ADMIN}/faults", "DELETE", _clear, is_open=True),
    route(f"{ADMIN}/requests", "GET", _requests, is_open=True),
    route(f"{ADMIN}/tokens", "DELETE", _forget_tokens, is_open=True),
]
