"""The embedded server, the roles, the migrations and the run lock, on a real Postgres."""

import os
import stat
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Timer

import psutil
import psycopg
import pytest

from tests.integration.busy_server import unnoticed_ends
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.errors import CopilotError
from warehouse.lock import RUN_MARK, SOON, BusyError, run_lock
from warehouse.migrations import migrate
from warehouse.settings import Settings


def test_the_embedded_server_listens_on_this_machine_only_and_wants_its_password(
    warehouse: Warehouse, copilot_environment: Path
) -> None:
    assert "127.0.0.1" in warehouse.url()
    password = copilot_environment / "postgres" / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(warehouse.url().replace(password.read_text(), "guess"))


def test_a_second_start_finds_the_running_server(copilot_environment: Path) -> None:
    server = EmbeddedServer(copilot_environment)
    assert server.start() == server.start()


def test_a_second_migration_changes_nothing(warehouse: Warehouse, settings: Settings) -> None:
    def tables() -> list[tuple[object, ...]]:
        with warehouse.connect() as connection:
            return connection.execute(
                "select c.oid, relname, relacl::text from pg_class c join pg_namespace n"
                " on n.oid = relnamespace where nspname = any(%s) order by 1",
                ([warehouse.schema("ops"), warehouse.schema("ml")],),
            ).fetchall()

    before = tables()
    migrate(warehouse, settings)
    assert tables() == before
    assert len(before) > 10


@pytest.mark.parametrize(
    ("role", "schema", "statement"),
    [
        (Role.ANALYST, "ml", "select * from {}.churn_score"),
        (Role.ANALYST, "ops", "select * from {}.audit_log"),
        (Role.SCIENTIST, "ops", "select * from {}.sync_row"),
        (Role.PUBLISHER, "ml", "delete from {}.churn_score"),
        (Role.PUBLISHER, "ops", "delete from {}.audit_log"),
        (Role.LOADER, "ops", "update {}.audit_log set actor = 'x'"),
        (Role.TRANSFORMER, "ml", "delete from {}.churn_score"),
        (Role.SCIENTIST, "ops", "select * from {}.audit_log"),
        (Role.SCIENTIST, "ml", "update {}.model_decision set reason = 'x'"),
        (Role.SCIENTIST, "ml", "delete from {}.model_artifact"),
        (Role.TRANSFORMER, "raw_app", "create table {}.sneaked ()"),
    ],
)
def test_a_role_cannot_do_what_is_not_its_work(
    warehouse: Warehouse, role: Role, schema: str, statement: str
) -> None:
    with warehouse.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(f'"{warehouse.schema(schema)}"').encode())


def test_two_runs_at_once_are_refused_by_name(warehouse: Warehouse) -> None:
    with (
        run_lock(warehouse),
        pytest.raises(CopilotError, match=rf"Another run .*run {os.getpid()}@"),
        run_lock(warehouse),
    ):
        pytest.fail("the second run got the lock")
    with run_lock(warehouse):
        pass


def test_a_run_that_has_ended_is_not_in_the_way_of_the_next_though_its_session_lives_on(
    warehouse: Warehouse,
) -> None:
    with unnoticed_ends() as sessions:
        with run_lock(warehouse):
            pass
        with pytest.raises(CopilotError, match="it failed"), run_lock(warehouse):
            raise CopilotError("it failed", "")
    with run_lock(warehouse):
        pass
    assert len(sessions) == 2
    for session in sessions:
        session.close()


def test_a_run_waits_for_what_lands_in_between_and_that_never_waits_for_a_run(
    warehouse: Warehouse,
) -> None:
    with ExitStack() as work:
        work.enter_context(run_lock(warehouse, SOON))
        with pytest.raises(BusyError, match="soon"), run_lock(warehouse, patience=0):
            pytest.fail("a run that has no patience got the lock")
        timer = Timer(0.3, work.close)
        timer.start()
        with run_lock(warehouse):
            timer.join()
            start = time.monotonic()
            with pytest.raises(BusyError), run_lock(warehouse, SOON):
                pytest.fail("it got the lock while a run was working")
            assert time.monotonic() - start < 1


def test_a_new_run_ends_what_a_killed_run_left_behind(
    warehouse: Warehouse, copilot_environment: Path
) -> None:
    left_over = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={**os.environ, RUN_MARK: str(copilot_environment)},
    )
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        with run_lock(warehouse):
            left_over.wait(10)
            assert not psutil.pid_exists(left_over.pid)
            assert stranger.poll() is None
    finally:
        stranger.kill()
        left_over.kill()


def test_an_unreachable_database_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("COPILOT_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:9/none")
    with pytest.raises(CopilotError, match="127.0.0.1:9") as caught:
        open_warehouse(settings)
    assert "hunter2" not in str(caught.value)
    assert "COPILOT_DATABASE_URL" in str(caught.value)


def test_a_url_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("COPILOT_DATABASE_URL", "not a url")
    with pytest.raises(CopilotError, match="COPILOT_DATABASE_URL"):
        open_warehouse(settings)
