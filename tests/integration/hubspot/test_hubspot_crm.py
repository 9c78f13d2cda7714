"""The copilot's fields of companies in HubSpot: made, read, written, each row for itself."""

import time

import pytest

from connectors.destinations.common.answers import ANSWERS, VERDICTS
from connectors.destinations.common.crm import Change, RowAnswer
from connectors.destinations.common.fields import FIELDS
from connectors.destinations.hubspot.client import HubspotCrm
from tests.integration.hubspot.conftest import Account, company
from warehouse.errors import CopilotError

UPDATE = "POST /crm/v3/objects/companies/batch/update"
READ = "POST /crm/v3/objects/companies/batch/read"


def test_the_set_up_makes_typed_labelled_grouped_fields_once(
    account: Account, crm: HubspotCrm
) -> None:
    assert len(crm.missing_fields()) == len(FIELDS) + len(ANSWERS) + 1  # and the tasks' marker
    made = crm.set_up("EUR")
    assert len(made.fields) == len(FIELDS) + len(ANSWERS)
    assert made.other[-1] == "copilot_marker"
    listed = account.call("GET", "/crm/v3/properties/companies").json()["results"]
    found = {row["name"]: row for row in listed if row["name"].startswith("copilot_")}
    group = account.call("GET", "/crm/v3/properties/companies/groups/customer_success_copilot")
    assert group.json()["label"] == "Customer Success Copilot"
    assert {row["groupName"] for row in found.values()} == {"customer_success_copilot"}
    band, arr = found["copilot_health_band"], found["copilot_arr_at_risk"]
    assert (band["type"], band["fieldType"]) == ("enumeration", "select")
    assert [(o["value"], o["label"]) for o in band["options"]][2] == ("at_risk", "At risk")
    assert (arr["type"], arr["label"]) == ("number", "Copilot ARR At Risk (EUR)")
    assert found["copilot_churn_probability"]["label"].endswith("(%)")
    assert (found["copilot_as_of_date"]["type"], found["copilot_reasons"]["fieldType"]) == (
        "date",
        "textarea",
    )
    feedback = found["copilot_feedback"]
    assert [option["value"] for option in feedback["options"]] == list(VERDICTS)
    assert "Written by" not in feedback["description"]
    assert "Written by" in band["description"]
    marker = account.call("GET", "/crm/v3/properties/tasks/copilot_marker").json()
    assert marker["hasUniqueValue"] is True
    account.forget()
    again = crm.set_up("EUR")
    assert (again.fields, again.other, crm.missing_fields()) == ((), (), ())
    assert all(call.startswith("GET ") for call in account.seen())


def test_an_option_that_was_taken_away_is_given_back_beside_those_of_people(
    account: Account, ready: HubspotCrm
) -> None:
    kept = [{"label": value, "value": value} for value in ("healthy", "watch", "their own")]
    path = "/crm/v3/properties/companies/copilot_health_band"
    assert account.call("PATCH", path, {"options": kept}).status_code == 200
    assert [field.column for field in ready.missing_fields()] == ["health_band"]
    assert ready.set_up("EUR").fields == ("copilot_health_band",)
    options = [option["value"] for option in account.call("GET", path).json()["options"]]
    assert options == ["healthy", "watch", "their own", "at_risk", "unknown"]


def test_a_property_of_another_type_is_told_by_name(account: Account, crm: HubspotCrm) -> None:
    theirs = {"name": "copilot_health_score", "label": "x", "groupName": "companyinformation"}
    made = {**theirs, "type": "string", "fieldType": "text"}
    assert account.call("POST", "/crm/v3/properties/companies", made).status_code == 201
    with pytest.raises(CopilotError, match="copilot_health_score .* is of type string"):
        crm.set_up("EUR")


def test_what_is_written_is_read_back_alike(account: Account, ready: HubspotCrm) -> None:
    account.seed(company(1, name="Löwe & Söhne", industry="RETAIL"))
    values = {
        "health_score": 71.5,
        "health_band": "at_risk",
        "arr_at_risk": 12345678901.25,
        "reasons": "Fewer logins <b>\nTwo tickets open",
        "renewal_date": "2026-03-29",
        "as_of_date": "2026-01-01",
        "next_action": None,
    }
    assert ready.write([Change("1001", dict(values))]) == [RowAnswer("1001")]
    found = ready.read(["1001", "1777"])
    assert list(found) == ["1001"]
    assert found["1001"].name == "Löwe & Söhne"
    assert {column: found["1001"].values[column] for column in values} == values
    shown = account.properties("1001", "copilot_renewal_date", "copilot_next_action", "industry")
    assert shown == {
        "copilot_renewal_date": "2026-03-29",
        "copilot_next_action": "",  # emptied
        "industry": "RETAIL",  # nobody else's field was touched
    }


