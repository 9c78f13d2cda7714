"""Fixtures of the tests that need no database."""

import json

import pytest
from dbt.cli.main import dbtRunner

from tests.unit.dbt_rules import Manifest
from warehouse.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Parse the project with every source enabled; parsing needs no database."""
    target = tmp_path_factory.mktemp("dbt")
    done = dbtRunner().invoke(
        [
            *("--quiet", "parse", "--project-dir", str(DBT_PROJECT)),
            *("--profiles-dir", str(DBT_PROJECT), "--no-send-anonymous-usage-stats"),
            *("--target-path", str(target), "--log-path", str(target / "logs")),
        ]
    )
    assert done.success, done.exception
    loaded: Manifest = json.loads((target / "manifest.json").read_text())
    return loaded
