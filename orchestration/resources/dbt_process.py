"""The dbt command as the copilot starts it: dbt's own, told to look for dead objects less often."""

import gc
import sys
from importlib.metadata import version

# dbt keeps objects by the hundred thousand, so each look takes long and finds next to nothing.
OBJECTS_BETWEEN_LOOKS = (50_000, 20, 20)


def main() -> None:
    """Be dbt; its version alone, for which Dagster asks in each run, is told without loading it."""
    if sys.argv[1:] == ["--version"]:
        print(f"dbt-core {version('dbt-core')}")
        return
    gc.set_threshold(*OBJECTS_BETWEEN_LOOKS)
    from dbt.cli.main import cli  # noqa: PLC0415

    cli()
