"""The small synthetic company in any set of systems: read through the runner, built with dbt."""

from pathlib import Path
from typing import Any

from psycopg import sql

from connectors.runner.sync import run_sync
from connectors.sources.registry import source_command
from tests.dbt import dbt
from warehouse.database import Role, Warehouse
from warehouse.migrations import migrate
from warehouse.settings import SampleSettings, Settings

SAMPLE = SampleSettings(accounts=100, months=12, seed=5)
_READABLE = ("marts", "features", "intermediate")
# What an analyst asks first; everything they rest on is built too.
BUILT = (
    "fct_account_health",
    "fct_account_health_measure",
    "fct_mrr_movement",
    "fct_ticket",
    "fct_touchpoint",
    "fct_deal",
)
BUILT += (
    "dim_account",
    "account_source_link",
    "dim_contact",
    "fct_usage_daily",
    "ftr_account_snapshot",
    "int_identity__unmatched_record",
)


def company(*sources: str, prefix: str = "") -> Settings:
    """Return the settings of the synthetic company with these systems."""
    return Settings(
        company_name="Combined test company (synthetic)",
        sources=list(sources),  # type: ignore[arg-type]
        sample_company=True,
        sample=SAMPLE,
        schema_prefix=prefix,
    )


def sync(warehouse: Warehouse, settings: Settings) -> None:
    """Read every system of the company into its raw schema."""
    for source in settings.sources:
        if source != "app":
            read(warehouse, settings, source)


def read(warehouse: Warehouse, settings: Settings, source: str) -> None:
    """Read one system into its raw schema."""
    spec = source_command(source, settings)
    run_sync(spec.command, spec.config, spec.streams, warehouse, source)


def copy_raw(source: str, there: Warehouse, here: Warehouse) -> None:
    """Take over what another installation on the same server read from a system."""
    schema = f"raw_{source}"
    old, new = (sql.Identifier(one.schema(schema)) for one in (there, here))
    loader = sql.Identifier(here.acting_role(Role.LOADER) or "")
    with there.connect() as connection:
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = %s", (there.schema(schema),)
        ).fetchall()
        connection.execute(sql.SQL("grant usage on schema {} to {}").format(old, loader))
        connection.execute(
            sql.SQL("grant select on all tables in schema {} to {}").format(old, loader)
        )
    with here.connect(Role.LOADER) as connection:
        for table in (sql.Identifier(name) for (name,) in tables):
            connection.execute(
                sql.SQL("create table {}.{} as table {}.{}").format(new, table, old, table)
            )
            connection.execute(sql.SQL("analyze {}.{}").format(new, table))
        connection.commit()


def build(
    warehouse: Warehouse, settings: Settings, target: Path, *, is_tested: bool = True
) -> None:
    """Build the marts, with the tests of their data if wanted; unit tests run elsewhere."""
    without = ["unit_test"] if is_tested else ["unit_test", "test"]
    excluded = [word for kind in without for word in ("--exclude-resource-type", kind)]
    selection = ["--select", *(f"+{name}" for name in BUILT)]
    dbt(warehouse, settings, target, "build", *excluded, *selection)


class Combinations:
    """Combinations of systems on one server, each in the schemas of its own prefix.

    A system is read once for all combinations whose accounts are the same CRM's.

    Parameters
    ----------
    server : Warehouse
        Names the server, and what all prefixes begin with.
    targets : Path
        Folder for dbt's.
    """

    def __init__(self, server: Warehouse, targets: Path) -> None:
        self._server = server
        self._targets = targets
        self._readers: dict[tuple[str, str], Warehouse] = {}
        self._done: dict[tuple[str, ...], tuple[Warehouse, Settings]] = {}

    def built(self, *sources: str, is_tested: bool = False) -> tuple[Warehouse, Settings]:
        """Return a combination, built with the first call, its data tested if wanted."""
        if sources not in self._done:
            number = len(self._done)
            settings = company(*sources, prefix=f"{self._server.schema_prefix}c{number}_")
            warehouse = Warehouse(self._server.url(), settings.schema_prefix)
            migrate(warehouse, settings)
            for source in sources:
                self._read(warehouse, settings, source)
            build(warehouse, settings, self._targets / str(number), is_tested=is_tested)
            self._done[sources] = (warehouse, settings)
        return self._done[sources]

    def _read(self, warehouse: Warehouse, settings: Settings, source: str) -> None:
        reader = self._readers.setdefault((settings.sources[0], source), warehouse)
        if source == "app":
            load_own_tables(warehouse)
        elif reader is warehouse:
            read(warehouse, settings, source)
        else:
            copy_raw(source, reader, warehouse)

    def close(self) -> None:
        """Close their connections."""
        for warehouse, _ in self._done.values():
            warehouse.dispose()


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query; ``{marts}`` stands for that schema, and so do the others."""
    role = Role.TRANSFORMER if "{intermediate}" in query else Role.ANALYST
    with warehouse.connect(role) as connection:
        schemas = {name: f'"{warehouse.schema(name)}"' for name in _READABLE}
        return connection.execute(query.format(**schemas)).fetchall()


def load_own_tables(warehouse: Warehouse) -> None:
    """Load a dozen accounts; the first has the domain of an account of the synthetic company."""
    from connectors.sources.app import load_directory

    load_directory(Path(__file__).parent / "own_tables", warehouse)
