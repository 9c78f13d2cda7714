"""The same company in another vendor's system tells the same facts."""

import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from connectors.sources.sample_company import translations
from connectors.sources.sample_company.crm_ids import crm_account_id, rewrite_account_ids
from connectors.sources.sample_company.translations import ensure_vendor
from tests.unit.sample_company.conftest import read


def test_a_translation_is_made_once_and_whole(
    company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    first = ensure_vendor(company, "amplitude", said.append)
    assert ensure_vendor(company, "amplitude", said.append) == first
    assert len(said) <= 1

    def broken(company: Path, target: Path) -> None:
        (target / "events.parquet").write_text("half")
        raise OSError("no room")

    monkeypatch.setattr(translations.importlib, "import_module", lambda _: _Broken(broken))
    (tmp_path / "mixpanel").mkdir()
    with pytest.raises(OSError, match="no room"):
        ensure_vendor(tmp_path, "amplitude", said.append)
    assert {path.name for path in tmp_path.iterdir()} == {"mixpanel", "amplitude.lock"}


class _Broken:
    def __init__(self, translate: object) -> None:
        self.translate = translate


def test_account_ids_are_those_of_the_companys_crm() -> None:
    line = b'{"metadata":{"salesforce_account_id":"001cs0000000054AAA"},"x":"003cs0000000054AAA"}'
    assert rewrite_account_ids(line, "salesforce") == line
    assert rewrite_account_ids(line, "pipedrive") == (
        b'{"metadata":{"pipedrive_organization_id":"55"},"x":"003cs0000000054AAA"}'
    )
    named = crm_account_id("001cs0000000054AAA", "hubspot")
    assert named.isdigit()
    assert named.encode() in rewrite_account_ids(line, "hubspot")
    assert crm_account_id("001cs0000000054AAA", "pipedrive") == "55"
    assert crm_account_id("001cs0000000054AAA", "salesforce") == "001cs0000000054AAA"


@pytest.mark.parametrize(("vendor", "stream"), [("stripe", "customers"), ("mixpanel", "engage")])
def test_the_systems_of_a_hubspot_company_name_no_salesforce_account(
    company: Path, vendor: str, stream: str
) -> None:
    before, after = (read(company, vendor, stream, crm=crm) for crm in ("salesforce", "hubspot"))
    assert "001cs" in str(before.records)
    assert "001cs" not in str(after.records)
    assert "salesforce_account_id" not in str(after.records)


def test_amplitude_holds_every_event_of_mixpanel(company: Path) -> None:
    expected = {
        (e["insert_id"], e["event"], e["time"], e["distinct_id"], e.get("company_id"))
        for e in read(company, "mixpanel", "export").records["export"]
    }
    events = read(company, "amplitude", "events").records["events"]
    assert {
        (
            e["$insert_id"],
            e["event_type"],
            e["event_time"],
            e["user_id"],
            e["groups"].get("company", [None])[0],
        )
        for e in events
    } == expected
    assert len({e["uuid"] for e in events}) == len(expected) < len(events)


def test_google_analytics_counts_the_events_and_people_of_mixpanel(company: Path) -> None:
    exported = {e["insert_id"]: e for e in read(company, "mixpanel", "export").records["export"]}
    counts: Counter[tuple[str, str, str]] = Counter()
    people = defaultdict(set)
    for event in exported.values():
        named = event.get("company_id", "(not set)")
        day = event["time"][:10]
        counts[day.replace("-", ""), event["event"], named] += 1
        people[named].add((dt.date.fromisoformat(day), event["distinct_id"]))
    reported = read(company, "google_analytics", "copilot_events").records["copilot_events"]
    found = {
        (row["date"], row["eventName"], row["customUser:company_id"]): row["eventCount"]
        for row in reported
    }
    assert found == counts
    rows = read(company, "google_analytics", "copilot_active_users").records["copilot_active_users"]
    for row in rows[:: len(rows) // 50]:
        last = dt.datetime.strptime(row["date"], "%Y%m%d").replace(tzinfo=dt.UTC).date()
        for days, key in ((7, "active7DayUsers"), (28, "active28DayUsers")):
            active = {
                who
                for day, who in people[row["customUser:company_id"]]
                if last - dt.timedelta(days) < day <= last
            }
            assert row[key] == len(active), row
