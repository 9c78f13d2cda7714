"""The one place where the copilot defines anything in HubSpot: property groups and properties.

HubSpot's API grants nothing: every user who may see companies sees the properties, and every user
who may edit companies may edit them. Who may is settled by people, in the settings of a property.
"""

from collections.abc import Iterable
from typing import Any

from connectors.destinations.common.answers import ANSWERS
from connectors.destinations.common.crm import SetupResult
from connectors.destinations.common.fields import FIELDS, GROUP, OutboundField
from connectors.destinations.hubspot.fields import (
    COMPANIES,
    GROUP_NAME,
    MARKER,
    TASKS,
    Definition,
    accepts,
    definition,
    missing_options,
    name_of,
)
from connectors.destinations.hubspot.refusals import HubspotRefusalError
from connectors.destinations.hubspot.transport import HubspotTransport
from warehouse.errors import CopilotError

_WANTED: dict[str, tuple[OutboundField, ...]] = {
    COMPANIES: (*FIELDS, *ANSWERS),
    TASKS: (MARKER,),
}
CALLS_TO_LOOK = len(_WANTED)


class Schema:
    """Reads and makes the definitions of the copilot's properties.

    Parameters
    ----------
    transport : HubspotTransport
        Acts as a private app with the scopes of schemas.
    """

    def __init__(self, transport: HubspotTransport) -> None:
        self._transport = transport
        crm = transport.client.crm.properties
        self._properties, self._batch, self._groups = crm.core_api, crm.batch_api, crm.groups_api
        self._known: dict[str, dict[str, Definition]] = {}

    def look(self, *, is_anew: bool = False) -> dict[str, dict[str, Definition]]:
        """Return the definitions of all properties by kind of record and name; asks once."""
        if is_anew or not self._known:
            self._known = {kind: self._asked(kind) for kind in _WANTED}
        return self._known

    def unusable(self) -> dict[str, list[OutboundField]]:
        """Return, by kind of record, the fields that are absent or cannot be written.

        Raises
        ------
        CopilotError
            A property of that name is there, and of another type.
        """
        known = self.look()
        return {
            kind: [field for field in fields if _is_unusable(kind, field, known[kind])]
            for kind, fields in _WANTED.items()
        }

    def ensure(self, currency: str) -> SetupResult:
        """Make what is absent; with nothing absent it writes nothing.

        Parameters
        ----------
        currency : str
            Reporting currency, for the label of amounts.

        Raises
        ------
        CopilotError
            HubSpot refuses, or a property still cannot be written afterwards.
        """
        self.look(is_anew=True)
        missing = self.unusable()
        made: list[str] = []
        other: list[str] = []
        for kind, fields in missing.items():
            if not fields:
                continue
            if self._ensure_group(kind):
                other.append(f"property group {GROUP} of {kind}")
            known = self.look()[kind]
            created = [field for field in fields if name_of(field) not in known]
            self._create(kind, created, currency)
            for field in (field for field in fields if name_of(field) in known):
                self._add_options(kind, field, known[name_of(field)])
            names = [name_of(field) for field in fields]
            (made if kind == COMPANIES else other).extend(names)
        if made or other:
            self._refuse_unusable()
        return SetupResult(tuple(made), tuple(other))

    def _asked(self, kind: str) -> dict[str, Definition]:
        answer = self._transport.send(self._properties.get_all, kind)
        return {str(found["name"]): found for found in answer.get("results") or []}

    def _ensure_group(self, kind: str) -> bool:
        group = {"name": GROUP_NAME, "label": GROUP}
        try:
            self._transport.send(self._groups.create, kind, group)
        except HubspotRefusalError as refusal:
            if refusal.status == 409:  # it is there
                return False
            raise
        return True

    def _create(self, kind: str, fields: Iterable[OutboundField], currency: str) -> None:
        inputs = [
            definition(field, currency, is_unique=field is MARKER and kind == TASKS)
            for field in fields
        ]
        if not inputs:
            return
        answer = self._transport.send(self._batch.create, kind, {"inputs": inputs})
        for error in answer.get("errors") or []:
            if error.get("category") != "OBJECT_ALREADY_EXISTS":
                raise HubspotRefusalError(400, error)

    def _add_options(self, kind: str, field: OutboundField, found: Definition) -> None:
        """Give a choice the options that it lacks, beside those that it has."""
        options = [*(found.get("options") or []), *missing_options(field, found)]
        change = {"options": [_kept(option) for option in options]}
        self._transport.send(self._properties.update, kind, name_of(field), change)

    def _refuse_unusable(self) -> None:
        self.look(is_anew=True)
        still = [name_of(field) for fields in self.unusable().values() for field in fields]
        if still:
            raise CopilotError(
                f"HubSpot's properties {', '.join(still)} still cannot be written.",
                "Look at them in HubSpot's settings (Properties); remove or rename one that is"
                " read-only or archived, then run `copilot publish setup hubspot` again.",
            )


def _is_unusable(kind: str, field: OutboundField, known: dict[str, Definition]) -> bool:
    found = known.get(name_of(field))
    if found is None:
        return True
    if not accepts(field, found):
        raise CopilotError(
            f"The property {name_of(field)} of HubSpot's {kind} is of type {found.get('type')},"
            f" which cannot hold a {field.kind.replace('_', ' ')}.",
            "Rename or remove that property; the copilot makes its own at the next run.",
        )
    if field is MARKER and not found.get("hasUniqueValue"):
        raise CopilotError(
            f"The property {name_of(field)} of HubSpot's {kind} is not one with unique values.",
            "Remove it; the copilot makes its own at the next run, so that no task is made twice.",
        )
    is_locked = not field.is_peoples and bool(
        (found.get("modificationMetadata") or {}).get("readOnlyValue")
    )
    return is_locked or bool(missing_options(field, found))


def _kept(option: Definition) -> dict[str, Any]:
    names = ("label", "value", "description", "displayOrder", "hidden")
    return {name: option[name] for name in names if option.get(name) is not None}
