"""Reverse ETL to Salesforce: only what changed is sent, and the ledger says what became of it."""

from collections import Counter

import pytest

from connectors.destinations.salesforce.fields import ANSWER_NAMES, API_NAMES
from connectors.destinations.salesforce.setup import READER, WRITER
from connectors.sandbox.salesforce.ids import make_id
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import (
    AS_OF,
    Publisher,
    Read,
    outbound,
    rejections,
    states,
)
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

NAMES = ", ".join(API_NAMES.values())


def test_fields_and_permissions_are_made_once(publisher: Publisher, sandbox: Sandbox) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    made = (*API_NAMES.values(), *ANSWER_NAMES.values())
    assert publisher.run().fields_made == made
    calls = len(made) + 1  # and the marker of tasks
    assert sandbox.calls("POST", "/tooling/sobjects/CustomField") == calls
    publisher.send(outbound(ids[0], health_score=10))
    assert publisher.run("second").fields_made == ()
    assert sandbox.calls("POST", "/tooling/sobjects/CustomField") == calls
    sets = {row["Id"]: row["Name"] for row in sandbox.query("SELECT Id, Name FROM PermissionSet")}
    columns = "ParentId, Field, PermissionsEdit"
    grants = sandbox.query(f"SELECT {columns} FROM FieldPermissions WHERE PermissionsRead = true")
    assert Counter(sets[grant["ParentId"]] for grant in grants) == {WRITER: calls, READER: calls}
    may_edit = {
        WRITER: {*API_NAMES.values(), "Copilot_Marker__c"},
        READER: {*ANSWER_NAMES.values()},
    }
    for grant in grants:
        name = grant["Field"].partition(".")[2]
        assert grant["PermissionsEdit"] == (name in may_edit[sets[grant["ParentId"]]]), grant


