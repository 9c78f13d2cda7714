"""Access tokens, workspaces and health."""

from typing import Any

from connectors.sandbox.airbyte.api import PUBLIC, Call, page, route
from connectors.sandbox.airbyte.problems import ProblemError


def _token(call: Call) -> Any:
    given = (call.fields.get("client_id"), call.fields.get("client_secret"))
    if given != (call.server.client_id, call.server.client_secret):
        raise ProblemError(401, "The client id or the client secret is wrong.")
    return call.server.new_token()


def _workspace(workspace_id: str) -> dict[str, Any]:
    return {
        "workspaceId": workspace_id,
        "name": "Stand-in workspace (synthetic)",
        "dataResidency": "auto",
        "notifications": {},
    }


def _one_workspace(call: Call) -> Any:
    call.server.need("workspace", call.ids["id"])
    return _workspace(call.ids["id"])


def _workspaces(call: Call) -> Any:
    return page(call, [_workspace(call.server.workspace_id)], "/workspaces")


ROUTES = [
    route(f"{PUBLIC}/applications/token", "POST", _token, is_open=True),
    route(f"{PUBLIC}/health", "GET", lambda _: {"status": "ok"}, is_open=True),
    route(f"{PUBLIC}/workspaces", "GET", _workspaces),
    route(f"{PUBLIC}/workspaces/{{id}}", "GET", _one_workspace),
]
