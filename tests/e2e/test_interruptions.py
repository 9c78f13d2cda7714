"""A run that is killed, a server of one's own, and what a person sees when something is wrong."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.company import LASTING, SMALL_SAMPLE, Company, fingerprint
from warehouse.embedded import EmbeddedServer

pytestmark = pytest.mark.e2e


CHANCE = random.Random()


@pytest.fixture(scope="module")
def external_server(copilot_environment: Path) -> Iterator[str]:
    """Yield the URL of a Postgres that is not ours: the machine's, or one of our own kind."""
    postgres, initdb = shutil.which("postgres"), shutil.which("initdb")
    if not postgres or not initdb:
        other = EmbeddedServer(copilot_environment / "external")
        yield other.start()
        other.stop()
        return
    data = copilot_environment / "external"
    data.mkdir(mode=0o700)
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(data, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        copilot_environment.chmod(0o755)
    subprocess.run(
        [initdb, "-D", data, "-U", "someone", "--auth=trust", "--encoding=UTF8"],
        check=True, user=user, stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    port = str(20_000 + os.getpid() % 20_000)
    server = subprocess.Popen(
        [postgres, "-D", data, "-p", port, "-k", "", "-c", "fsync=off"],
        user=user, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    time.sleep(3)
    yield f"postgresql://someone@127.0.0.1:{port}/postgres"
    server.send_signal(signal.SIGINT)
    server.wait(30)


@pytest.fixture(scope="module")
def disturbed(copilot_environment: Path, external_server: str) -> Iterator[Company]:
    """Yield the first company once more, on another server, whose runs do not end by themselves."""
    made = Company(
        copilot_environment / "disturbed",
        SMALL_SAMPLE + "schema_prefix: acme_\n",
        {"COPILOT_DATABASE_URL": external_server},
    )
    yield made
    made.stop()


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill the run's own process as a crash would, leaving its children behind."""
    process.kill()
    process.wait()


def wait_for_lock(company: Company, run: "subprocess.Popen[str]") -> None:
    """Wait until the run holds the company's lock; before that, the other would win."""
    with company.warehouse().connect() as connection:
        connection.autocommit = True
        for _ in range(600):
            assert run.poll() is None, run.communicate()
            found = connection.execute(
                "select 1 from pg_stat_activity where application_name like %s",
                (f"%:run {run.pid}@%",),
            )
            if found.fetchone():
                return
            time.sleep(0.1)
    raise AssertionError("the run never took the lock")


def test_a_run_refuses_another_and_the_next_mends_what_it_left_when_killed(
    company: Company, disturbed: Company
) -> None:
    """At one moment of many; `benchmarks.killed_runs` takes ten."""
    first = disturbed.start("run")
    wait_for_lock(disturbed, first)
    said = disturbed.copilot("sync", "stripe", succeeds=False)
    assert "Another run is working on" in said
    assert f"run {first.pid}@" in said
    assert "nothing was changed" in said
    time.sleep(CHANCE.uniform(0, 25))
    assert first.poll() is None, first.communicate()
    kill(first)
    disturbed.copilot("run")
    assert fingerprint(disturbed.warehouse(), LASTING) == company.first_fingerprint
    with disturbed.warehouse().connect() as connection:
        statuses = connection.execute(
            "select status from acme_ops.run order by started_at"
        ).fetchall()
    assert [status for (status,) in statuses] == ["interrupted", "published"]


def test_on_a_shared_server_everything_lies_behind_the_prefix(disturbed: Company) -> None:
    with disturbed.warehouse().connect() as connection:
        schemas = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^(pg_|information_)'"
        ).fetchall()
    assert {"acme_marts", "acme_ml"} <= {name for (name,) in schemas}
    assert {name for (name,) in schemas if not name.startswith("acme_")} <= {"public"}


@pytest.mark.parametrize(
    ("settings", "variables", "words"),
    [
        ("sources: [app]\nchurn: {horizon: 9}\n", {}, ["churn.horizon", "no such key"]),
        (
            "sources: [app]\n",
            {"COPILOT_DATABASE_URL": "postgresql://x:secret@127.0.0.1:9/none"},
            ["127.0.0.1:9", "cannot be reached", "COPILOT_DATABASE_URL"],
        ),
    ],
)
def test_a_wrong_set_up_is_named(
    tmp_path: Path, settings: str, variables: dict[str, str], words: list[str]
) -> None:
    said = Company(tmp_path / "home", settings, variables).copilot("run", succeeds=False)
    for word in words:
        assert word in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_no_process_outlives_the_command_but_the_two_servers(company: Company) -> None:
    mine = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            is_the_tests = process.ppid() == os.getpid()
            if process.environ().get("COPILOT_HOME") == str(company.home) and not is_the_tests:
                mine.append(" ".join(process.cmdline()))
    assert all("connectors.sandbox" in command for command in mine), mine
    assert EmbeddedServer(company.home).is_running()
