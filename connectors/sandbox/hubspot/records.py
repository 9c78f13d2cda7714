"""Create, change, archive and show records by HubSpot's rules."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Record, RefusedError
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.errors import ValueFault, ValuesRefusedError
from connectors.sandbox.hubspot.objects import ObjectType
from connectors.sandbox.hubspot.portal import Portal
from connectors.sandbox.hubspot.properties import Property, checked, to_text

_VERSIONS = {"contacts": 45}  # of others HubSpot answers with up to twenty
_MOST_VERSIONS = 20


def create(portal: Portal, kind: ObjectType, properties: Mapping[str, Any]) -> Record:
    """Make a record.

    Raises
    ------
    ValuesRefusedError
        A value is refused, or one that is needed is missing.
    RefusedError
        409: a contact of this e-mail address exists.
    """
    values = _checked(portal, kind, properties)
    if kind.is_engagement and not values.get("hs_timestamp"):
        words = "Required property missing: hs_timestamp"
        raise ValuesRefusedError([ValueFault("hs_timestamp", "REQUIRED_PROPERTY_MISSING", words)])
    _refuse_twin(portal, kind, values, None)
    moment, record_id = portal.now(), portal.new_id()
    record: Record = {
        "id": record_id,
        "properties": {},
        "history": {},
        "createdAt": moment,
        "archived": False,
        "archivedAt": None,
    }
    _write(
        portal, kind, record, {**values, "hs_object_id": record_id, kind.created: moment}, moment
    )
    portal.put(kind, record)
    return record


def update(
    portal: Portal, kind: ObjectType, record: Record, properties: Mapping[str, Any]
) -> Record:
    """Change values of a record; an empty text clears one.

    Raises
    ------
    ValuesRefusedError
        A value is refused; nothing was changed.
    """
    values = _checked(portal, kind, properties)
    _refuse_twin(portal, kind, values, record)
    portal.index.forget_values(kind.name, record)
    _write(portal, kind, record, values, portal.now())
    portal.index.note_values(kind.name, record)
    portal.touch(kind.name, record["id"])
    return record


def archive(portal: Portal, kind: ObjectType, record: Record) -> None:
    """Put a record into the recycling bin."""
    portal.index.forget(kind.name, record)
    record["archived"], record["archivedAt"] = True, portal.now()
    portal.index.take(kind.name, record)
    portal.touch(kind.name, record["id"])


def merge(portal: Portal, kind: ObjectType, record: Record, merged: Record) -> Record:
    """Make two records one: the first stays, and takes what only the other has."""
    gaps = {
        name: value
        for name, value in merged["properties"].items()
        if value and not record["properties"].get(name) and name != "hs_merged_object_ids"
    }
    before = [
        part
        for one in (record, merged)
        for part in str(one["properties"].get("hs_merged_object_ids") or "").split(";")
        if part
    ]
    gaps["hs_merged_object_ids"] = ";".join([*before, merged["id"]])
    portal.remove(kind, merged["id"])
    portal.index.forget_values(kind.name, record)
    _write(portal, kind, record, gaps, portal.now())
    portal.index.note_values(kind.name, record)
    portal.touch(kind.name, record["id"])
    portal.note_merge(kind, merged["id"], record["id"])
    return record


def find(
    portal: Portal,
    kind: ObjectType,
    record_id: str,
    *,
    id_property: str = "",
    is_archived: bool = False,
) -> Record | None:
    """Return a record by its id, or by a property whose values are unique; None if absent.

    The id of a record that was merged finds the one that it was merged into.
    """
    if id_property and id_property != "hs_object_id":
        spec = portal.properties[kind.name].get(id_property)
        if spec is None or not spec.has_unique_value:
            raise errors.invalid(f"Property '{id_property}' is not a unique property")
        if is_archived:
            gone = (
                record
                for record in portal.index.all(kind.name, is_archived=True)
                if str(record["properties"].get(id_property, "")).lower() == record_id.lower()
            )
            return next(gone, None)
        record_id = portal.index.holder(kind.name, id_property, record_id) or ""
    record = portal.records[kind.name].get(portal.surviving(kind, record_id))
    return record if record is not None and record["archived"] == is_archived else None


def shown(
    kind: ObjectType,
    record: Record,
    properties: Sequence[str],
    with_history: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a record as the API writes it.

    Parameters
    ----------
    properties : sequence of str
        What was asked for; nothing means HubSpot's choice.
    with_history : sequence of str
        Properties whose former values are asked for, too.
    """
    wanted = sorted({*kind.always, *(properties or kind.defaults)})
    answer: dict[str, Any] = {
        "id": record["id"],
        "properties": {name: record["properties"].get(name) for name in wanted},
        "createdAt": record["createdAt"],
        "updatedAt": record["updatedAt"],
        "archived": record["archived"],
    }
    if record["archived"]:
        answer["archivedAt"] = record["archivedAt"]
    if with_history:
        most = _VERSIONS.get(kind.name, _MOST_VERSIONS)
        answer["propertiesWithHistory"] = {
            name: record["history"][name][:most]
            for name in sorted(set(with_history))
            if record["history"].get(name)
        }
    return answer


