"""Records look like the real connectors' and hold the dirt of real data."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

from connectors.sources.sample_company import END_DATE
from connectors.sources.sample_company.catalog import load_catalog
from connectors.sources.sample_company.simulation.people import FREE_MAIL

Streams = dict[str, list[dict[str, Any]]]
LAST_SECOND = dt.datetime.combine(END_DATE, dt.time(23, 59, 59), dt.UTC).timestamp()
EVERY = [
    (vendor, stream)
    for vendor in ("salesforce", "zendesk", "mixpanel", "stripe")
    for stream in load_catalog(vendor)
]


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False}


@pytest.mark.parametrize(("vendor", "stream"), EVERY, ids=[s["name"] for _, s in EVERY])
def test_every_record_fits_its_catalogue(
    vendor: str, stream: dict[str, Any], streams: Streams
) -> None:
    validator = jsonschema.Draft7Validator(strict(stream["json_schema"]))
    timed = [
        name
        for name, kind in stream["json_schema"]["properties"].items()
        if kind.get("format") == "date-time"
    ]
    records = streams[stream["name"]]
    assert records
    for record in records[:: max(1, len(records) // 3000)]:
        validator.validate(record)
        for name in timed:
            if record.get(name) is not None:
                dt.datetime.fromisoformat(record[name])
        for key in stream.get("source_defined_primary_key", []):
            assert record[key[0]] is not None
        assert record[stream["default_cursor_field"][0]] is not None


def test_every_field_of_the_catalogue_that_a_model_may_join_on_is_filled(streams: Streams) -> None:
    assert any(record["external_id"] for record in streams["organizations"])
    assert any(record["metadata"].get("salesforce_account_id") for record in streams["customers"])
    assert any("company_id" in record for record in streams["export"])
    assert any(record["company_id"] for record in streams["engage"])


def test_nothing_is_recorded_after_the_last_day(streams: Streams) -> None:
    for invoice in streams["invoices"]:
        assert invoice["created"] <= invoice["updated"] <= LAST_SECOND
        assert (invoice["status_transitions"]["paid_at"] or 0) <= LAST_SECOND
    for ticket in streams["tickets"]:
        assert ticket["generated_timestamp"] <= LAST_SECOND
    limit = f"{END_DATE.isoformat()}T23:59:59"
    assert max(event["time"][:19] for event in streams["export"]) <= limit
    for name in ("Account", "Contact", "Opportunity", "Task", "Event"):
        assert max(record["SystemModstamp"][:19] for record in streams[name]) <= limit


def test_there_are_nulls_in_columns_people_rely_on(streams: Streams) -> None:
    for stream, column in (
        ("Account", "Website"),
        ("Account", "Industry"),
        ("Contact", "Email"),
        ("Opportunity", "Amount"),
        ("organizations", "external_id"),
        ("tickets", "priority"),
        ("customers", "name"),
    ):
        values = [record.get(column) for record in streams[stream]]
        assert None in values, f"{stream}.{column} is never null"
        assert any(value is not None for value in values)
    assert any("os" not in event for event in streams["export"])


@pytest.mark.parametrize(
    "stream",
    ["organizations", "users", "tickets", "ticket_audits", "customers", "invoices", "engage"],
)
def test_some_records_are_emitted_twice(stream: str, streams: Streams) -> None:
    key = "distinct_id" if stream == "engage" else "id"
    counts = Counter(record[key] for record in streams[stream])
    assert max(counts.values()) == 2
    assert sum(count > 1 for count in counts.values()) < 0.05 * len(counts) + 2


def test_some_events_come_twice_with_the_same_insert_id(streams: Streams) -> None:
    counts = Counter(event["insert_id"] for event in streams["export"])
    doubled = [key for key, count in counts.items() if count == 2]
    assert 0 < len(doubled) < 0.01 * len(counts)
    by_id = {event["insert_id"]: event for event in streams["export"]}
    assert all(by_id[e["insert_id"]] == e for e in streams["export"] if e["insert_id"] in doubled)


def test_some_events_arrive_late_but_within_the_lookback(streams: Streams) -> None:
    highest, latest = "", dt.timedelta()
    for event in streams["export"]:
        if event["time"] < highest:
            gap = dt.datetime.fromisoformat(highest) - dt.datetime.fromisoformat(event["time"])
            latest = max(latest, gap)
        highest = max(highest, event["time"])
    assert dt.timedelta(hours=12) < latest < dt.timedelta(days=2)


def test_free_mail_shared_domains_and_families(streams: Streams) -> None:
    emails = [record["email"] for record in streams["engage"]]
    assert any(email.rsplit("@")[-1] in FREE_MAIL for email in emails)
    sites = Counter(
        record["Website"]
        .lower()
        .removeprefix("http://")
        .removeprefix("https://")
        .removeprefix("www.")
        .rstrip("/")
        for record in streams["Account"]
        if record["Website"] and not record["IsDeleted"]
    )
    assert max(sites.values()) >= 2
    parents = Counter(r["ParentId"] for r in streams["Account"] if r["ParentId"])
    assert parents
    assert parents.keys() <= {record["Id"] for record in streams["Account"]}


def test_every_company_lives_on_a_reserved_domain(streams: Streams) -> None:
    for record in streams["engage"] + streams["users"]:
        domain = record["email"].rsplit("@")[-1]
        assert domain.endswith(".example") or record["email"].startswith("synthetic.")


def test_time_zones_and_three_currencies(streams: Streams) -> None:
    clocks = {event["client_time"][-6:] for event in streams["export"] if "client_time" in event}
    assert len(clocks) > 3
    assert all(record["SystemModstamp"].endswith("+0000") for record in streams["Account"])
    assert {record["currency"] for record in streams["invoices"]} == {"usd", "eur", "gbp"}


def test_deleted_records(streams: Streams) -> None:
    for name in ("Account", "Contact", "Task", "Event", "Opportunity"):
        assert any(record["IsDeleted"] for record in streams[name]), name
    assert any(record["is_deleted"] for record in streams["customers"])
    assert any(record["deleted_at"] for record in streams["organizations"])


def test_trials_prospects_and_strangers(streams: Streams) -> None:
    assert any(record["trial_end"] for record in streams["subscriptions"])
    assert any(
        line["amount"] == 0 and line["price"]["unit_amount"] > 0
        for invoice in streams["invoices"]
        for line in invoice["lines"]["data"]
    )
    known = {record["id"] for record in streams["organizations"]}
    strangers = [t for t in streams["tickets"] if t["organization_id"] not in known]
    assert strangers
    assert all(ticket["organization_id"] is None for ticket in strangers)
    assert any(record["Type"] == "Prospect" for record in streams["Account"])


def test_invoices_add_up(streams: Streams) -> None:
    for invoice in streams["invoices"]:
        lines = invoice["lines"]["data"]
        assert invoice["total"] == sum(line["amount"] for line in lines)
        assert invoice["amount_due"] == invoice["amount_paid"] + invoice["amount_remaining"]
        for line in lines:
            assert line["period"]["start"] < line["period"]["end"]
            if line["proration"] or line["description"].startswith("Trial"):
                continue
            assert line["amount"] == line["quantity"] * line["price"]["unit_amount"]


def test_an_active_subscription_is_billed_for_its_present_period(streams: Streams) -> None:
    billed = {
        (invoice["subscription"], line["period"]["start"], line["price"]["product"])
        for invoice in streams["invoices"]
        if invoice["status"] != "void"
        for line in invoice["lines"]["data"]
    }
    for subscription in streams["subscriptions"]:
        if subscription["status"] == "active":
            item = subscription["items"]["data"][0]
            period = subscription["current_period_start"]
            assert (subscription["id"], period, item["price"]["product"]) in billed


def test_growth_inside_an_annual_term_is_prorated(streams: Streams) -> None:
    prorated = [
        line
        for invoice in streams["invoices"]
        if invoice["billing_reason"] == "subscription_update"
        for line in invoice["lines"]["data"]
    ]
    assert any(line["amount"] < 0 for line in prorated)
    assert any(line["amount"] > 0 for line in prorated)
    for line in prorated:
        assert line["proration"]
        share = (line["period"]["end"] - line["period"]["start"]) / 86_400 / 365
        sign = -1 if line["description"].startswith("Unused") else 1
        whole = sign * line["quantity"] * line["price"]["unit_amount"]
        assert line["amount"] == pytest.approx(whole * share, rel=0.01, abs=2)


def test_truth_agrees_with_the_ids_that_records_give_of_themselves(
    company: Path, streams: Streams
) -> None:
    rows = pq.read_table(company / "truth.parquet").to_pylist()
    truth = {(row["source"], row["source_id"]): row["salesforce_account_id"] for row in rows}
    for record in streams["customers"]:
        given = record["metadata"].get("salesforce_account_id")
        assert given is None or truth["stripe", record["id"]] == given
    for record in streams["organizations"]:
        given = record["external_id"]
        assert given is None or truth["zendesk", str(record["id"])] == given
    for record in streams["engage"]:
        if record["company_id"]:
            assert truth["mixpanel", record["distinct_id"]] == record["company_id"]


def test_audits_tell_the_road_to_the_present_state_of_a_ticket(streams: Streams) -> None:
    told: dict[tuple[int, str], str | None] = {}
    roads = Counter[tuple[int, str]]()
    for audit in sorted(streams["ticket_audits"], key=lambda one: (one["created_at"], one["id"])):
        assert audit["created_at"] <= f"{END_DATE.isoformat()}T23:59:59Z"
        for event in audit["events"]:
            place = (audit["ticket_id"], event["field_name"])
            if event["type"] == "Change" and told.get(place) != event["value"]:
                assert event["previous_value"] == told.get(place)
            roads[place] += told.get(place) != event["value"]
            told[place] = event["value"]
    for ticket in streams["tickets"]:
        assert told.get((ticket["id"], "priority")) == ticket["priority"]
        assert ticket["status"] in (told[(ticket["id"], "status")], "deleted")
    for rating in streams["satisfaction_ratings"]:
        assert told[(rating["ticket_id"], "satisfaction_score")] == rating["score"]
    assert any(steps > 1 for (_, field), steps in roads.items() if field == "priority")
    assert any(steps > 5 for (_, field), steps in roads.items() if field == "status")
    assert any(steps > 2 for (_, field), steps in roads.items() if field == "satisfaction_score")
