"""Pipedrive as the publishing sees it: fields, records, tokens, the pace, tasks."""

import time

import pytest

from connectors.destinations.common.crm import Change, NewTask
from connectors.destinations.common.fields import Value
from connectors.destinations.pipedrive.fields import MADE
from tests.integration.pipedrive.conftest import Opened
from warehouse.errors import CopilotError

VALUES: dict[str, Value] = {
    "health_score": 71.5,
    "health_band": "at_risk",
    "churn_probability": 12.5,
    "reasons": "Löwe & Söhne\n<b>two lines</b>",
    "arr_at_risk": 1200.25,
    "renewal_date": "2026-03-04",
    "report_url": "http://localhost:3000/accounts/1",
}


def _field_names(opened: Opened) -> list[str]:
    fields = opened.company.each("organizationFields")
    return [field["field_name"] for field in fields if field["is_custom_field"]]


def test_the_set_up_makes_each_field_once_with_its_type_and_options(opened: Opened) -> None:
    crm = opened.crm()
    assert crm.missing_fields() == MADE
    made = crm.set_up("EUR")
    assert len(made.fields) == len(MADE)
    assert crm.missing_fields() == ()
    assert opened.crm().set_up("EUR").fields == ()
    named = {field["field_name"]: field for field in opened.company.each("organizationFields")}
    assert named["Copilot ARR At Risk (EUR)"]["field_type"] == "monetary"
    assert named["Copilot Reasons"]["field_type"] == "text"
    assert named["Copilot As Of"]["field_type"] == "date"
    options = [option["label"] for option in named["Copilot Health Band"]["options"]]
    assert options == ["healthy", "watch", "at_risk", "unknown"]
    assert named["Copilot Feedback"]["field_type"] == "enum"  # which people fill
    assert named["Copilot Health Band"]["ui_visibility"]["details_visible_flag"] is True


def test_a_field_whose_making_was_not_answered_is_found_again(opened: Opened) -> None:
    opened.standin.fault("organizationFields$", kind="drop_after", method="POST", skip=2)
    with pytest.raises(CopilotError, match="no usable answer"):
        opened.crm().set_up("EUR")
    opened.crm().set_up("EUR")
    names = _field_names(opened)
    assert len(names) == len(set(names)) == len(MADE)


def test_a_lost_option_and_another_currency_are_mended(opened: Opened) -> None:
    opened.crm().set_up("EUR")
    (band,) = [
        field
        for field in opened.company.each("organizationFields")
        if field["field_name"] == "Copilot Health Band"
    ]
    band["options"] = band["options"][1:]
    crm = opened.crm()
    assert [field.column for field in crm.missing_fields()] == ["health_band"]
    made = crm.set_up("USD")
    assert made.fields == ()
    assert set(made.other) == {
        "options of Copilot Health Band",
        "currency of Copilot ARR At Risk",
        "currency of Copilot Expected Renewal ARR",
    }
    assert "Copilot ARR At Risk (USD)" in _field_names(opened)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([("Copilot Reasons", "text"), ("Copilot Reasons", "text")], "two organisation fields"),
        ([("Copilot Health Score", "varchar")], "is of type varchar, not double"),
    ],
)
def test_fields_of_one_name_or_another_type_are_told_of(
    opened: Opened, fields: list[tuple[str, str]], words: str
) -> None:
    for number, (name, kind) in enumerate(fields):
        field = {"field_name": name, "field_type": kind, "field_code": f"{number:040x}"}
        opened.standin.seed("organizationFields", field)
    with pytest.raises(CopilotError, match=words):
        opened.crm()


def test_values_are_read_back_as_they_were_written(opened: Opened) -> None:
    first, second = opened.organizations(2)
    crm = opened.crm()
    crm.set_up("EUR")
    answers = crm.write([Change(first, VALUES), Change(second, {"health_score": 0.0})])
    assert [(answer.record_id, answer.code) for answer in answers] == [
        (first, None),
        (second, None),
    ]
    there = crm.read([first, second])
    assert {column: there[first].values[column] for column in VALUES} == VALUES
    assert there[first].name == "Org 0"
    assert there[second].values["health_score"] == 0.0
    emptied = dict.fromkeys(VALUES)
    crm.write([Change(first, dict(emptied))])
    assert {column: crm.read([first])[first].values[column] for column in VALUES} == emptied
    amount = crm._fields["arr_at_risk"].key
    crm.write([Change(first, {"arr_at_risk": 5.0})])
    opened.company.records["organizations"][first]["custom_fields"][amount]["currency"] = "USD"
    assert crm.read([first])[first].values["arr_at_risk"] is None  # five dollars are not ours


