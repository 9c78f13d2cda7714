"""100,000 changed accounts into Salesforce's stand-in, against what Salesforce's limits take.

    .venv/bin/python -m benchmarks.publish_at_scale [--accounts 100000]

The stand-in is a process of its own, over real HTTP and under the vendor's limits. Two runs: the
first writes every field of every account, the second changes two of each. Printed: the calls
against rows / batch and against the plan's estimate, and the time against a documented limit.

That limit is the 150,000,000 records that Bulk API 2.0 takes in 24 hours (Salesforce Developer
Limits and Allocations, Bulk API and Bulk API 2.0): 100,000 records are 57.6 seconds of it. It is an
allowance and no pace, so a publish may be faster, and its ratio below 1. Nothing else that
Salesforce documents can be measured against: how long a job takes is not promised, and the stand-in
carries one out in no time. Hence the share of the time outside of the stand-in's answers says how
fast the stand-in is; it is printed, and not judged.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from benchmarks.vendor_limit import spent
from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.plans import Plans
from connectors.destinations.salesforce.crm import SalesforceCrm
from connectors.sandbox.process import ensure_running, stop
from connectors.sandbox.salesforce.ids import make_id
from tests.integration.publish.outbound import AS_OF, make_outbound_table, set_outbound
from tests.integration.salesforce.publishing import outbound
from warehouse.database import Warehouse, open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import Settings

SEEDED_AT_ONCE = 5_000
LIMIT, RECORDS, SECONDS = "Bulk API 2.0's allowance of a day", 150_000_000, 86_400


class TimedCrm(SalesforceCrm):
    """Notes how long Salesforce took to answer."""

    seconds = 0.0

    def time_answers(self) -> None:
        """Begin: from the sending of a request to the last byte of its answer."""
        send = self.client.session.send

        def timed(*arguments: Any, **how: Any) -> requests.Response:
            began = time.perf_counter()
            try:
                return send(*arguments, **how)
            finally:
                self.seconds += time.perf_counter() - began

        self.client.session.send = timed  # type: ignore[method-assign]


def seed(url: str, count: int) -> list[str]:
    """Put accounts into the stand-in; return their ids."""
    ids = [make_id("001", number) for number in range(1, count + 1)]
    with requests.Session() as http:
        http.trust_env = False
        for start in range(0, count, SEEDED_AT_ONCE):
            lines = [
                json.dumps({"object": "Account", "record": {"Id": item, "Name": f"Account {item}"}})
                for item in ids[start : start + SEEDED_AT_ONCE]
            ]
            http.post(f"{url}/__sandbox__/seed", data="\n".join(lines).encode()).raise_for_status()
    return ids


def rows_of(ids: list[str], score: float) -> list[dict[str, Any]]:
    """Return a full row an account; two of its fields follow the score."""
    changed = {"health_score": score, "churn_probability": score / 4}
    return [outbound(item, **changed) for item in ids]


def publish(warehouse: Warehouse, settings: Settings, environment: dict[str, str]) -> bool:
    """Plan and apply once; print calls, estimate and times, return whether they are as promised."""
    with spent() as taken:
        crm = TimedCrm(environment)
        crm.time_answers()
        plan = make_plan(crm, warehouse, settings, AS_OF)
        Plans(Ledger(warehouse, crm.name, crm.object_name)).save(plan, "run")
        result = apply_plan(crm, warehouse, settings, plan, f"run-{plan.hash}")
    rows = len(plan.changed)
    ceiling = -(-rows // crm.write_batch)
    outside = taken.seconds - crm.seconds
    print(
        f"  {result.sentence()}\n"
        f"  rows / {crm.write_batch}: {ceiling} calls; all calls {result.units}"
        f" ({result.units / ceiling:.0%}), estimated {plan.cost}\n"
        f"  {crm.seconds:.0f} s waiting for answers, {outside:.0f} s"
        f" ({outside / taken.seconds:.0%}) outside of them"
    )
    is_kept = taken.is_within(rows * SECONDS / RECORDS, LIMIT)
    return is_kept and result.units == plan.cost <= 1.01 * ceiling and result.applied == rows


def main() -> int:
    """Seed, publish twice, clean up; return 1 if the figures are not what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    arguments = parser.parse_args()
    settings = Settings(
        company_name="Benchmark (synthetic)", sources=["salesforce"], crm="salesforce"
    )
    home = Path(tempfile.mkdtemp(prefix="copilot-benchmark-"))
    os.environ["COPILOT_HOME"] = str(home)
    info = ensure_running(home)
    warehouse = open_warehouse(settings)
    are_kept: list[bool] = []
    try:
        migrate(warehouse, settings)
        make_outbound_table(warehouse)
        ids = seed(info.url, arguments.accounts)
        for name, score in (("every field", 71.5), ("two fields", 68.0)):
            set_outbound(warehouse, rows_of(ids, score))
            print(f"{arguments.accounts:,} accounts, {name} of each:")
            are_kept.append(publish(warehouse, settings, info.environment()))
        print(f"  states: {states(warehouse)}")
    finally:
        warehouse.dispose()
        EmbeddedServer(home).stop()
        stop(home)
    print("as promised" if all(are_kept) else "NOT as promised")
    return 0 if all(are_kept) else 1


def states(warehouse: Warehouse) -> dict[str, int]:
    """Count the ledger's rows by state."""
    table = f'"{warehouse.schema("ops")}".sync_row'
    with warehouse.connect() as connection:
        rows = connection.execute(f"select state, count(*) from {table} group by 1".encode())
        return dict(Counter({str(state): int(count) for state, count in rows.fetchall()}))


if __name__ == "__main__":
    sys.exit(main())
