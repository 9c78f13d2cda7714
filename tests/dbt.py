"""dbt in the tests' own process, which saves its start-up; the copilot runs it as a command."""

import datetime as dt
from pathlib import Path

import pytest
from dbt.artifacts.schemas.results import RunStatus, TestStatus
from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
from dbt.cli.main import dbtRunner

from orchestration.resources.dbt_environment import dbt_arguments, dbt_environment
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import Warehouse
from warehouse.settings import Settings

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
        dbt's target folder; a second run with the same settings is faster with the same one.

    Raises
    ------
    AssertionError
        dbt ran no node at all; the message is its exception.
    """
    environment = {**dbt_environment(warehouse), "DBT_TARGET_PATH": str(target)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        done = dbtRunner().invoke(["--quiet", *arguments, *dbt_arguments(settings, as_of)])
    assert isinstance(done.result, RunExecutionResult), done.exception
    return [result for result in done.result.results if isinstance(result, RunResult)]


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
