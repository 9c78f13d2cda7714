"""Fixtures of the tests that need no database."""

import json
import os
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from tests.parsed import PARSED
from tests.unit.dbt_rules import Manifest
from warehouse.files import locked
from warehouse.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="session")
def manifest(parsed_projects: None) -> Manifest:
    """Parse the project with every source enabled, once for all processes; it needs no database."""
    folder = Path(os.environ[PARSED]) / "unit"
    folder.mkdir(exist_ok=True)
    with locked(folder / "lock"):
        if not (folder / "manifest.json").exists():
            _parse(folder)
    loaded: Manifest = json.loads((folder / "manifest.json").read_text())
    return loaded


def _parse(target: Path) -> None:
    done = dbtRunner().invoke(
        [
            *("--quiet", "parse", "--project-dir", str(DBT_PROJECT)),
            *("--profiles-dir", str(DBT_PROJECT), "--no-send-anonymous-usage-stats"),
            *("--target-path", str(target), "--log-path", str(target / "logs")),
        ]
    )
    assert done.success, done.exception
