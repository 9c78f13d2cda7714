"""The manifest that Dagster reads, beside the one that every dbt build writes anew."""

import json
from pathlib import Path

import pytest

from orchestration.resources.dbt import ensure_manifest, manifest_path
from orchestration.resources.dbt_environment import dbt_target_path
from warehouse.database import Warehouse
from warehouse.settings import Settings


def test_a_manifest_that_a_killed_build_left_half_written_is_not_read(
    warehouse: Warehouse, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_HOME", str(tmp_path))
    made = ensure_manifest(warehouse, settings)
    dbt_target_path().mkdir(parents=True, exist_ok=True)
    (dbt_target_path() / "manifest.json").write_text('{"nodes": {"model.cop')
    again = ensure_manifest(warehouse, settings)
    assert again == made == manifest_path()
    assert json.loads(again.read_text())["nodes"]
    assert sorted(path.name for path in tmp_path.joinpath("dbt").glob("parse-*")) == []
