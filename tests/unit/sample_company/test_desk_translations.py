"""The same support desk in Intercom and Freshdesk tells the same facts."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from connectors.sources.sample_company.catalog import load_catalog
from tests.unit.sample_company.conftest import read
from tests.unit.sample_company.test_records import strict

Records = list[dict[str, Any]]
EVERY = [
    (vendor, stream) for vendor in ("intercom", "freshdesk") for stream in load_catalog(vendor)
]


def unique(company: Path, vendor: str, stream: str) -> dict[Any, dict[str, Any]]:
    return {record["id"]: record for record in read(company, vendor, stream).records[stream]}


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


@pytest.fixture(scope="module")
def facts(company: Path) -> dict[int, dict[str, Any]]:
    """What Zendesk says of each ticket, times in seconds since 1970."""
    metrics = {m["ticket_id"]: m for m in unique(company, "zendesk", "ticket_metrics").values()}
    scores = unique(company, "zendesk", "satisfaction_ratings").values()
    ratings = {r["ticket_id"]: (r["score"], seconds(r["updated_at"])) for r in scores}
    users = unique(company, "zendesk", "users")
    told = {}
    for number, ticket in unique(company, "zendesk", "tickets").items():
        created = seconds(ticket["created_at"])
        minutes = metrics[number]["reply_time_in_minutes"]["calendar"]
        solved = metrics[number]["solved_at"]
        told[number] = {
            "created": created,
            "replied": None if minutes is None else created + 60 * minutes,
            "solved": solved and seconds(solved),
            "rating": ratings.get(number),
            "email": users[ticket["requester_id"]]["email"],
            "organization": ticket["organization_id"],
            "priority": ticket["priority"],
        }
    return told


@pytest.mark.parametrize(
    ("vendor", "stream"), EVERY, ids=[f"{vendor}-{s['name']}" for vendor, s in EVERY]
)
def test_every_record_fits_the_connectors_catalogue(
    company: Path, vendor: str, stream: dict[str, Any]
) -> None:
    schema = strict(stream["json_schema"])
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    records: Records = read(company, vendor, stream["name"]).records[stream["name"]]
    assert records
    for record in records[:: max(1, len(records) // 1000)]:
        validator.validate(record)
        assert record["id"] is not None
        for cursor in stream.get("default_cursor_field", []):
            assert record[cursor] is not None


def test_intercom_knows_every_ticket_as_zendesk_does(
    company: Path, facts: dict[int, dict[str, Any]]
) -> None:
    conversations = unique(company, "intercom", "conversations").values()
    assert len(conversations) == len(facts)
    people = unique(company, "intercom", "contacts")
    answered = {
        part["conversation_id"]: part["created_at"]
        for part in unique(company, "intercom", "conversation_parts").values()
        if part["part_type"] == "conversation_rating_changed"
    }
    for record in conversations:
        fact = facts[int(record["source"]["id"])]
        person = people[record["contacts"]["contacts"][0]["id"]]
        assert record["created_at"] == fact["created"]
        assert record["statistics"]["first_admin_reply_at"] == fact["replied"]
        assert record["statistics"]["last_close_at"] == fact["solved"]
        assert (record["state"] == "closed") == (fact["solved"] is not None)
        assert (record["priority"] == "priority") == (fact["priority"] in ("high", "urgent"))
        assert person["email"] == fact["email"]
        assert bool(person["companies"]["data"]) == bool(fact["organization"])
        rating = record["conversation_rating"]
        given = rating and ({5: "good", 1: "bad"}[rating["rating"]], answered[record["id"]])
        assert given == fact["rating"]


def test_intercoms_parts_end_in_the_present_state(company: Path) -> None:
    turns = {"close": "closed", "open": "open", "snoozed": "snoozed"}
    states: dict[str, str] = defaultdict(lambda: "open")
    flips: dict[str, int] = defaultdict(int)
    parts = unique(company, "intercom", "conversation_parts").values()
    for part in sorted(parts, key=lambda part: (part["created_at"], int(part["id"]))):
        state = turns.get(part["part_type"])
        if state:
            assert state != states[part["conversation_id"]]
            states[part["conversation_id"]] = state
        flips[part["conversation_id"]] += part["part_type"] == "priority_changed"
    conversations = unique(company, "intercom", "conversations")
    assert {states[number] for number in conversations} == {"open", "closed", "snoozed"}
    assert all(states[number] == record["state"] for number, record in conversations.items())
    assert any(record["statistics"]["count_reopens"] for record in conversations.values())
    assert any(flips.values())


def test_freshdesk_knows_every_ticket_as_zendesk_does(
    company: Path, facts: dict[int, dict[str, Any]]
) -> None:
    found = unique(company, "freshdesk", "tickets")
    assert found.keys() == facts.keys()
    contacts = unique(company, "freshdesk", "contacts")
    ratings: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for rating in unique(company, "freshdesk", "satisfaction_ratings").values():
        score = {103: "good", -103: "bad"}[rating["ratings"]["default_question"]]
        ratings[rating["ticket_id"]].append((seconds(rating["created_at"]), score))
    assert any(len(given) > 1 for given in ratings.values())
    for number, record in found.items():
        fact, stats = facts[number], record["stats"]
        assert seconds(record["created_at"]) == fact["created"]
        told = (stats["first_responded_at"], stats["resolved_at"])
        assert tuple(at and seconds(at) for at in told) == (fact["replied"], fact["solved"])
        assert (record["status"] in (4, 5)) == (fact["solved"] is not None)
        assert record["priority"] == {"urgent": 4, "high": 3, "normal": 2}.get(fact["priority"], 1)
        assert record["requester"]["email"] == fact["email"]
        assert contacts[record["requester_id"]]["email"] == fact["email"]
        assert contacts[record["requester_id"]]["company_id"] == record["company_id"]
        assert max(ratings[number], default=None) == (
            fact["rating"] and (fact["rating"][1], fact["rating"][0])
        )


@pytest.mark.parametrize(
    ("vendor", "key", "domain"),
    [
        ("intercom", lambda r: r["company_id"], lambda r: (r["website"] or "")[12:] or None),
        (
            "freshdesk",
            lambda r: r["custom_fields"]["crm_account_id"],
            lambda r: (r["domains"] or [None])[0],
        ),
    ],
)
def test_companies_name_the_accounts_that_organizations_name(
    company: Path, vendor: str, key: Any, domain: Any
) -> None:
    expected = [
        (o["name"], o["external_id"], (o["domain_names"] or [None])[0])
        for o in unique(company, "zendesk", "organizations").values()
        if not o["deleted_at"]
    ]
    found = []
    for record in unique(company, vendor, "companies").values():
        named = key(record)
        found.append((record["name"], named if "001cs" in str(named) else None, domain(record)))
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert any(named for _, named, _ in found)
    assert not all(named for _, named, _ in found)
    assert "001cs" not in str(read(company, vendor, "companies", crm="hubspot").records)


@pytest.mark.parametrize(("vendor", "stream"), [("intercom", "admins"), ("freshdesk", "agents")])
def test_our_own_people_are_no_customers(company: Path, vendor: str, stream: str) -> None:
    def emails(records: Any) -> set[str]:
        return {(r.get("contact") or r)["email"] for r in records}

    users = unique(company, "zendesk", "users").values()
    ours = emails(unique(company, vendor, stream).values())
    assert ours == {u["email"] for u in users if u["role"] == "agent"}
    assert not ours & emails(unique(company, vendor, "contacts").values())
