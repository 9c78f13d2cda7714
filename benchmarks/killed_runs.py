"""Kill `copilot run` at random moments, run it again, and compare with an undisturbed run.

    .venv/bin/python -m benchmarks.killed_runs [--kills 10] [--seed 1] [--accounts 120]

Each kill has a company of its own: a first run is killed (SIGKILL, its children left behind) at a
moment between its start and the undisturbed run's end, then `copilot run` is typed once more. Raw
tables, marts, features, scores and what stands in the CRM are compared row by row.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from connectors.destinations.salesforce.fields import FIELDS
from tests.company import LASTING, RAW, SMALL_SAMPLE, Company, fingerprint

State = dict[str, object]
# What the first of two runs writes into the CRM comes back with the second's sync.
_STAMPS = ("SystemModstamp", "LastModifiedDate", "LastModifiedById")


def state_of(company: Company) -> State:
    """Return everything that a run leaves behind, in a form that can be compared."""
    names = [field.api_name for field in FIELDS]
    tables = fingerprint(company.warehouse(), (*RAW, *LASTING), without=(*names, *_STAMPS))
    return {**tables, "CRM": company.crm_accounts(*names)}


def killed_and_run_again(company: Company, seconds: float) -> tuple[str, State]:
    """Return the step that the kill met, and what the second run left."""
    process = company.start("run")
    time.sleep(seconds)
    ended = process.poll() is not None
    process.kill()
    process.wait()
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)  # its children still hold the other end
    steps = (process.stdout.read() or "").strip().splitlines()
    company.copilot("run")
    step = steps[-1] if steps else "before its first line"
    return "after its end" if ended else step, state_of(company)


def main() -> int:
    """Run the comparison; 1 if any state differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=120)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    settings = SMALL_SAMPLE.replace("accounts: 120", f"accounts: {arguments.accounts}")
    folder = Path(tempfile.mkdtemp(prefix="copilot-killed-"))
    folder.chmod(0o755)
    wrong = 0
    try:
        undisturbed = Company(folder / "undisturbed", settings)
        began = time.monotonic()
        undisturbed.copilot("run")
        lasted = time.monotonic() - began
        expected = state_of(undisturbed)
        undisturbed.stop()
        print(f"undisturbed: {lasted:.0f} s, {len(expected) - 1} tables and the CRM", flush=True)
        for number in range(arguments.kills):
            company = Company(folder / f"killed{number}", settings)
            seconds = chance.uniform(0, lasted)
            step, found = killed_and_run_again(company, seconds)
            company.stop()
            shutil.rmtree(company.home, ignore_errors=True)
            differing = sorted(
                key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)
            )
            wrong += bool(differing)
            print(
                f"kill {number + 1:2d} at {seconds:5.1f} s ({step[:60]}):"
                f" {'equal' if not differing else 'DIFFERS: ' + ', '.join(differing)}",
                flush=True,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{arguments.kills - wrong} of {arguments.kills} equal the undisturbed run")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
