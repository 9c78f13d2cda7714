"""dbt's unit tests, for every source at once, on a warehouse whose tables are empty."""

from pathlib import Path

from dbt.artifacts.resources.types import NodeType

from orchestration.resources.dbt_environment import DBT_PROJECT
from tests.dbt import dbt
from warehouse.database import Warehouse
from warehouse.settings import Settings


def test_every_unit_test_of_dbt_passes(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    everything = settings.model_copy(update={"schema_prefix": warehouse.schema_prefix})
    results = dbt(warehouse, everything, tmp_path, "build", "--exclude-resource-type", "test")
    ran = sum(one.node.resource_type == NodeType.Unit for one in results)
    written = sum(
        path.read_text().count("\n    model: ") for path in DBT_PROJECT.rglob("_unit_tests*.yml")
    )
    assert ran == written > 30
