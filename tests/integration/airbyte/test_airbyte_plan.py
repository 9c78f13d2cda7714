"""`copilot airbyte plan` and `apply` against a server, over real HTTP."""

import warnings
from dataclasses import replace
from typing import Any

import pytest
from psycopg import sql

from connectors.runner import ConfiguredStream
from tests.integration.airbyte.conftest import (
    SECRETS,
    TEST_VENDORS,
    StandIn,
    actions,
    walk,
)
from warehouse.database import Warehouse
from warehouse.settings import Settings

ALL = ["destination warehouse"] + [
    f"{kind} {source}" for source in ("zendesk", "stripe") for kind in ("source", "connection")
]


def test_a_plan_names_what_would_be_made_and_makes_nothing(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    plan = walk(stand_in, warehouse, applies=False)
    assert actions(plan) == [("create", what) for what in ALL]
    assert stand_in.writes() == 0
    assert not plan.is_done
    with warehouse.connect() as connection:
        row = connection.execute("select to_regrole('copilot_airbyte')").fetchone()
    assert row == (None,)


def test_apply_makes_it_and_a_second_apply_does_nothing(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    assert actions(walk(stand_in, warehouse, applies=True)) == [("create", what) for what in ALL]
    stand_in.admin("DELETE", "faults")
    again = walk(stand_in, warehouse, applies=True)
    assert actions(again) == [("keep", what) for what in ALL]
    assert again.is_done
    assert stand_in.writes() == 0


def test_a_connection_lands_in_the_raw_schema_as_the_runner_would_read_it(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    connections = {row["name"].split(": ")[1]: row for row in stand_in.rows("connection")}
    found = connections["stripe"]
    assert found["namespaceDefinition"] == "custom_format"
    assert found["namespaceFormat"] == warehouse.schema("raw_stripe")
    assert found["prefix"] == ""
    assert found["schedule"] == {"scheduleType": "manual"}
    assert found["nonBreakingSchemaUpdatesBehavior"] == "propagate_columns"
    streams = {stream["name"]: stream for stream in found["configurations"]["streams"]}
    assert set(streams) == {stream.name for stream in TEST_VENDORS["stripe"].streams}
    assert streams["invoices"]["syncMode"] == "incremental_deduped_history"
    assert streams["invoices"]["primaryKey"] == [["id"]]


def test_no_secret_is_in_a_plan_or_in_the_ledger(stand_in: StandIn, warehouse: Warehouse) -> None:
    lines = "\n".join(walk(stand_in, warehouse, applies=True).lines())
    lines += "\n".join(
        walk(stand_in, warehouse, applies=False, secrets=_other_stripe_key()).lines()
    )
    password = stand_in.rows("destination")[0]["configuration"]["password"]
    with warehouse.connect() as connection:
        ledger = str(
            connection.execute(
                sql.SQL("select * from {}").format(
                    sql.Identifier(warehouse.schema("ops"), "airbyte_resource")
                )
            ).fetchall()
        )
    assert "stripe" in ledger
    for secret in (*SECRETS.values(), *_other_stripe_key().values(), password):
        assert secret not in lines
        assert secret not in ledger


def test_no_secret_is_in_a_warning(stand_in: StandIn, warehouse: Warehouse) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        walk(stand_in, warehouse, applies=True)
        walk(stand_in, warehouse, applies=True, secrets=_other_stripe_key())
    assert [str(one.message) for one in caught if "ydantic" in str(one.message)] == []


def _other_stripe_key() -> dict[str, str]:
    return {**SECRETS, "STRIPE_SECRET_KEY": "sk_live_9876543210"}


def test_a_changed_secret_is_noticed_though_the_server_shows_asterisks(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    shown = stand_in.api("GET", "sources")["data"]
    assert {row["configuration"].get("client_secret") for row in shown} == {None, "**********"}
    changed = _other_stripe_key()
    plan = walk(stand_in, warehouse, applies=False, secrets=changed)
    assert [what for action, what in actions(plan) if action == "update"] == ["source stripe"]
    walk(stand_in, warehouse, applies=True, secrets=changed)
    kept = {row["sourceType"]: row["configuration"] for row in stand_in.rows("source")}
    assert kept["stripe"]["client_secret"] == changed["STRIPE_SECRET_KEY"]
    assert kept["zendesk-support"]["credentials"]["api_token"] == SECRETS["ZENDESK_TOKEN"]
    assert walk(stand_in, warehouse, applies=False, secrets=changed).is_done


def test_what_was_changed_on_the_server_is_set_right_and_named(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    connection = next(row for row in stand_in.rows("connection") if "stripe" in row["name"])
    streams = connection["configurations"]["streams"]
    streams[0] |= {"syncMode": "full_refresh_overwrite"}
    stand_in.api(
        "PATCH",
        f"connections/{connection['connectionId']}",
        {
            "namespaceFormat": "somewhere_else",
            "schedule": {"scheduleType": "cron", "cronExpression": "0 0 3 * * ?"},
            "status": "inactive",
            "configurations": {"streams": streams},
        },
    )
    plan = walk(stand_in, warehouse, applies=True)
    step = next(step for step in plan.steps if step.action == "update")
    assert step.changes == (
        "namespaceFormat",
        "status",
        "schedule",
        f"stream {streams[0]['name']}",
    )
    assert walk(stand_in, warehouse, applies=False).is_done
    kept = next(row for row in stand_in.rows("connection") if "stripe" in row["name"])
    assert kept["namespaceFormat"] == warehouse.schema("raw_stripe")
    assert kept["status"] == "active"


def test_a_changed_setting_is_named_by_its_key(stand_in: StandIn, warehouse: Warehouse) -> None:
    walk(stand_in, warehouse, applies=True)
    settings = stand_in.settings.model_copy(
        update={"sync": stand_in.settings.sync.model_copy(update={"start_date": "2025-01-01"})}
    )
    plan = walk(stand_in, warehouse, applies=False, settings=settings)
    changed = {step.name.split(": ")[1]: step.changes for step in plan.steps if step.changes}
    assert changed == {"stripe": ("start_date",), "zendesk": ("start_date",)}


def test_a_token_that_the_server_has_renewed_outlives_a_change_of_settings(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    source = next(row for row in stand_in.rows("source") if row["sourceType"] == "stripe")
    source["configuration"]["client_secret"] = "renewed by the vendor"
    stand_in.server.store.add("source", source["sourceId"], source)
    settings = stand_in.settings.model_copy(
        update={"sync": stand_in.settings.sync.model_copy(update={"start_date": "2025-01-01"})}
    )
    walk(stand_in, warehouse, applies=True, settings=settings)
    kept = next(row for row in stand_in.rows("source") if row["sourceType"] == "stripe")
    assert kept["configuration"]["start_date"] == "2025-01-01T00:00:00Z"
    assert kept["configuration"]["client_secret"] == "renewed by the vendor"
    assert walk(stand_in, warehouse, applies=False, settings=settings).is_done
    walk(stand_in, warehouse, applies=True, settings=settings, secrets=_other_stripe_key())
    kept = next(row for row in stand_in.rows("source") if row["sourceType"] == "stripe")
    assert kept["configuration"]["client_secret"] == _other_stripe_key()["STRIPE_SECRET_KEY"]


def test_what_people_made_by_hand_is_not_touched(stand_in: StandIn, warehouse: Warehouse) -> None:
    workspace = stand_in.server.workspace_id
    configuration = {"sourceType": "stripe", "client_secret": "theirs", "account_id": "acct_9"}
    stand_in.api(
        "POST",
        "sources",
        {"name": "Finance's Stripe", "workspaceId": workspace, "configuration": configuration},
    )
    before = stand_in.rows("source")
    walk(stand_in, warehouse, applies=True)
    walk(stand_in, warehouse, applies=True, secrets=_other_stripe_key())
    assert stand_in.rows("source")[:1] == before
    assert len(stand_in.rows("source")) == 3


def test_a_stream_that_somebody_added_to_a_connection_stays(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    stand_in.admin("PUT", "source_types/stripe", {"streams": [*_stripe_streams(), EXTRA]})
    walk(stand_in, warehouse, applies=True)
    connection = next(row for row in stand_in.rows("connection") if "stripe" in row["name"])
    streams = [*connection["configurations"]["streams"], {"name": "disputes"}]
    path = f"connections/{connection['connectionId']}"
    stand_in.api("PATCH", path, {"configurations": {"streams": streams}})
    assert walk(stand_in, warehouse, applies=False).is_done
    stand_in.api("PATCH", path, {"configurations": {"streams": streams[1:]}})
    walk(stand_in, warehouse, applies=True)
    kept = next(row for row in stand_in.rows("connection") if "stripe" in row["name"])
    names = {stream["name"] for stream in kept["configurations"]["streams"]}
    assert names == {stream["name"] for stream in streams}


EXTRA: dict[str, Any] = {
    "name": "disputes",
    "json_schema": {"properties": {"id": {"type": "string"}}},
    "supported_sync_modes": ["full_refresh"],
}


def _stripe_streams() -> list[dict[str, Any]]:
    from tests.integration.airbyte.conftest import catalog

    return catalog("stripe")


def test_a_lost_ledger_makes_nothing_twice(stand_in: StandIn, warehouse: Warehouse) -> None:
    walk(stand_in, warehouse, applies=True)
    with warehouse.connect() as connection:
        connection.execute(
            sql.SQL("truncate {}").format(
                sql.Identifier(warehouse.schema("ops"), "airbyte_resource")
            )
        )
    walk(stand_in, warehouse, applies=True)
    for kind, count in (("source", 2), ("destination", 1), ("connection", 2)):
        assert len(stand_in.rows(kind)) == count
    assert walk(stand_in, warehouse, applies=False).is_done


@pytest.mark.parametrize("kind", ["source", "destination"])
def test_what_was_renamed_by_hand_is_still_the_copilots_own(
    stand_in: StandIn, warehouse: Warehouse, kind: str
) -> None:
    walk(stand_in, warehouse, applies=True)
    before = stand_in.rows(kind)
    stand_in.api("PATCH", f"{kind}s/{before[0][f'{kind}Id']}", {"name": "Renamed"})
    plan = walk(stand_in, warehouse, applies=True)
    assert [step.changes for step in plan.steps if step.action == "update"] == [("name",)]
    names = [[row["name"] for row in rows] for rows in (before, stand_in.rows(kind))]
    assert sorted(names[0]) == sorted(names[1])


def test_a_connection_that_was_deleted_by_hand_is_made_anew(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    gone = stand_in.rows("connection")[0]["connectionId"]
    stand_in.api("DELETE", f"connections/{gone}")
    plan = walk(stand_in, warehouse, applies=True)
    assert [kind for kind, _ in actions(plan)].count("create") == 1
    assert gone not in {row["connectionId"] for row in stand_in.rows("connection")}
    assert walk(stand_in, warehouse, applies=False).is_done


def test_two_things_of_the_copilots_name_are_refused(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    name = walk(stand_in, warehouse, applies=False).steps[-1].name
    for _ in range(2):
        body = {
            "name": name,
            "workspaceId": stand_in.server.workspace_id,
            "configuration": {"sourceType": "stripe"},
        }
        stand_in.api("POST", "sources", body)
    plan = walk(stand_in, warehouse, applies=False)
    assert len(plan.failures) == 1
    assert f"2 things named '{name}'" in plan.failures[0]
    assert ("create", "source zendesk") in actions(plan)


def test_a_source_that_is_listed_no_longer_is_left_and_named(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    fewer = Settings.model_validate(
        {**stand_in.settings.model_dump(exclude={"sources"}), "sources": ["zendesk"]}
    )
    plan = walk(stand_in, warehouse, applies=True, settings=fewer)
    assert plan.is_done
    assert [what for action, what in actions(plan) if action == "unused"] == [
        "connection stripe",
        "source stripe",
    ]
    assert len(stand_in.rows("source")) == 2


def test_one_source_without_credentials_does_not_keep_the_others(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    plan = walk(stand_in, warehouse, applies=True, secrets={"STRIPE_SECRET_KEY": "sk_live_1234"})
    assert [failure.split("\n")[0] for failure in plan.failures] == [
        "zendesk: The credentials of zendesk are not set: ZENDESK_TOKEN."
    ]
    assert ("create", "connection stripe") in actions(plan)
    assert len(stand_in.rows("connection")) == 1


def test_a_vendor_that_refuses_the_credentials_is_named_with_its_words(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    stand_in.offer("stripe", accepts={"client_secret": "another"}, refusal="Invalid API Key")
    plan = walk(stand_in, warehouse, applies=True)
    assert len(plan.failures) == 1
    assert "Stripe lets the Airbyte server list no streams" in plan.failures[0]
    assert "Invalid API Key" in plan.failures[0]
    assert ("create", "connection zendesk") in actions(plan)
    assert stand_in.calls("GET", "/streams") == 2
    stand_in.offer("stripe")
    assert walk(stand_in, warehouse, applies=True).failures == ()


def test_a_stream_that_the_servers_connector_lacks_is_named(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    kept = [stream for stream in _stripe_streams() if stream["name"] != "invoices"]
    stand_in.admin("PUT", "source_types/stripe", {"streams": kept})
    plan = walk(stand_in, warehouse, applies=True)
    assert "it has no stream 'invoices'" in plan.failures[0]


def test_a_stream_that_the_vendor_offers_later_is_found_past_what_the_server_remembers(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    disputes = ConfiguredStream("disputes", is_optional=True)
    stripe = replace(TEST_VENDORS["stripe"], streams=(*TEST_VENDORS["stripe"].streams, disputes))
    vendors = {**TEST_VENDORS, "stripe": stripe}
    walk(stand_in, warehouse, applies=True, vendors=vendors)
    stand_in.admin("PUT", "source_types/stripe", {"streams": [*_stripe_streams(), EXTRA]})
    plan = walk(stand_in, warehouse, applies=False, vendors=vendors)
    assert [step.changes for step in plan.steps if step.action == "update"] == [
        ("stream disputes",)
    ]
    walk(stand_in, warehouse, applies=True, vendors=vendors)
    assert walk(stand_in, warehouse, applies=False, vendors=vendors).is_done


def test_another_kind_of_source_under_the_copilots_name_is_refused(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    vendors = {"stripe": replace(TEST_VENDORS["stripe"], definition="zendesk-support")}
    only = Settings.model_validate(
        {**stand_in.settings.model_dump(exclude={"sources"}), "sources": ["stripe"]}
    )
    walk(stand_in, warehouse, applies=True, settings=only)
    plan = walk(stand_in, warehouse, applies=True, settings=only, vendors=vendors)
    assert "is of the type stripe, not zendesk-support" in plan.failures[0]
