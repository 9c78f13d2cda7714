"""Fixtures of the tests that need no database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.dbt_rules import Manifest
from warehouse.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Parse the project with every source enabled; parsing needs no database."""
    target = tmp_path_factory.mktemp("dbt")
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "dbt"), "--quiet", "parse"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target / "logs")),
        ],
        env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    loaded: Manifest = json.loads((target / "manifest.json").read_text())
    return loaded
