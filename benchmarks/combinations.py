"""Compile or build the project for all 27 combinations of CRM, desk and analytics tool.

``python -m benchmarks.combinations`` compiles them on empty tables. The models of a combination are
compared with those of the company that has everything: none may be missing but those of systems
that are not there. ``--build`` reads the synthetic company out of each combination's systems,
builds the marts and tests their data; accounts and revenue must come out the same in all 27.
"""

import argparse
import itertools
import json
import os
import tempfile
import time
from pathlib import Path

from dbt.cli.main import dbtRunner

from connectors.sandbox.process import stop
from orchestration.resources.dbt_environment import DBT_PROJECT, dbt_environment, dbt_vars
from tests.integration.combinations.company import Combinations, rows
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import CRMS, SOURCES, Settings

DESKS = ("zendesk", "intercom", "freshdesk")
TOOLS = ("mixpanel", "amplitude", "google_analytics")
ALL = tuple(itertools.product(CRMS, DESKS, TOOLS))
TOLD = "select count(*), sum(mrr) from {marts}.dim_account"


def main() -> None:
    """Take every combination and print what came of it, and its seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", action="store_true", help="build and test, not only compile")
    act = build_all if parser.parse_args().build else compile_all
    with tempfile.TemporaryDirectory() as home:
        os.environ["COPILOT_HOME"] = home
        try:
            act(Path(home))
        finally:
            stop(Path(home))
            EmbeddedServer(Path(home)).stop()


def build_all(home: Path) -> None:
    """Build and test all 27, and say whether they tell the same of the same company."""
    server = open_warehouse(Settings(sources=list(SOURCES)))
    combinations = Combinations(server, home / "targets")
    found = set()
    for chosen in ALL:
        started = time.monotonic()
        warehouse, _ = combinations.built(*chosen, "stripe", is_tested=True)
        ((accounts, mrr),) = rows(warehouse, TOLD)
        found.add((accounts, mrr))
        seconds = time.monotonic() - started
        print(
            f"{' + '.join(chosen):45} {accounts} accounts, MRR {mrr} {seconds:5.1f} s  built and"
            " tested",
            flush=True,
        )
    combinations.close()
    print(f"All {len(ALL)} combinations are built; {len(found)} answer(s) to accounts and MRR")
    if len(found) > 1:
        raise SystemExit(1)


def compile_all(home: Path) -> None:
    """Compile all 27, and say how many did."""
    everything = Settings(sources=list(SOURCES))
    warehouse = open_warehouse(everything)
    migrate(warehouse, everything)
    os.environ |= dbt_environment(warehouse) | {"DBT_TARGET_PATH": str(home / "target")}
    whole = models(everything)
    done = 0
    for chosen in ALL:
        started = time.monotonic()
        found = models(Settings(sources=[*chosen, "stripe"]))
        absent = {*SOURCES} - {*chosen, "stripe"}
        missing = {name for name in whole - found if not any(word in name for word in absent)}
        done += not missing
        seconds = time.monotonic() - started
        said = f"missing: {sorted(missing)}" if missing else "compiled"
        print(f"{' + '.join(chosen):45} {len(found):4} models {seconds:5.1f} s  {said}", flush=True)
    print(f"{done} of 27 combinations compile")
    if done < 27:
        raise SystemExit(1)


def models(settings: Settings) -> set[str]:
    """Return the names of the models that compile under these settings."""
    variables = json.dumps(dbt_vars(settings, SAMPLE_END_DATE))
    arguments = ["compile", "--quiet", "--project-dir", str(DBT_PROJECT), "--vars", variables]
    result = dbtRunner().invoke(arguments)
    if not result.success:
        raise SystemExit(f"{settings.sources} does not compile: {result.exception}")
    nodes = [one.node for one in result.result.results]
    return {node.name for node in nodes if node.resource_type == "model"}


if __name__ == "__main__":
    main()
