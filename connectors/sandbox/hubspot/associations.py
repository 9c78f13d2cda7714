"""Which records belong together, and in which way."""

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.sandbox.common.vendor import Record
from connectors.sandbox.hubspot import errors
from connectors.sandbox.hubspot.objects import (
    LINKS,
    Link,
    ObjectType,
    default_link,
    link_of,
    primary_link,
)
from connectors.sandbox.hubspot.portal import Portal


def linked(
    portal: Portal, source: ObjectType, record_id: str, target: ObjectType
) -> list[tuple[str, set[int]]]:
    """Return the ids of a record's companions of one kind, with the types of association."""
    found = portal.links.get((source.name, record_id), {})
    own = [(other[1], types) for other, types in found.items() if other[0] == target.name]
    live = portal.records[target.name]
    kept = [item for item in own if item[0] in live and not live[item[0]]["archived"]]
    return sorted(kept, key=lambda item: int(item[0]))


def connect(
    portal: Portal,
    source: ObjectType,
    source_id: str,
    target: ObjectType,
    target_id: str,
    types: Sequence[int],
) -> set[int]:
    """Associate two records, both ways; return the types that hold now.

    Raises
    ------
    RefusedError
        A record is not there, or the two kinds have no such type of association.
    """
    for kind, record_id in ((source, source_id), (target, target_id)):
        record = portal.records[kind.name].get(record_id)
        if record is None or record["archived"]:
            raise errors.not_found(f"{kind.singular.upper()}={record_id} is not valid")
    links = [_link(source, target, number) for number in types]
    links += [_plain(source, target)]
    if _takes_primary(portal, source, source_id, target):
        links.append(_primary(source, target))
    elif any(link.label == "Primary" for link in links):
        _drop_primary(portal, source, source_id, target)
    for link in links:
        _add(portal, (source.name, source_id), (target.name, target_id), link.type_id)
        _add(portal, (target.name, target_id), (source.name, source_id), link.back)
    return portal.links[(source.name, source_id)][(target.name, target_id)]


def disconnect(
    portal: Portal, source: ObjectType, source_id: str, target: ObjectType, target_id: str
) -> None:
    """Take all associations of two records away."""
    ends = (source.name, source_id), (target.name, target_id)
    for near, far in (ends, ends[::-1]):
        portal.links.get(near, {}).pop(far, None)
        portal.touch("links", "/".join(near))


def move_links(portal: Portal, kind: ObjectType, record_id: str, into: str) -> None:
    """Give the companions of a record to the one that it was merged into."""
    for far, types in portal.links.pop((kind.name, record_id), {}).items():
        back = portal.links[far].pop((kind.name, record_id), set())
        for near, other, numbers in (
            ((kind.name, into), far, types),
            (far, (kind.name, into), back),
        ):
            for number in numbers:
                _add(portal, near, other, number)
    portal.touch("links", f"{kind.name}/{record_id}")


def typed(source: ObjectType, target: ObjectType, types: set[int]) -> list[dict[str, Any]]:
    """Return types of association as version 4 writes them."""
    return [
        {
            "category": "HUBSPOT_DEFINED",
            "typeId": number,
            "label": link.label if (link := link_of(source, target, number)) else None,
        }
        for number in sorted(types)
    ]


def in_record(
    portal: Portal, source: ObjectType, record: Record, targets: Sequence[ObjectType]
) -> dict[str, Any]:
    """Return a record's ``associations`` as version 3 writes them."""
    answer = {}
    for target in targets:
        rows = [
            {"id": other, "type": name}
            for other, types in linked(portal, source, record["id"], target)
            for name in sorted(set(_names(source, target, types)))
        ]
        if rows:
            answer[target.plural_in_associations] = {"results": rows}
    return answer


def label_types(source: ObjectType, target: ObjectType) -> list[dict[str, Any]]:
    """Return the types of association that two kinds may have."""
    return [
        {"category": "HUBSPOT_DEFINED", "typeId": link.type_id, "label": link.label}
        for link in LINKS
        if (link.source, link.target) == (source, target)
    ]


def _names(source: ObjectType, target: ObjectType, types: set[int]) -> Iterator[str]:
    plain = f"{source.singular}_to_{target.singular}"
    for number in types:
        link = link_of(source, target, number)
        has_primary = primary_link(source, target) is not None
        is_plain = link is not None and link.label is None
        yield f"{plain}_unlabeled" if has_primary and is_plain else plain


def _link(source: ObjectType, target: ObjectType, number: int) -> Link:
    link = link_of(source, target, number)
    if link is None:
        words = f"Association type {number} doesn't exist from {source.name} to {target.name}"
        raise errors.invalid(words)
    return link


def _plain(source: ObjectType, target: ObjectType) -> Link:
    link = default_link(source, target)
    if link is None:
        raise errors.invalid(f"{source.name} cannot be associated with {target.name}")
    return link


def _primary(source: ObjectType, target: ObjectType) -> Link:
    link = primary_link(source, target)
    if link is None:
        raise errors.invalid(f"{source.name} have no primary {target.singular}")
    return link


def _takes_primary(portal: Portal, source: ObjectType, source_id: str, target: ObjectType) -> bool:
    """Tell whether a record gets its first company, which then is its primary one."""
    link = primary_link(source, target)
    return link is not None and not any(
        link.type_id in types for _, types in linked(portal, source, source_id, target)
    )


def _drop_primary(portal: Portal, source: ObjectType, source_id: str, target: ObjectType) -> None:
    link = _primary(source, target)
    for other, types in linked(portal, source, source_id, target):
        types.discard(link.type_id)
        portal.links[(target.name, other)][(source.name, source_id)].discard(link.back)
        portal.touch("links", f"{target.name}/{other}")
    portal.touch("links", f"{source.name}/{source_id}")


def _add(portal: Portal, source: tuple[str, str], target: tuple[str, str], number: int) -> None:
    portal.links.setdefault(source, {}).setdefault(target, set()).add(number)
    portal.touch("links", "/".join(source))
