"""Dagster's event log with kept connections holds what Dagster's own would."""

from pathlib import Path

import dagster as dg
import psutil
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.cli.dagster_records import PooledEventLog
from orchestration.cli.steps import write_dagster_yaml

KEY = dg.AssetKey("counted")


@dg.asset(name="counted")
def counted() -> dg.MaterializeResult[None]:
    """Be there."""
    return dg.MaterializeResult(metadata={"number": 1})


@pytest.fixture
def instance(tmp_path: Path) -> dg.DagsterInstance:
    write_dagster_yaml(tmp_path)
    return dg.DagsterInstance.from_config(str(tmp_path))


def test_every_run_is_there_for_whoever_opens_the_files_next(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    log = instance.event_log_storage
    assert isinstance(log, PooledEventLog)
    runs = [dg.materialize([counted], instance=instance) for _ in range(10)]
    files = tmp_path / "history" / "runs"
    assert len(list(files.glob("*.db"))) == 11
    told = [len(instance.all_logs(run.run_id)) for run in runs]
    assert set(told) == {told[0]}
    theirs = SqliteEventLogStorage(str(files))
    assert [len(theirs.get_logs_for_run(run.run_id)) for run in runs] == told
    latest = instance.get_latest_materialization_event(KEY)
    assert latest is not None
    assert latest.run_id == runs[-1].run_id
    opened = {Path(file.path) for file in psutil.Process().open_files()}
    assert 0 < len([one for one in opened if one.parent == files and one.suffix == ".db"]) <= 8


def test_a_log_that_was_wiped_begins_anew(instance: dg.DagsterInstance) -> None:
    first = dg.materialize([counted], instance=instance)
    instance.event_log_storage.wipe()
    assert instance.all_logs(first.run_id) == []
    assert instance.get_latest_materialization_event(KEY) is None
    second = dg.materialize([counted], instance=instance)
    assert instance.all_logs(second.run_id)
    instance.dispose()
