"""Alembic migrations of the schemas, roles and tables that Python owns."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from warehouse.database import Warehouse
from warehouse.grants import ensure_roles_and_schemas, grant_on_python_tables
from warehouse.settings import Settings


def migrate(warehouse: Warehouse, settings: Settings) -> None:
    """Bring schemas, roles and Python-owned tables up to date; a second call changes nothing."""
    ensure_roles_and_schemas(warehouse, settings.sources)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["warehouse"] = warehouse
    command.upgrade(config, "head")
    grant_on_python_tables(warehouse)