def test_every_value_arrives_as_it_is_in_the_warehouse(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    publisher.run()
    (account,) = sandbox.query(f"SELECT {NAMES} FROM Account")
    account.pop("attributes")
    assert account == {
        "Copilot_Health_Score__c": 71.5,
        "Copilot_Health_Band__c": "watch",
        "Copilot_Health_Change_30d__c": -4.2,
        "Copilot_Health_Trend__c": "steady",
        "Copilot_Churn_Probability__c": 12.3,
        "Copilot_Risk_Tier__c": "medium",
        "Copilot_Score_Basis__c": "model",
        "Copilot_Reasons__c": "Logins fell by 40% in 28 days.\nTwo invoices are overdue.",
        "Copilot_Next_Action__c": "Call the champion",
        "Copilot_Expansion_Propensity__c": 30.0,
        "Copilot_Expansion_Product__c": "Analytics",
        "Copilot_ARR_At_Risk__c": 1234.56,
        "Copilot_Renewal_Date__c": "2026-09-01",
        "Copilot_Expected_Renewal_ARR__c": 9000.5,
        "Copilot_As_Of__c": AS_OF.isoformat(),
        "Copilot_Report_URL__c": "http://127.0.0.1:3000/accounts/x",
    }


def test_450_changed_rows_take_three_calls_and_a_second_run_sends_no_write(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(450)
    publisher.send(*(outbound(record_id) for record_id in ids))
    result = publisher.run("first")
    assert (result.applied, result.failed, result.write_calls) == (450, 0, 3)
    assert sandbox.calls("POST", "/composite") == 3
    stamps = sandbox.query("SELECT Id, SystemModstamp FROM Account")
    sandbox.forget()

    again = publisher.run("second")

    assert (again.unchanged, again.applied, again.failed) == (450, 0, 0)
    assert sandbox.writes() == 0
    assert sandbox.query("SELECT Id, SystemModstamp FROM Account") == stamps
    assert states(ledger, "first") == {"applied": 450}
    assert states(ledger, "second") == {"unchanged": 450}
    assert ledger("select count(*) from publish_intent where settled_at is null") == [(0,)]


def test_only_the_fields_that_differ_are_sent(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(2)
    publisher.send(*(outbound(record_id) for record_id in ids))
    publisher.run()
    publisher.send(outbound(ids[0], health_score=60, risk_tier=None), outbound(ids[1]))
    plan = publisher.plan()
    assert [row.record_id for row in plan.changed] == [ids[0]]
    assert plan.changed[0].changes == {
        "health_score": (71.5, 60.0),
        "risk_tier": ("medium", None),
    }
    assert any("71.5 -> 60.0" in line for line in plan.lines())
    publisher.apply(plan, "second")
    fields = ledger("select fields from sync_row where run_id = 'second' and state = 'applied'")
    assert fields == [
        (
            {
                "health_score": {"old": 71.5, "new": 60.0},
                "risk_tier": {"old": "medium", "new": None},
            },
        )
    ]


def test_a_plan_writes_nothing(publisher: Publisher, sandbox: Sandbox, ledger: Read) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    sandbox.forget()
    plan = publisher.plan()
    assert len(plan.missing_fields) == len(API_NAMES) + len(ANSWER_NAMES)
    assert sandbox.writes() == 0
    assert ledger("select count(*) from sync_row") == [(0,)]


def test_values_that_salesforce_stores_alike_are_no_change(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(
        outbound(ids[0], arr_at_risk=100.125, next_action=" Call ", expansion_product="")
    )
    publisher.run()
    publisher.send(outbound(ids[0], arr_at_risk=100.13, next_action="Call", expansion_product=None))
    assert publisher.plan().changed == []


def test_one_bad_row_is_rejected_in_the_vendors_words_and_the_others_apply(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(3)
    publisher.send(
        outbound(ids[0]),
        outbound(ids[1], next_action="x" * 256),
        outbound(ids[2], health_band="splendid"),
    )
    result = publisher.run()
    assert (result.applied, result.rejected, result.failed) == (1, 2, 2)
    words: dict[str, str] = dict(
        ledger("select record_id, message from sync_row where state = 'rejected'")
    )
    assert words[ids[1]].startswith(
        "STRING_TOO_LONG: Copilot Next Action: data value too large: xxx"
    )
    assert "(max length=255)\n-> The field in Salesforce is shorter" in words[ids[1]]
    assert words[ids[2]] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: Copilot Health Band: bad value for restricted"
        " picklist field: splendid\n-> Put the value back among those of the picklist (Setup,"
        " Object Manager, Account, Fields)."
    )
    assert states(ledger) == {"applied": 1, "rejected": 2}


def test_a_rejected_row_is_tried_again_on_the_next_run(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(2)
    publisher.send(outbound(ids[0]), outbound(ids[1], risk_tier="much too long"))
    publisher.run("first")
    publisher.send(outbound(ids[0]), outbound(ids[1]))
    publisher.run("second")
    assert states(ledger, "second") == {"unchanged": 1, "applied": 1}


def test_deleted_unknown_and_malformed_records_are_rejected_by_name_and_never_created(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(2)
    sandbox.http.delete(sandbox.url(f"sobjects/Account/{ids[1]}"))
    absent, hostile = make_id("001", 9999), "x') OR Name != ('"
    publisher.send(*(outbound(item) for item in (ids[0], ids[1], absent, hostile)))
    result = publisher.run()
    assert (result.applied, result.rejected) == (1, 3)
    words: dict[str, str] = dict(
        ledger("select record_id, message from sync_row where state = 'rejected'")
    )
    assert words == {
        ids[1]: "The account is deleted in Salesforce.",
        absent: "Salesforce has no such account, or the copilot's user may not see it.",
        hostile: "This is not the id of a Salesforce account.",
    }
    assert len(sandbox.query("SELECT Id FROM Account", deleted=True)) == 2


def test_a_merged_record_is_named_with_the_one_it_became(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    (survivor,) = sandbox.seed_accounts(1)
    merged = make_id("001", 77)
    gone = {"Id": merged, "Name": "Gone", "IsDeleted": True, "MasterRecordId": survivor}
    sandbox.seed(("Account", gone))
    publisher.send(outbound(survivor), outbound(merged))
    assert publisher.run().applied == 1
    assert rejections(ledger) == {
        merged: f"The account was merged into {survivor} in Salesforce; its link follows with the"
        " next sync."
    }


def test_a_record_deleted_between_plan_and_apply_is_rejected(
    publisher: Publisher, sandbox: Sandbox, ledger: Read
) -> None:
    ids = sandbox.seed_accounts(2)
    publisher.send(*(outbound(record_id) for record_id in ids))
    plan = publisher.plan()
    sandbox.http.delete(sandbox.url(f"sobjects/Account/{ids[0]}"))
    publisher.apply(plan)
    assert ledger(f"select state, message from sync_row where record_id = '{ids[0]}'") == [
        ("rejected", "The account is deleted in Salesforce.")
    ]


def test_nothing_but_the_copilots_own_fields_is_ever_written(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_accounts(1)
    columns = "Name, Industry, Phone, OwnerId, CreatedDate, Website, Type, Segment__c"
    before = sandbox.query(f"SELECT {columns} FROM Account")
    publisher.send(outbound(ids[0]))
    publisher.run()
    assert sandbox.query(f"SELECT {columns} FROM Account") == before


def test_a_field_of_another_type_is_named(publisher: Publisher, sandbox: Sandbox) -> None:
    sandbox.http.post(
        sandbox.url("tooling/sobjects/CustomField"),
        json={
            "FullName": "Account.Copilot_Health_Score__c",
            "Metadata": {"type": "Text", "label": "Mine", "length": 20},
        },
    ).raise_for_status()
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    with pytest.raises(CopilotError, match=r"Copilot_Health_Score__c.* is of type string"):
        publisher.run()


def test_a_field_that_somebody_removed_is_made_again(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]))
    publisher.run("first")
    answer = sandbox.http.get(
        sandbox.url("tooling/query"),
        params={"q": "SELECT Id FROM CustomField WHERE DeveloperName = 'Copilot_Reasons'"},
    )
    record_id = answer.json()["records"][0]["Id"]
    sandbox.http.delete(sandbox.url(f"tooling/sobjects/CustomField/{record_id}"))
    result = publisher.run("second")
    assert result.fields_made == ("Copilot_Reasons__c",)
    assert result.applied == 1


def test_who_did_what_is_logged(publisher: Publisher, sandbox: Sandbox, ledger: Read) -> None:
    ids = sandbox.seed_accounts(2)
    publisher.send(*(outbound(record_id) for record_id in ids))
    publisher.run("run-7")
    entries = ledger("select actor, action, object, object_id, detail from audit_log order by 2")
    assert [entry[:4] for entry in entries] == [
        ("copilot", "set_up", "salesforce.Account", "run-7"),
        ("copilot", "update", "salesforce.Account", "run-7"),
    ]
    assert entries[1][4] == {"applied": ids, "rejected": []}


def test_an_absent_outbound_table_is_told_with_what_to_do(
    publisher: Publisher, warehouse: Warehouse
) -> None:
    with warehouse.connect() as connection:
        table = f'"{warehouse.schema("publish")}".sync_salesforce_account'
        connection.execute(f"drop table {table}".encode())
    with pytest.raises(CopilotError, match="no table") as raised:
        publisher.plan()
    assert "copilot build" in raised.value.hint


def test_two_rows_for_one_account_stop_the_run(publisher: Publisher, sandbox: Sandbox) -> None:
    ids = sandbox.seed_accounts(1)
    publisher.send(outbound(ids[0]), outbound(ids[0][:15]))
    with pytest.raises(CopilotError, match="same Salesforce account"):
        publisher.plan()