@pytest.mark.parametrize("is_multi_status", [1, 0])
def test_a_batch_of_which_a_part_fails_is_counted_row_by_row(
    account: Account, ready: HubspotCrm, is_multi_status: int
) -> None:
    account.settings(multi_status_updates=is_multi_status)
    account.seed(*(company(number) for number in range(1, 9)))
    changes = [Change(f"{1000 + number}", {"health_score": 50.0}) for number in range(1, 9)]
    changes[2] = Change("1003", {"health_score": 50.0, "health_band": "splendid"})
    changes[5] = Change("1777", {"health_score": 50.0})
    answers = ready.write(changes)
    assert [answer.record_id for answer in answers] == [change.record_id for change in changes]
    refused = {answer.record_id: answer for answer in answers if answer.code}
    assert {key: answer.code for key, answer in refused.items()} == {
        "1003": "INVALID_OPTION",
        "1777": "OBJECT_NOT_FOUND",
    }
    assert refused["1003"].columns == ("health_band",)
    assert "splendid was not one of the allowed options" in refused["1003"].words
    assert "publish setup" in refused["1003"].hint
    scores = {key: record.values["health_score"] for key, record in ready.read(
        [change.record_id for change in changes]).items()}  # fmt: skip
    assert scores == {f"{1000 + n}": None if n == 3 else 50.0 for n in (1, 2, 3, 4, 5, 7, 8)}
    spent = ready.spending()
    assert spent.units == 5  # a write, a look, a read, and one more for the archived
    assert spent.retries == (0 if is_multi_status else account.seen()[UPDATE] - 1)


def test_a_missing_property_costs_one_call_and_names_the_column(
    account: Account, ready: HubspotCrm
) -> None:
    account.settings(multi_status_updates=0)
    account.seed(*(company(number) for number in range(1, 5)))
    account.call("DELETE", "/crm/v3/properties/companies/copilot_risk_tier")
    assert [field.column for field in ready.missing_fields()] == ["risk_tier"]
    account.forget()
    changes = [Change(f"{1000 + number}", {"risk_tier": "high"}) for number in range(1, 5)]
    answers = ready.write(changes)
    assert {answer.code for answer in answers} == {"PROPERTY_DOESNT_EXIST"}
    assert {answer.columns for answer in answers} == {("risk_tier",)}
    assert account.seen()[UPDATE] == 1


def test_archived_and_merged_companies_are_known_as_such(
    account: Account, ready: HubspotCrm
) -> None:
    account.seed(*(company(number) for number in range(1, 5)))
    account.call("DELETE", "/crm/v3/objects/companies/1001")
    for merged in ("1002", "1003"):
        body = {"primaryObjectId": "1004", "objectIdToMerge": merged}
        assert account.call("POST", "/crm/v3/objects/companies/merge", body).status_code == 200
    found = ready.read(["1001", "1002", "1003", "1004"])
    told = {key: (record.is_deleted, record.merged_into) for key, record in found.items()}
    assert told == {
        "1001": (True, None),
        "1002": (False, "1004"),
        "1003": (False, "1004"),
        "1004": (False, None),
    }
    answers = ready.write([Change(key, {"health_score": 1.0}) for key in ("1001", "1002")])
    assert [answer.code for answer in answers] == ["OBJECT_NOT_FOUND", "MERGED"]
    assert "1004" in answers[1].words


def test_what_a_person_wrote_between_look_and_write_is_told(
    account: Account, ready: HubspotCrm
) -> None:
    account.seed(company(1), company(2))
    ready.write(
        [Change(key, {"risk_tier": "low", "health_score": 1.0}) for key in ("1001", "1002")]
    )
    account.edit("1001", copilot_risk_tier="long ago")
    time.sleep(1.1)  # HubSpot's clock is told in whole seconds
    ready.read(["1001", "1002"])
    since = ready.clock()
    account.edit("1001", copilot_risk_tier="a person's")
    ready.write([Change("1001", {"risk_tier": "high"})])
    assert ready.edits(["1001", "1002"], since) == {
        "1001": {"risk_tier": ["a person's"]},
        "1002": {},
    }


def test_the_estimate_is_what_a_run_spends(account: Account, ready: HubspotCrm) -> None:
    ids = [str(1000 + number) for number in range(1, 252)]
    account.seed(*(company(number) for number in range(1, 252)))
    expected = ready.estimate(reads=251, writes=130)
    ready.missing_fields()
    ready.read(ids)
    size = ready.batch_for(130)
    changes = [Change(key, {"health_score": 5.0}) for key in ids[:130]]
    for start in range(0, 130, size):
        ready.write(changes[start : start + size])
    ready.edits(ids[:130], ready.clock())
    assert (ready.spending().units, ready.spending().calls) == (expected, expected)
    assert expected == 2 + 3 + 2 + 3
    seen = account.seen()
    assert (seen[READ], seen[UPDATE]) == (6, 2)
    told = ready.quota()
    assert told is not None
    assert (told.limit, told.remaining) == (650_000, 650_000 - sum(seen.values()) - _SET_UP_CALLS)


_SET_UP_CALLS = 8
