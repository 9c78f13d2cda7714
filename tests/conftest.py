"""Fixtures for all tests: one embedded Postgres a session, one installation a test module."""

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from connectors.sandbox.process import stop as stop_sandbox
from orchestration.resources.dbt_process import OBJECTS_BETWEEN_LOOKS
from tests.parsed import PARSED
from warehouse.database import Warehouse, open_warehouse
from warehouse.embedded import OPTIONS, EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import SOURCES, Settings

gc.set_threshold(*OBJECTS_BETWEEN_LOOKS)
# Read when the first model is loaded. The tests' processes share the cores already, and threads
# that wait for each other there spin: twice the time, and a third more of the processor.
os.environ["OMP_NUM_THREADS"] = "1"


class EndToEndTogether(LoadFileScheduling):
    """Shares the files out, and leaves the whole job's to one process: they share a company."""

    def _split_scope(self, nodeid: str) -> str:
        end_to_end = "tests/e2e/"
        return end_to_end if nodeid.startswith(end_to_end) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> EndToEndTogether:
    """Say how tests are shared out among processes."""
    return EndToEndTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def copilot_environment() -> Iterator[Path]:
    """Give the tests a home of their own, whatever the developer's environment says.

    It lies outside of pytest's own folder, which another session on the machine closes to others,
    the server's user among them.
    """
    home = Path(tempfile.mkdtemp(prefix="copilot-test-"))
    kept = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith("COPILOT_")}
    os.environ["COPILOT_HOME"] = str(home)
    OPTIONS["fsync"] = "off"  # nobody reads this server's data after a crash of the machine
    yield home
    stop_sandbox(home)
    EmbeddedServer(home).stop()
    os.environ.pop("COPILOT_HOME", None)
    os.environ.update(kept)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def parsed_projects(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Let the processes of this session share what dbt has parsed."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "parsed-projects"
    folder.mkdir(exist_ok=True)
    os.environ[PARSED] = str(folder)


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings of a company that has every source."""
    return Settings(
        company_name="Test company (synthetic)",
        sources=list(SOURCES),
        crm="salesforce",
    )


@pytest.fixture(scope="module")
def warehouse(copilot_environment: Path, settings: Settings) -> Iterator[Warehouse]:
    """Yield a migrated warehouse whose schemas belong to one test module."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    server = open_warehouse(settings)
    opened = Warehouse(server.url(), prefix)
    migrate(opened, settings)
    yield opened
    opened.dispose()
    server.dispose()