def test_deleted_and_merged_organisations_are_told_of_and_unknown_ones_lack(
    opened: Opened,
) -> None:
    kept, deleted, merged = opened.organizations(3)
    opened.standin.call("DELETE", f"/api/v2/organizations/{deleted}")
    body = {"merge_with_id": int(kept)}
    opened.standin.call("PUT", f"/api/v1/organizations/{merged}/merge", json=body)
    there = opened.crm().read([kept, deleted, merged, "4711"])
    assert {key: record.is_deleted for key, record in there.items()} == {
        kept: False,
        deleted: True,
        merged: True,
    }


def test_the_tokens_spent_are_those_estimated(opened: Opened) -> None:
    ids = opened.organizations(230)
    crm = opened.crm()
    crm.set_up("EUR")
    opened.company.settings["requests_per_two_seconds"] = 1000
    counted = opened.company.used_tokens
    crm = opened.crm()
    crm.read(ids)
    for start in range(0, len(ids), crm.write_batch):
        batch = ids[start : start + crm.write_batch]
        crm.write([Change(record_id, {"health_score": 1.0}) for record_id in batch])
    spent = crm.spending().units
    assert spent == crm.estimate(reads=230, writes=230) == 10 + 3 * 10 + 230 * 5
    assert opened.company.used_tokens - counted == spent
    crm.read(ids[:1])  # answers of many requests at once come in any order
    quota = crm.quota()
    assert quota is not None
    assert (quota.limit, quota.remaining, quota.unit) == (
        1_500_000,
        1_500_000 - opened.company.used_tokens,
        "tokens",
    )


def test_many_rows_wait_for_the_burst_limit_and_all_arrive(opened: Opened) -> None:
    """How near to the limit they come is for `benchmarks.pipedrive_limits`."""
    ids = opened.organizations(100)
    opened.company.settings["requests_per_two_seconds"] = 40
    crm = opened.crm()
    crm.set_up("EUR")
    time.sleep(2.1)
    begin = time.monotonic()
    answers = crm.write([Change(record_id, {"health_score": 2.0}) for record_id in ids])
    assert time.monotonic() - begin >= 4.0  # three bursts of at most forty
    assert all(answer.code is None for answer in answers)


def test_a_task_is_made_found_and_closed(opened: Opened) -> None:
    record_id, other = opened.organizations(2)
    crm = opened.crm()
    tasks = [
        NewTask(
            "aa11", record_id, None, "Call them", "Say <hello>\nand listen", "2026-05-06", "high"
        ),
        NewTask("bb22", other, "1", "Write to them", "x", "2026-05-07"),
        NewTask("cc33", "4711", None, "Nobody", "x", "2026-05-07"),
    ]
    answers = crm.create_tasks(tasks)
    assert [answer.code for answer in answers] == [None, None, "ERR_SCHEMA_VALIDATION_FAILED"]
    assert answers[2].record_id == "cc33"
    made = opened.company.records["activities"][answers[0].record_id]
    assert (made["owner_id"], made["type"], made["due_date"]) == (7, "task", "2026-05-06")
    assert made["note"] == "Say &lt;hello&gt;<br>and listen<br><br>Copilot action aa11"
    assert made["priority"] == 1
    assert opened.company.records["activities"][answers[1].record_id]["owner_id"] == 1
    assert crm.close_tasks([answers[0].record_id, "4711"])[1].code == "ERR_NOT_FOUND"
    there = crm.find_tasks(["aa11", "bb22", "zz"])
    assert {marker: task.is_open for marker, task in there.items()} == {"aa11": False, "bb22": True}
    page = opened.standin.http.get(f"{opened.standin.url}/organization/{record_id}").text
    assert "Say &amp;lt;hello" not in page
    assert "Call them" in page


def test_a_task_whose_making_was_not_answered_is_made_once(opened: Opened) -> None:
    record_id = opened.organizations(1)[0]
    task = NewTask("aa11", record_id, None, "Call them", "x", "2026-05-06")
    opened.standin.fault("activities$", kind="drop_after", method="POST")
    with pytest.raises(CopilotError, match="no usable answer"):
        opened.crm().create_tasks([task])
    assert list(opened.crm().find_tasks(["aa11"])) == ["aa11"]
    assert len(list(opened.company.each("activities"))) == 1
