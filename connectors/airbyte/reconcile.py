"""Brings the server to what `copilot.yml` says, or says what that would take.

Planning and applying are one walk, so that a plan cannot promise what apply does not do. A thing is
the copilot's own if the ledger holds its id, or if it bears exactly its name; nothing else on the
server is looked at twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.airbyte.client import AirbyteClient
from connectors.airbyte.ledger import Entry, Ledger, matches
from connectors.airbyte.masks import changed_settings, secrets_of, with_masks
from connectors.airbyte.plan import Action, Plan, Step, differing
from connectors.airbyte.session import Document, RefusedError
from connectors.airbyte.streams import choose_streams, differing_streams, merged_streams
from connectors.airbyte.target import destination_configuration
from connectors.sources.source import VendorSource
from warehouse.database import Warehouse
from warehouse.errors import CopilotError, TransientError
from warehouse.loader_login import has_own_login, planned_login, renew_own_login
from warehouse.settings import Settings

_NAME = "Customer Success Copilot"
_PLAIN = ("name", "namespaceDefinition", "namespaceFormat", "prefix", "status")
_BEHAVIOUR = "nonBreakingSchemaUpdatesBehavior"
WAREHOUSE = "warehouse"


def resource_name(settings: Settings, what: str) -> str:
    """Return the name on the server of a source, its connection, or the warehouse."""
    installation = f" ({settings.schema_prefix.rstrip('_')})" if settings.schema_prefix else ""
    return f"{_NAME}{installation}: {what}"


def own_resource(
    rows: Iterable[Document], id_key: str, name: str, entry: Entry | None
) -> Document | None:
    """Return the copilot's own one of several things: by the ledger's id, else by the name.

    Raises
    ------
    CopilotError
        Several bear the name.
    """
    listed = list(rows)
    known = [row for row in listed if entry is not None and row[id_key] == entry.resource_id]
    found = known or [row for row in listed if row["name"] == name]
    if len(found) > 1:
        raise CopilotError(
            f"The Airbyte server has {len(found)} things named '{name}'.",
            "Delete or rename all but one of them there.",
        )
    return found[0] if found else None


@dataclass
class Reconciler:
    """One walk over the server.

    Parameters
    ----------
    client : AirbyteClient
        The server.
    vendors : mapping
        The vendors' sources by name.
    environment : mapping
        The sources' credentials.
    applies : bool
        Whether to do it, not only to say it.
    """

    client: AirbyteClient
    warehouse: Warehouse
    settings: Settings
    vendors: Mapping[str, VendorSource]
    environment: Mapping[str, str]
    applies: bool = False

    _ledger: Ledger = field(init=False)
    _entries: dict[tuple[str, str], Entry] = field(init=False)
    _sources: list[Document] = field(init=False)
    _connections: list[Document] = field(init=False)

    def run(self) -> Plan:
        """Walk over the destination, then each source and its connection.

        A source that cannot be set up does not keep the others from it.
        """
        self._ledger = Ledger(self.warehouse)
        self._entries = self._ledger.read()
        self._sources = self.client.sources()
        self._connections = self.client.connections()
        names = [name for name in self.settings.sources if name in self.vendors]
        destination_step, destination_id = self._destination()
        steps, failures = [destination_step], []
        for name in names:
            try:
                steps += self._source_and_connection(self.vendors[name], destination_id)
            except TransientError:
                raise
            except CopilotError as error:
                failures.append(f"{name}: {error}")
        steps += self._unused(names)
        return Plan(tuple(steps), tuple(failures))

    def _destination(self) -> tuple[Step, str | None]:
        name = resource_name(self.settings, WAREHOUSE)
        login = planned_login(self.warehouse)
        body = {
            **destination_configuration(self.warehouse, self.settings.airbyte),
            "username": login.username,
            **({} if login.password is None else {"password": login.password}),
        }
        entry = self._entries.get(("destination", WAREHOUSE))
        found = own_resource(self.client.destinations(), "destinationId", name, entry)
        if found is not None:
            self._require_type(found, "destinationType", "postgres")
        changes = [] if found is None else self._actor_changes(name, body, found, entry)
        if found is not None and login.password is None and not has_own_login(self.warehouse):
            changes.append(f"the login {login.username}")
        step = _step("destination", name, found, changes)
        resource_id = None if found is None else str(found["destinationId"])
        if self.applies and step.action != "keep":
            password = login.password or renew_own_login(self.warehouse).password
            whole = {**body, "password": password}
            if resource_id is None:
                made = self.client.create_destination(name, whole)
                resource_id = str(made["destinationId"])
            else:
                self.client.update_destination(resource_id, name, whole)
            self._ledger.write("destination", WAREHOUSE, resource_id, body)
        return step, resource_id

    def _source_and_connection(
        self, vendor: VendorSource, destination_id: str | None
    ) -> list[Step]:
        source_step, source_id = self._source(vendor)
        is_settled = self.applies or source_step.action == "keep"
        if source_id is None or destination_id is None or not is_settled:
            return [source_step, self._connection_untold(vendor, source_id, destination_id)]
        return [source_step, self._connection(vendor, source_id, destination_id)]

    def _source(self, vendor: VendorSource) -> tuple[Step, str | None]:
        name = resource_name(self.settings, vendor.name)
        body = {
            **vendor.configuration(self.settings, self.environment),
            "sourceType": vendor.definition,
        }
        entry = self._entries.get(("source", vendor.name))
        found = own_resource(self._sources, "sourceId", name, entry)
        if found is not None:
            self._require_type(found, "sourceType", vendor.definition)
        changes = [] if found is None else self._actor_changes(name, body, found, entry)
        step = _step("source", name, found, changes)
        resource_id = None if found is None else str(found["sourceId"])
        if self.applies and step.action != "keep":
            if found is None:
                stands = self.client.create_source(name, body)
            else:
                sent = self._without_known_secrets(body, found, entry)
                stands = self.client.update_source(str(resource_id), name, sent)
            resource_id = str(stands["sourceId"])
            secret = secrets_of(body, stands.get("configuration") or {})
            self._ledger.write("source", vendor.name, resource_id, body, secret)
        return step, resource_id

    def _without_known_secrets(
        self, body: Document, found: Document, entry: Entry | None
    ) -> Document:
        """Leave the secrets out that the server was given before: its own may be newer."""
        shown = found.get("configuration") or {}
        known = entry.secret_fingerprint if entry else None
        return with_masks(body, shown) if matches(secrets_of(body, shown), known) else body

    def _actor_changes(
        self, name: str, body: Document, found: Document, entry: Entry | None
    ) -> list[str]:
        kinds = ("sourceType", "destinationType")
        visible = {key: value for key, value in body.items() if key not in kinds}
        changes = [] if found["name"] == name else ["name"]
        changes += changed_settings(visible, found.get("configuration") or {})
        known = entry.fingerprint if entry else None
        if not changes and not matches(body, known):
            changes.append("a secret or setting is not the one that was last sent")
        return changes

    def _require_type(self, found: Document, key: str, wanted: str) -> None:
        if found.get(key, wanted) != wanted:
            raise CopilotError(
                f"'{found['name']}' on the Airbyte server is of the type {found[key]},"
                f" not {wanted}.",
                "Rename or delete it there; the copilot makes one of its own.",
            )

    def _own_connection(self, vendor: VendorSource, source_id: str | None) -> Document | None:
        if source_id is None:
            return None
        name = resource_name(self.settings, vendor.name)
        rows = [row for row in self._connections if row["sourceId"] == source_id]
        return own_resource(
            rows, "connectionId", name, self._entries.get(("connection", vendor.name))
        )

    def _connection_untold(
        self, vendor: VendorSource, source_id: str | None, destination_id: str | None
    ) -> Step:
        """Return the step of a connection whose source is to be made or changed first."""
        name = resource_name(self.settings, vendor.name)
        found = self._own_connection(vendor, source_id)
        if found is None or found["destinationId"] != destination_id:
            names = ", ".join(stream.name for stream in vendor.streams)
            return Step("connection", name, "create", (f"streams {names}",))
        changes = self._plain_changes(vendor, found)
        return _step("connection", name, found, changes)

    def _connection(self, vendor: VendorSource, source_id: str, destination_id: str) -> Step:
        name = resource_name(self.settings, vendor.name)
        found = self._own_connection(vendor, source_id)
        if found is not None and found["destinationId"] != destination_id:
            found = None  # a connection cannot be moved to another destination
        wanted = self._streams(vendor, source_id, destination_id)
        if found is None:
            modes = ", ".join(f"{s['name']} ({s['syncMode']})" for s in wanted)
            step = Step("connection", name, "create", (f"streams {modes}",))
        else:
            there = (found.get("configurations") or {}).get("streams") or []
            changes = self._plain_changes(vendor, found)
            changes += [f"stream {stream}" for stream in differing_streams(wanted, there)]
            wanted = merged_streams(wanted, there)
            step = _step("connection", name, found, changes)
        if self.applies and step.action != "keep":
            body = {**self._plain(vendor), "configurations": {"streams": wanted}}
            if found is None:
                found = self.client.create_connection(source_id, destination_id, body)
            else:
                self.client.update_connection(str(found["connectionId"]), body)
            self._ledger.write("connection", vendor.name, str(found["connectionId"]))
        return step

    def _streams(
        self, vendor: VendorSource, source_id: str, destination_id: str
    ) -> Sequence[Document]:
        try:
            return choose_streams(vendor.streams, self.client.streams(source_id, destination_id))
        except ValueError as error:
            raise CopilotError(
                f"The server's connector of {vendor.title} cannot be read as wanted: {error}.",
                "Update the connector on the server; the credential may lack a permission, too.",
            ) from error
        except RefusedError as error:
            raise CopilotError(
                f"{vendor.title} lets the Airbyte server list no streams: {error.reason}",
                f"Are the credentials of {vendor.name} right? Set them, and apply again.",
            ) from error

    def _plain(self, vendor: VendorSource) -> Document:
        return {
            "name": resource_name(self.settings, vendor.name),
            "namespaceDefinition": "custom_format",
            "namespaceFormat": self.warehouse.schema(f"raw_{vendor.name}"),
            "prefix": "",
            "status": "active",
            "schedule": {"scheduleType": "manual"},
            _BEHAVIOUR: "propagate_columns",
        }

    def _plain_changes(self, vendor: VendorSource, found: Document) -> list[str]:
        wanted = self._plain(vendor)
        changes = differing(wanted, found, (*_PLAIN, _BEHAVIOUR))
        if (found.get("schedule") or {}).get("scheduleType") != "manual":
            changes.append("schedule")
        return changes

    def _unused(self, names: Sequence[str]) -> list[Step]:
        """Return what was made for sources that are listed no longer; it stays as it is."""
        return [
            Step(kind, resource_name(self.settings, name), "unused", ("not in copilot.yml",))
            for kind, name in sorted(self._entries)
            if name not in (*names, WAREHOUSE)
        ]


def _step(kind: str, name: str, found: Document | None, changes: Sequence[str]) -> Step:
    action: Action = "create" if found is None else "update" if changes else "keep"
    return Step(kind, name, action, tuple(changes))
