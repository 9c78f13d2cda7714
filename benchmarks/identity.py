"""Who is who at full size: links against the synthetic company's truth, traps, and what it costs.

    .venv/bin/python -m benchmarks.identity [--accounts 1000] [--months 24] [--seeds 7 11]

For each seed, Salesforce, Zendesk, Mixpanel and Stripe are read through the runner, the traps of
the tests are set among their records, and identity is built. Printed are precision and recall over
all records that the truth knows, and over those that name no id; false merges on the traps; and how
long the identity models took, against a bare copy of what they read.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from psycopg import sql

from connectors.sandbox.process import stop
from connectors.sources.sample_company.cache import company_folder
from connectors.sources.sample_company.config import WorldConfig
from ml.identity.suggest import suggest
from tests.dbt import dbt
from tests.integration.combinations.company import company, sync
from tests.integration.identity.measure import quality, read_links, read_truth, set_traps
from tests.integration.identity.traps import Trap, all_traps
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import SampleSettings, Settings, copilot_home

SOURCES = ("salesforce", "zendesk", "mixpanel", "stripe")
BUILT = ("+account_source_link", "+unmatched_account_record", "+dim_account", "account_link_review")
SHOWN = 3
GIVEN = ("anchor", "explicit_id")
Links = dict[tuple[str, str, str], tuple[str, str, str]]


def build(warehouse: Warehouse, settings: Settings, target: Path) -> None:
    """Read every source, set the traps and build the links."""
    sync(warehouse, settings)
    set_traps(warehouse, list(all_traps()))
    kinds = [word for kind in ("test", "unit_test") for word in ("--exclude-resource-type", kind)]
    dbt(warehouse, settings, target, "build", *kinds, "--select", *BUILT)


def false_merges(links: Links, traps: list[Trap]) -> list[str]:
    """Return the traps' records that are linked to an account that is not theirs."""
    return [
        f"{trap.name}: {key} linked to {links[key][0]}"
        for trap in traps
        for key, account in trap.truth.items()
        if key in links and links[key][0] != account
    ]


def identity_seconds(target: Path) -> tuple[float, set[tuple[str, str]]]:
    """Return how long the identity models took, and the tables outside of them that they read."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    names = ("account_source_link", "unmatched_account_record")
    own = {
        key
        for key, node in nodes.items()
        if node["resource_type"] == "model"
        and (node["name"].startswith("int_identity__") or node["name"] in names)
        # It counts the facts of every domain, and links nothing.
        and node["name"] != "int_identity__unmatched_record"
    }
    read = {parent for key in own for parent in nodes[key]["depends_on"]["nodes"]} - own
    inputs = {(nodes[key]["schema"], nodes[key]["alias"]) for key in read if key in nodes}
    results = json.loads((target / "run_results.json").read_text())["results"]
    return sum(r["execution_time"] for r in results if r["unique_id"] in own), inputs


def copy_seconds(warehouse: Warehouse, inputs: set[tuple[str, str]]) -> float:
    """Return how long a bare copy of each of the tables takes."""
    started = time.perf_counter()
    with warehouse.connect(Role.OWNER) as connection:
        for schema, table in sorted(inputs):
            connection.execute(
                sql.SQL("create table {} as select * from {}").format(
                    sql.Identifier(warehouse.schema("ops"), f"copy_{table}"),
                    sql.Identifier(schema, table),
                )
            )
        connection.commit()
    return time.perf_counter() - started


def measure(accounts: int, months: int, seed: int, home: Path) -> bool:
    """Print the figures of one company; return whether they are what the project promises."""
    prefix = f"seed{seed}_"
    sample = SampleSettings(accounts=accounts, months=months, seed=seed)
    settings = company(*SOURCES, prefix=prefix).model_copy(update={"sample": sample})
    warehouse = Warehouse(open_warehouse(settings).url(), prefix)
    migrate(warehouse, settings)
    target = home / f"dbt-{seed}"
    build(warehouse, settings, target)
    links, traps = read_links(warehouse), list(all_traps())
    world = WorldConfig(accounts, months, seed)
    truth = read_truth(company_folder(copilot_home() / "sample", world) / "truth.parquet")
    found = quality(links, truth)
    by_rule = {key: v for key, v in truth.items() if links.get(key, ("", ""))[1] not in GIVEN}
    harder = quality(links, by_rule)
    merges = false_merges(links, traps)
    seconds, inputs = identity_seconds(target)
    copied = copy_seconds(warehouse, inputs)
    started = time.perf_counter()
    suggested = suggest(warehouse)
    suggesting = time.perf_counter() - started
    warehouse.dispose()
    print(
        f"seed {seed}: {len(truth):,} records; precision {found.precision:.4f},"
        f" recall {found.recall:.4f}; of the {len(by_rule):,} that name no id: precision"
        f" {harder.precision:.4f}, recall {harder.recall:.4f}\n"
        f"  traps: {len(merges)} false merges in {sum(len(t.truth) for t in traps)} records of"
        f" {len(traps)} traps\n"
        f"  identity models {seconds:.1f} s, a bare copy of the {len(inputs)} tables that they read"
        f" {copied:.1f} s: {seconds / copied:.1f} times\n"
        f"  {suggested.suggestions} suggestions for {suggested.suggested_records} of"
        f" {suggested.records} unmatched records with a name: {suggesting / copied:.1f} times",
        flush=True,
    )
    wrong = [
        f"{key} linked to {links[key][0]}, not {truth[key]}: {links[key][2]}" for key in found.wrong
    ]
    for line in wrong[:SHOWN] + [f"{key} is not linked" for key in found.missed[:SHOWN]]:
        print(f"  {line}")
    for line in merges:
        print(f"  {line}")
    return found.precision >= 0.995 and found.recall >= 0.97 and not merges


def in_a_home(accounts: int, months: int, seed: int) -> bool:
    """Measure one company with a database of its own."""
    home = Path(tempfile.mkdtemp(prefix="copilot-identity-"))
    home.chmod(0o755)
    os.environ["COPILOT_HOME"] = str(home)
    try:
        return measure(accounts, months, seed, home)
    finally:
        stop(home)
        EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    """Run the benchmark; 1 if precision, recall or a trap is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 11])
    arguments = parser.parse_args()
    # Each company has a home of its own: the CRM's stand-in keeps the first one's records.
    right = [in_a_home(arguments.accounts, arguments.months, seed) for seed in arguments.seeds]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
