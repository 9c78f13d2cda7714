"""What was changed in a record, when, by whom and from where, value by value."""

from collections.abc import Iterator

from connectors.sandbox.common.vendor import Call, Record
from connectors.sandbox.pipedrive.company import Company
from connectors.sandbox.pipedrive.fieldtypes import moment_1
from connectors.sandbox.pipedrive.version1 import shown

COLLECTION = "changelog"
KEPT_FOR = ("deals", "organizations", "persons")
_NOT_TOLD = frozenset({"update_time", "add_time"})


def note(call: Call, collection: str, before: Record, after: Record) -> None:
    """Keep what an update through the API changed; custom fields stand under their keys."""
    company: Company = call.vendor
    if collection not in KEPT_FOR:
        return
    was, became = (shown(company, collection, record) for record in (before, after))
    key = f"{collection}/{after['id']}"
    entries = company.records[COLLECTION].get(key, {"entries": []})["entries"]
    for name, value in became.items():
        if name not in _NOT_TOLD and was.get(name) != value:
            entries.append(
                {
                    "field_key": name,
                    "old_value": _text(was.get(name)),
                    "new_value": _text(value),
                    "actor_user_id": company.me["id"],
                    "time": moment_1(company.now()),
                    "change_source": "api",
                    "change_source_user_agent": call.headers.get("user-agent"),
                    "is_bulk_update_flag": False,
                }
            )
    company.put(COLLECTION, key, {"entries": entries})


def told(company: Company, collection: str, record_id: object) -> Iterator[Record]:
    """Yield a record's entries, each with its number as ``id``."""
    kept = company.records[COLLECTION].get(f"{collection}/{record_id}", {"entries": []})
    for number, entry in enumerate(kept["entries"], 1):
        yield {"id": number, **entry}


def _text(value: object) -> str | None:
    plain = value["value"] if isinstance(value, dict) and "value" in value else value
    return None if plain is None else str(plain)
