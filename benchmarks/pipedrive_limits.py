"""Many changed accounts into Pipedrive's stand-in, against what its own burst limit takes.

    .venv/bin/python -m benchmarks.pipedrive_limits [--rows 100000] [--plan ultimate]

Pipedrive has no batch update, so each row is a request, and a plan lets a token send so many in two
seconds. Each hundred rows are read, written and read back, as a publish does. Printed: the time
against requests / limit, the tokens against the estimate, and the tries after the first.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.vendor_limit import spent
from connectors.destinations.common.crm import Change
from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.pipedrive.client import BATCH, PipedriveCrm
from tests.integration.standins import Standin

PLANS = {"lite": 20, "growth": 40, "premium": 100, "ultimate": 120}  # requests in two seconds
FIRST_ID = 1000


@contextlib.contextmanager
def served() -> Iterator[tuple[Standin, str]]:
    """Serve a stand-in in a process of its own; yield it and the token of its user."""
    command = [sys.executable, "-m", "connectors.sandbox.pipedrive"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        token = process.stdout.readline().strip().removeprefix("api_token=")
        try:
            yield Standin(url), token
        finally:
            process.terminate()


def publish(crm: PipedriveCrm, ids: list[str]) -> int:
    """Read, write and read back all rows, batch by batch; return how many are as they should be."""
    right = 0
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        crm.read(batch)
        crm.write([Change(record_id, {"health_score": 42.0}) for record_id in batch])
        there = crm.read(batch).values()
        right += sum(record.values["health_score"] == 42.0 for record in there)
    return right


def main() -> int:
    """Publish, and print the figures; return 1 if they are not what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--plan", choices=PLANS, default="ultimate")
    arguments = parser.parse_args()
    limit, rows = PLANS[arguments.plan], arguments.rows
    ids = [str(FIRST_ID + number) for number in range(rows)]
    with served() as (standin, token):
        standin.admin("POST", "settings", {"requests_per_two_seconds": limit})
        standin.admin("POST", "settings", {"tokens_per_day": 20 * rows})
        for start in range(0, rows, 10_000):
            made = [{"id": int(key), "name": f"Org {key}"} for key in ids[start : start + 10_000]]
            standin.seed("organizations", *made)
        environment = {"PIPEDRIVE_API_URL": standin.url, "PIPEDRIVE_API_TOKEN": token}
        crm = PipedriveCrm(environment, RetryPolicy())
        crm.set_up("EUR")
        before = crm.spending()
        with spent() as taken:
            right = publish(crm, ids)
        after = crm.spending()
    calls, units = after.calls - before.calls, after.units - before.units
    looked = crm.estimate(reads=0, writes=0)  # when it was opened, before the count
    estimate = 2 * crm.estimate(reads=rows, writes=0) + crm.estimate(reads=0, writes=rows)
    estimate -= 3 * looked
    print(f"{right:,} of {rows:,} rows are as they should be")
    print(f"{calls:,} requests, {after.retries - before.retries} of them tries after the first")
    print(f"{units:,} tokens; estimated {estimate:,}")
    is_kept = taken.is_within(2 * calls / limit, f"the {arguments.plan} plan's own limit")
    is_kept = is_kept and right == rows and units == estimate
    print("as promised" if is_kept else "NOT as promised")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
