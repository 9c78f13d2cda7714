"""Many changed companies into HubSpot's stand-in, against what its own limit takes.

Run as ``.venv/bin/python -m benchmarks.hubspot_limits [--companies 100000]``. The stand-in has the
limits of the Professional edition, 190 calls in ten seconds, and a process of its own. Each hundred
companies are read, written, read back, and asked for edits that slipped in (fifty a call), as a
publish does. Printed: the calls against those ceilings, and the time against calls / limit.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import requests

from benchmarks.vendor_limit import spent
from connectors.destinations.common.crm import Change
from connectors.destinations.hubspot.client import HubspotCrm
from connectors.sandbox.info import SandboxInfo
from connectors.sandbox.process import ensure_running, stop

_FIRST, _SEED, _LIMIT, _SECONDS = 18_100_000_001, 10_000, 190, 10


def main() -> int:
    """Publish, and print the figures; return 1 if they are not what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=100_000)
    ids = [str(_FIRST + number) for number in range(parser.parse_args().companies)]
    with tempfile.TemporaryDirectory() as folder:
        info = ensure_running(Path(folder), "hubspot")
        try:
            _seed(info, ids)
            crm = HubspotCrm(info.environment())
            crm.set_up("EUR")
            return 0 if _measure(crm, ids) else 1
        finally:
            stop(Path(folder))


def _seed(info: SandboxInfo, ids: Sequence[str]) -> None:
    for chunk in _slices(ids, _SEED):
        records = [{"id": key, "properties": {"name": f"Company {key}"}} for key in chunk]
        lines = [json.dumps({"object": "companies", "record": record}) for record in records]
        address = f"{info.url}/__sandbox__/seed"
        requests.post(address, "\n".join(lines).encode(), timeout=600).raise_for_status()


def _measure(crm: HubspotCrm, ids: Sequence[str]) -> bool:
    before, right = crm.spending(), 0
    with spent() as taken:
        for batch in _slices(ids, crm.batch_for(len(ids))):
            since = crm.clock()
            crm.read(batch)
            values = {"health_score": 71.5, "health_band": "watch"}
            crm.write([Change(key, dict(values)) for key in batch])
            right += sum(one.values["health_score"] == 71.5 for one in crm.read(batch).values())
            right -= sum(bool(edits) for edits in crm.edits(batch, since).values())
    after = crm.spending()
    calls, ceiling = after.units - before.units, 5 * -(-len(ids) // crm.write_batch)
    print(f"{right:,} of {len(ids):,} companies are as they should be")
    print(f"{calls:,} calls, the ceiling is {ceiling:,}; {after.retries} tries after the first")
    is_kept = taken.is_within(_SECONDS * calls / _LIMIT, "HubSpot's own limit")
    return is_kept and right == len(ids) and calls <= 1.01 * ceiling


def _slices(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


if __name__ == "__main__":
    sys.exit(main())
