"""The login with which an Airbyte server writes into the warehouse."""

from typing import Any

import psycopg
import pytest

from tests.integration.airbyte.conftest import (
    StandIn,
    actions,
    walk,
)
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError


def test_the_destination_writes_as_the_loader_and_the_transformer_can_read(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    given = stand_in.rows("destination")[0]["configuration"]
    assert given["drop_cascade"] is True
    assert given["unconstrained_number"] is True
    raw, internal = warehouse.schema("raw_stripe"), given["raw_data_schema"]
    with _login(given) as session:
        assert session.execute("select current_user").fetchone() == (
            warehouse.role_name(Role.LOADER),
        )
        session.execute(f'create schema if not exists "{raw}"'.encode())
        session.execute(f'create table "{internal}".invoices (id text)'.encode())
        session.execute(f'alter table "{internal}".invoices set schema "{raw}"'.encode())
    with warehouse.connect(Role.TRANSFORMER) as reader:
        assert reader.execute(f'select count(*) from "{raw}".invoices'.encode()).fetchone() == (0,)
    with warehouse.connect() as connection:
        connection.execute(f'drop table "{raw}".invoices'.encode())


def test_the_destinations_login_can_do_no_more_than_the_loader(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    walk(stand_in, warehouse, applies=True)
    given = stand_in.rows("destination")[0]["configuration"]
    marts = warehouse.schema("marts")
    ops = warehouse.schema("ops")
    for statement in (
        f'create table "{marts}".x (id text)',
        f'drop table "{ops}".sync_run',
        f'select * from "{ops}".audit_log',
        f'set role "{warehouse.role_name(Role.PUBLISHER)}"',
        "create role someone",
    ):
        with (
            _login(given) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute(statement.encode())


def _login(given: dict[str, Any]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=given["host"],
        port=given["port"],
        dbname=given["database"],
        user=given["username"],
        password=given["password"],
    )


def test_a_login_that_was_dropped_is_made_anew(stand_in: StandIn, warehouse: Warehouse) -> None:
    walk(stand_in, warehouse, applies=True)
    given = stand_in.rows("destination")[0]["configuration"]
    with warehouse.connect() as connection:
        connection.execute(f'drop role "{given["username"]}"'.encode())
    plan = walk(stand_in, warehouse, applies=True)
    assert actions(plan)[0] == ("update", "destination warehouse")
    renewed = stand_in.rows("destination")[0]["configuration"]
    assert renewed["password"] != given["password"]
    _login(renewed).close()


def test_a_database_that_only_this_machine_reaches_is_refused(
    stand_in: StandIn, warehouse: Warehouse
) -> None:
    airbyte = stand_in.settings.airbyte.model_copy(update={"database_host": None})
    settings = stand_in.settings.model_copy(update={"airbyte": airbyte})
    with pytest.raises(CopilotError, match="127.0.0.1 only") as caught:
        walk(stand_in, warehouse, applies=True, settings=settings)
    assert "airbyte.database_host" in caught.value.hint
    assert stand_in.writes() == 0
