"""dbt's unit tests, for every source at once, on a warehouse whose tables are empty."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from orchestration.resources.dbt_environment import DBT_PROJECT, dbt_environment, dbt_vars
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import Warehouse
from warehouse.settings import Settings


def test_every_unit_test_of_dbt_passes(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    everything = settings.model_copy(update={"schema_prefix": warehouse.schema_prefix})
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "build",
            "--exclude-resource-type", "test", "--project-dir", str(DBT_PROJECT),
            "--vars", json.dumps(dbt_vars(everything, SAMPLE_END_DATE)),
        ],
        env={**os.environ, **dbt_environment(warehouse), "DBT_TARGET_PATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    found = re.search(r"(\d+) unit tests", done.stdout)
    written = sum(
        path.read_text().count("\n    model: ") for path in DBT_PROJECT.rglob("_unit_tests*.yml")
    )
    assert found
    assert int(found[1]) == written > 30
