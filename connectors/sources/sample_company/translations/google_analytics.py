"""Google Analytics 4: Mixpanel's events, counted as the Data API's reports count them.

Whoever names no company is in the row "(not set)", as with Google: those accounts cannot be told
apart here, though Mixpanel's profiles would tell them.
"""

from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from connectors.sources.sample_company.simulation.records import Record, RecordFile
from connectors.sources.sample_company.simulation.timeline import SECONDS_A_DAY, Array
from connectors.sources.sample_company.translations import records

PROPERTY = "412345678"
NOT_SET = "(not set)"
_DAY_MS = SECONDS_A_DAY * 1000
Counts = dict[tuple[int, str, str], int]
Seen = dict[str, dict[str, set[int]]]


def translate(company: Path, target: Path) -> None:
    """Write the streams `copilot_events` and `copilot_active_users`."""
    counts, seen = _count(company)
    _write(target / "copilot_events.parquet", _event_rows(counts))
    _write(target / "copilot_active_users.parquet", _active_rows(seen))


def _count(company: Path) -> tuple[Counts, Seen]:
    """Count events by (day, name, company), and gather each company's people and their days."""
    counts: Counts = defaultdict(int)
    seen: Seen = defaultdict(lambda: defaultdict(set))
    known: set[str] = set()
    for moment, event in records(company, "mixpanel", "export"):
        if event["insert_id"] in known:
            continue
        known.add(event["insert_id"])
        day, named = moment // _DAY_MS, event.get("company_id") or NOT_SET
        counts[day, event["event"], named] += 1
        seen[named][event["distinct_id"]].add(day)
    return counts, seen


def _event_rows(counts: Counts) -> list[tuple[int, Record]]:
    return [
        (day, {"eventCount": count, "eventName": name, **_common(day, named)})
        for (day, name, named), count in sorted(counts.items())
    ]


def _active_rows(seen: Seen) -> list[tuple[int, Record]]:
    first = min(day for people in seen.values() for days in people.values() for day in days)
    last = max(day for people in seen.values() for days in people.values() for day in days)
    rows = []
    for named, people in seen.items():
        week, month = (_active(people, first, last, days) for days in (7, 28))
        for place in np.flatnonzero(month).tolist():
            day = first + place
            counted = {
                "active7DayUsers": int(week[place]),
                "active28DayUsers": int(month[place]),
            }
            rows.append((day, {**counted, **_common(day, named)}))
    return sorted(rows, key=lambda row: (row[0], str(row[1]["customUser:company_id"])))


def _active(people: dict[str, set[int]], first: int, last: int, window: int) -> Array:
    """Return how many people were active in the `window` days up to each day."""
    change = np.zeros(last - first + 1 + window, dtype=np.int64)
    for days in people.values():
        ordered = sorted(days)
        for day, following in zip(ordered, [*ordered[1:], last + window + 1], strict=True):
            change[day - first] += 1
            change[min(day + window, following) - first] -= 1
    counted: Array = change.cumsum()[: last - first + 1]
    return counted


def _common(day: int, named: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(day * SECONDS_A_DAY, tz=UTC)
    return {
        "date": moment.strftime("%Y%m%d"),
        "customUser:company_id": named,
        "property_id": PROPERTY,
        "startDate": date(moment.year, 1, 1).isoformat(),
        "endDate": date(moment.year, 12, 31).isoformat(),
    }


def _write(path: Path, rows: list[tuple[int, Record]]) -> None:
    file = RecordFile(path)
    cursors = np.array([day * _DAY_MS for day, _ in rows], dtype=np.int64)
    file.write(cursors, [orjson.dumps(record) for _, record in rows])
    file.close()
