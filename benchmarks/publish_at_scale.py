"""100,000 changed accounts into Salesforce's stand-in: calls, and time outside of calls.

    .venv/bin/python -m benchmarks.publish_at_scale [--accounts 100000]

The stand-in is a process of its own, over real HTTP and under the vendor's limits. Two runs: the
first writes every field of every account, the second changes two of each.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

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


def publish(warehouse: Warehouse, settings: Settings, environment: dict[str, str]) -> None:
    """Plan and apply once; print calls, estimate and times."""
    began = time.perf_counter()
    crm = TimedCrm(environment)
    crm.time_answers()
    plan = make_plan(crm, warehouse, settings, AS_OF)
    Plans(Ledger(warehouse, crm.name, crm.object_name)).save(plan, "run")
    planned = time.perf_counter()
    result = apply_plan(crm, warehouse, settings, plan, f"run-{began}")
    ended = time.perf_counter()
    ceiling = -(-len(plan.changed) // crm.write_batch)
    outside = ended - began - crm.seconds
    print(
        f"  {result.sentence()}\n"
        f"  rows / {crm.write_batch}: {ceiling} calls; all calls {result.units}"
        f" ({result.units / ceiling:.0%}), estimated {plan.cost}\n"
        f"  {ended - began:.0f} s, of which {planned - began:.0f} s to plan; {crm.seconds:.0f} s"
        f" waiting for answers, {outside:.0f} s ({outside / (ended - began):.0%}) outside of them"
    )


def main() -> None:
    """Seed, publish twice, clean up."""
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
    try:
        migrate(warehouse, settings)
        make_outbound_table(warehouse)
        ids = seed(info.url, arguments.accounts)
        for name, score in (("every field", 71.5), ("two fields", 68.0)):
            set_outbound(warehouse, rows_of(ids, score))
            print(f"{arguments.accounts:,} accounts, {name} of each:")
            publish(warehouse, settings, info.environment())
        print(f"  states: {states(warehouse)}")
    finally:
        warehouse.dispose()
        EmbeddedServer(home).stop()
        stop(home)


def states(warehouse: Warehouse) -> dict[str, int]:
    """Count the ledger's rows by state."""
    table = f'"{warehouse.schema("ops")}".sync_row'
    with warehouse.connect() as connection:
        rows = connection.execute(f"select state, count(*) from {table} group by 1".encode())
        return dict(Counter({str(state): int(count) for state, count in rows.fetchall()}))


if __name__ == "__main__":
    main()
