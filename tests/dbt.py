"""dbt in the tests' own process, which saves its start-up; the copilot runs it as a command."""

import datetime as dt
import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from dbt.artifacts.schemas.results import RunStatus, TestStatus
from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from orchestration.resources.dbt_environment import dbt_arguments, dbt_environment, dbt_vars
from tests.parsed import PARSED
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import Warehouse
from warehouse.settings import Settings

_DATES = ("as_of_date", "takes_snapshots")  # no configuration in the project looks at them
_FAILED = (RunStatus.Error, TestStatus.Error, TestStatus.Fail)


def try_dbt(
    warehouse: Warehouse,
    settings: Settings,
    target: Path,
    *arguments: str,
    as_of: dt.date = SAMPLE_END_DATE,
) -> list[RunResult]:
    """Run a dbt command and return what became of each node; nodes may have failed.

    Parameters
    ----------
    target : Path
        dbt's target folder.

    Raises
    ------
    AssertionError
        dbt ran no node at all; the message is its exception.
    """
    own = {"DBT_TARGET_PATH": str(target), "DBT_LOG_LEVEL_FILE": "none"}
    environment = {**dbt_environment(warehouse), **own}
    same = {name: value for name, value in dbt_vars(settings, as_of).items() if name not in _DATES}
    key = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    known = Path(os.environ.get(PARSED, target)) / f"{key}.msgpack"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        runner = dbtRunner(manifest=_manifest(known) if known.exists() else None)
        done = runner.invoke(["--quiet", *arguments, *dbt_arguments(settings, as_of)])
    parsed = target / "partial_parse.msgpack"
    if not known.exists() and parsed.exists():
        own_copy = known.with_suffix(f".{os.getpid()}")
        shutil.copyfile(parsed, own_copy)
        own_copy.replace(known)
    assert isinstance(done.result, RunExecutionResult), done.exception
    return [result for result in done.result.results if isinstance(result, RunResult)]


def _manifest(parsed: Path) -> Manifest:
    """Return the project as parsed for an earlier run with these variables, whatever its date.

    dbt itself parses all of it again for another date, which takes longer than most builds here.
    """
    manifest = Manifest.from_msgpack(parsed.read_bytes())
    manifest.build_flat_graph()
    return manifest


def failures(results: list[RunResult]) -> list[str]:
    """Return the names of nodes that failed, and why."""
    return [f"{one.node.name}: {one.message}" for one in results if one.status in _FAILED]


def dbt(
    warehouse: Warehouse,
    settings: Settings,
    target: Path,
    *arguments: str,
    as_of: dt.date = SAMPLE_END_DATE,
) -> list[RunResult]:
    """Run a dbt command as `try_dbt` does; no node may fail."""
    results = try_dbt(warehouse, settings, target, *arguments, as_of=as_of)
    assert not failures(results), failures(results)[:20]
    return results
