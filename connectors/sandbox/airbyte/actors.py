"""Sources and destinations: kept with their secrets, answered with the secrets masked."""

import time
import uuid
from typing import Any

from connectors.sandbox.airbyte.api import PUBLIC, Call, page, route
from connectors.sandbox.airbyte.problems import ProblemError
from connectors.sandbox.airbyte.store import Document

MASK = "**********"
# A real server masks what the connector's specification marks; these names cover what is sent here.
_SECRET_KEYS = frozenset(
    {
        "access_token", "api_key", "api_secret", "api_token", "client_secret", "credentials_json",
        "oauth2_access_token", "password", "private_key", "project_secret", "refresh_token",
        "secret", "secret_key", "security_token",
    }
)  # fmt: skip


def masked(value: Any, key: str = "") -> Any:
    """Return a configuration with every secret replaced by asterisks."""
    if isinstance(value, dict):
        return {name: masked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, key) for inner in value]
    return MASK if key in _SECRET_KEYS and value not in (None, "") else value


def unmasked(value: Any, before: Any) -> Any:
    """Put the secrets of before back where asterisks came in."""
    if isinstance(value, dict):
        known = before if isinstance(before, dict) else {}
        return {name: unmasked(inner, known.get(name)) for name, inner in value.items()}
    return before if value == MASK else value


class Actors:
    """The routes of sources or of destinations, which differ by name only.

    Parameters
    ----------
    kind : str
        ``source`` or ``destination``.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._id = f"{kind}Id"
        self._type = f"{kind}Type"

    def routes(self) -> list[Any]:
        """Return the routes."""
        all_of, one = f"{PUBLIC}/{self.kind}s", f"{PUBLIC}/{self.kind}s/{{id}}"
        return [
            route(all_of, "POST", self._create),
            route(all_of, "GET", self._list),
            route(one, "GET", lambda call: self._read(self._need(call))),
            route(one, "PUT", self._put),
            route(one, "PATCH", self._patch),
            route(one, "DELETE", self._delete),
        ]

    def _need(self, call: Call) -> Document:
        return call.server.need(self.kind, call.ids["id"])

    def _read(self, document: Document) -> Document:
        return {**document, "configuration": masked(document["configuration"])}

    def _create(self, call: Call) -> Any:
        configuration = dict(call.want("configuration"))
        given = configuration.pop(self._type, None)
        if given is None:
            raise ProblemError(422, f"configuration.{self._type} is missing.")
        if call.server.store.get(f"{self.kind}_type", given) is None:
            raise ProblemError(422, f"Unknown value for {self._type}: {given}.")
        call.server.need("workspace", call.want("workspaceId"))
        document = {
            self._id: str(uuid.uuid4()),
            "name": call.want("name"),
            self._type: given,
            "definitionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.kind}/{given}")),
            "workspaceId": call.want("workspaceId"),
            "configuration": configuration,
            "createdAt": int(time.time()),
        }
        call.server.store.add(self.kind, document[self._id], document)
        return self._read(document)

    def _list(self, call: Call) -> Any:
        wanted = call.query.get("workspaceIds", call.server.workspace_id)
        rows = [row for row in call.server.store.list(self.kind) if row["workspaceId"] in wanted]
        return page(call, [self._read(row) for row in rows], f"/{self.kind}s")

    def _put(self, call: Call) -> Any:
        document = self._need(call)
        configuration = dict(call.want("configuration"))
        configuration.pop(self._type, None)
        document["name"] = call.want("name")
        document["configuration"] = unmasked(configuration, document["configuration"])
        call.server.store.add(self.kind, call.ids["id"], document)
        return self._read(document)

    def _patch(self, call: Call) -> Any:
        document = self._need(call)
        document["name"] = call.fields.get("name") or document["name"]
        change = dict(call.fields.get("configuration") or {})
        change.pop(self._type, None)
        document["configuration"] |= unmasked(change, document["configuration"])
        call.server.store.add(self.kind, call.ids["id"], document)
        return self._read(document)

    def _delete(self, call: Call) -> Any:
        self._need(call)
        call.server.store.remove(self.kind, call.ids["id"])
        for connection in call.server.store.list("connection"):
            if connection[self._id] == call.ids["id"]:
                call.server.store.remove("connection", connection["connectionId"])


ROUTES = [*Actors("source").routes(), *Actors("destination").routes()]
