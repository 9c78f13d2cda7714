"""The same company in another vendor's system tells the same facts."""

import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

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


def test_hubspot_holds_what_lives_in_salesforce(company: Path) -> None:
    accounts = read_salesforce(company, "Account")
    found = {r["id"]: r for r in read(company, "hubspot", "companies").records["companies"]}
    living = {crm_account_id(a["Id"], "hubspot"): a for a in accounts if not a["IsDeleted"]}
    assert found.keys() == living.keys()
    for identifier, account in living.items():
        record = found[identifier]
        assert record["properties_name"] == account["Name"] == record["properties"]["name"]
        assert (record["properties_domain"] or "") in (account["Website"] or "")
        assert (record["properties_domain"] is None) == (account["Website"] is None)
    merged = {
        (part, r["id"])
        for r in found.values()
        for part in (r["properties_hs_merged_object_ids"] or "").split(";")
        if part
    }
    assert merged == {
        (crm_account_id(a["Id"], "hubspot"), crm_account_id(a["MasterRecordId"], "hubspot"))
        for a in accounts
        if a["MasterRecordId"]
    }
    tasks = [t for t in read_salesforce(company, "Task") if not t["IsDeleted"]]
    logged = sum(
        len(read(company, "hubspot", name).records[name])
        for name in ("engagements_calls", "engagements_emails", "engagements_tasks")
    )
    assert logged == len(tasks)
    deals = read_salesforce(company, "Opportunity")
    for name, is_deleted in (("deals", False), ("deals_archived", True)):
        rows = read(company, "hubspot", name).records[name]
        assert sorted(r["properties_dealname"] for r in rows) == sorted(
            d["Name"] for d in deals if d["IsDeleted"] is is_deleted
        )


def test_a_property_history_ends_with_the_value_of_today(company: Path) -> None:
    companies = {r["id"]: r for r in read(company, "hubspot", "companies").records["companies"]}
    name = "companies_property_history"
    latest: dict[tuple[str, str], tuple[str, str]] = {}
    for row in read(company, "hubspot", name).records[name]:
        key = row["companyId"], row["property"]
        latest[key] = max(latest.get(key, ("", "")), (row["timestamp"], row["value"]))
    assert len(latest) > len(companies)
    for (identifier, field), (_, value) in latest.items():
        assert str(companies[identifier][f"properties_{field}"]) == value


def test_pipedrive_holds_the_people_and_activities_of_salesforce(company: Path) -> None:
    persons = read(company, "pipedrive", "persons").records["persons"]
    contacts = read_salesforce(company, "Contact")
    assert {(p["name"], p["active_flag"]) for p in persons} == {
        (c["Name"], not c["IsDeleted"]) for c in contacts
    }
    activities = read(company, "pipedrive", "activities").records["activities"]
    assert len({a["id"] for a in activities}) == len(activities)
    done = Counter(a["type"] for a in activities if a["done"])
    assert done["meeting"] == len(read_salesforce(company, "Event"))
    assert done["call"] + done["email"] == sum(
        t["IsClosed"] for t in read_salesforce(company, "Task")
    )


def read_salesforce(company: Path, stream: str) -> list[dict[str, Any]]:
    return [record for _, record in translations.records(company, "salesforce", stream)]