def _checked(portal: Portal, kind: ObjectType, given: Mapping[str, Any]) -> dict[str, str]:
    values: dict[str, str] = {}
    faults: list[ValueFault] = []
    for raw_name, raw in given.items():
        name = raw_name.lower()
        spec = portal.properties[kind.name].get(name)
        outcome = _fault(name, spec) or checked(_known(spec), to_text(raw))
        outcome = outcome if isinstance(outcome, ValueFault) else _elsewhere(portal, name, outcome)
        if isinstance(outcome, ValueFault):
            faults.append(outcome)
        else:
            values[name] = outcome
    if faults:
        raise ValuesRefusedError(faults)
    for name in {"email", "domain"} & set(values):
        values[name] = values[name].strip().lower()
    return values


def _known(spec: Property | None) -> Property:
    if spec is None:
        raise TypeError("only called for known properties")
    return spec


def _fault(name: str, spec: Property | None) -> ValueFault | None:
    if spec is None:
        return ValueFault(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if spec.is_read_only:
        words = f'"{name}" is a read only property; its value cannot be set.'
        return ValueFault(name, "READ_ONLY_VALUE", words)
    return None


def _elsewhere(portal: Portal, name: str, value: str) -> str | ValueFault:
    """Check values whose options are owners, pipelines or stages."""
    if not value or name not in {"hubspot_owner_id", "pipeline", "dealstage"}:
        return value
    pipelines = [p for p in portal.records["pipelines"].values() if p["objectType"] == "deals"]
    allowed = {
        "hubspot_owner_id": list(portal.records["owners"]),
        "pipeline": [pipeline["id"] for pipeline in pipelines],
        "dealstage": [stage["id"] for pipeline in pipelines for stage in pipeline["stages"]],
    }[name]
    if value in allowed:
        return value
    words = f"{value} was not one of the allowed options: {allowed}"
    return ValueFault(name, "INVALID_OPTION", words)


def _refuse_twin(
    portal: Portal, kind: ObjectType, values: Mapping[str, str], own: Record | None
) -> None:
    unique = [name for name in values if portal.properties[kind.name][name].has_unique_value]
    for name in unique:
        twin = portal.index.holder(kind.name, name, values[name]) if values[name] else None
        if twin is not None and (own is None or twin != own["id"]):
            words = f"{kind.singular.capitalize()} already exists. Existing ID: {twin}"
            raise RefusedError(409, errors.body("CONFLICT", words))


def _write(
    portal: Portal, kind: ObjectType, record: Record, values: Mapping[str, str], moment: str
) -> None:
    changed = {**values, **_derived(portal, kind, values), kind.modified: moment}
    for name, value in changed.items():
        if record["properties"].get(name) == value:
            continue
        record["properties"][name] = value
        version = {"value": value, "timestamp": moment, "sourceType": portal.source}
        record["history"].setdefault(name, []).insert(0, {**version, "sourceId": "1"})
    record["updatedAt"] = moment


def _derived(portal: Portal, kind: ObjectType, values: Mapping[str, str]) -> dict[str, str]:
    """Return what HubSpot computes of a task's status and a deal's stage."""
    if kind.name == "tasks" and "hs_task_status" in values:
        is_done = values["hs_task_status"] == "COMPLETED"
        return {"hs_task_completion_date": portal.now() if is_done else ""}
    if kind.name != "deals" or not values.get("dealstage"):
        return {}
    stages: Iterable[Record] = (
        stage
        for pipeline in portal.records["pipelines"].values()
        for stage in pipeline["stages"]
        if stage["id"] == values["dealstage"]
    )
    metadata = next(iter(stages))["metadata"]
    is_closed = str(metadata.get("isClosed", "false")).lower()
    is_won = is_closed == "true" and float(metadata.get("probability", 0)) == 1
    return {
        "hs_is_closed": is_closed,
        "hs_is_closed_won": "true" if is_won else "false",
        "hs_deal_stage_probability": str(metadata.get("probability", "")),
    }
