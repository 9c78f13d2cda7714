"""People's edits, failures and runs in 10,000 orders: what the publishing promises, and how often.

    .venv/bin/python -m benchmarks.publish_interleavings [--count 10000] [--first 0]

Each interleaving follows from its number: two to four runs of five accounts, people who edit at any
request, and a process that is killed, an answer that is lost, a refusal or a used-up quota at any
request; then two runs in peace. The CRM is in memory, ledger and plans are in Postgres.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.integration.publish.interleaving import Interleaving
from tests.integration.publish.outbound import empty_ledgers, make_outbound_table
from warehouse.database import open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import Settings

SHOWN = 10


def main() -> None:
    """Play them all and print each broken promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first interleaving")
    arguments = parser.parse_args()
    settings = Settings(
        company_name="Benchmark (synthetic)", sources=["salesforce"], crm="salesforce"
    )
    home = Path(tempfile.mkdtemp(prefix="copilot-benchmark-"))
    os.environ["COPILOT_HOME"] = str(home)
    warehouse = open_warehouse(settings)
    edits, faults, runs, problems, began = 0, 0, 0, [], time.monotonic()
    try:
        migrate(warehouse, settings)
        make_outbound_table(warehouse)
        for seed in range(arguments.first, arguments.first + arguments.count):
            empty_ledgers(warehouse)
            played = Interleaving(seed).play(warehouse, settings)
            edits, faults = edits + played.edits, faults + played.faults
            runs += len(played.run_ids)
            problems += played.problems
    finally:
        warehouse.dispose()
        EmbeddedServer(home).stop()
    print(
        f"{arguments.count:,} interleavings, {runs:,} runs, {edits:,} edits, {faults:,} faults in"
        f" {time.monotonic() - began:.0f} s: {len(problems)} broken promises"
    )
    for problem in problems[:SHOWN]:
        print(f"  {problem}")


if __name__ == "__main__":
    main()
