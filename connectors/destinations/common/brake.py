"""Why nothing may be sent before a person has looked: too much changes, empties or vanishes."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.destinations.common.drift import has_jumped
from connectors.destinations.common.fields import Value
from connectors.destinations.common.planned import PlannedRow
from warehouse.settings import BrakeSettings


@dataclass(frozen=True)
class Published:
    """What was published last: its date, and the records of that plan."""

    as_of_date: dt.date
    record_ids: frozenset[str]


def brakes(
    settings: BrakeSettings,
    rows: Sequence[PlannedRow],
    written: Mapping[str, Mapping[str, Value]],
    last: Published | None,
    dates: tuple[dt.date | None, dt.date],
    among: int | None = None,
) -> Iterator[str]:
    """Yield each reason to hold everything, in words.

    Parameters
    ----------
    settings : BrakeSettings
        Percentages, and how many rows it takes at least.
    rows : sequence of PlannedRow
        The plan.
    written : mapping
        By record, the values that the copilot wrote last. What it never wrote cannot change, so
        the first publish, or the first of a field, is not held.
    last : Published or None
        What was published last.
    dates : tuple
        The oldest date of the outbound rows (None without any), and the date of the run.
    among : int, optional
        How many accounts there are, where the plan is for some of them alone.
    """
    oldest, wanted = dates
    if last is None and not rows:
        return
    if not rows:
        yield "there is no outbound row, and there were some at the last publish."
        return
    floor = max(wanted, last.as_of_date) if last else wanted
    if oldest is not None and oldest < floor:
        yield f"the outbound rows are as of {oldest}, and should be as of {floor}."
    known = [row for row in rows if row.record_id in written]
    jumped = sum(_jumps(row, written[row.record_id]) for row in known)
    emptied = sum(_empties(row, written[row.record_id]) for row in known)
    for count, most, what in (
        (jumped, settings.changed, "change by more than a day's drift"),
        (emptied, settings.emptied, "lose a value that was there"),
    ):
        yield from _too_many(settings, count, among or len(known), most, what)
    if last:
        vanished = len(last.record_ids - {row.record_id for row in rows})
        what = "were published last and are outbound no more"
        yield from _too_many(settings, vanished, len(last.record_ids), settings.vanished, what)


def _too_many(
    settings: BrakeSettings, count: int, of: int, most: float, what: str
) -> Iterator[str]:
    if count >= settings.rows and count > of * most / 100:
        yield f"{count} of {of} accounts {what} (at most {most:g}%, publish.brake)."


def _jumps(row: PlannedRow, written: Mapping[str, Value]) -> bool:
    return any(
        new is not None
        and written.get(column) is not None
        and has_jumped(column, written[column], new)
        for column, new in row.payload.items()
    )


def _empties(row: PlannedRow, written: Mapping[str, Value]) -> bool:
    return any(
        new is None and written.get(column) is not None for column, new in row.payload.items()
    )
