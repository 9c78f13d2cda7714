"""Serve a stand-in: ``python -m connectors.sandbox [VENDOR] [--home DIR] [--port N]``."""

import argparse
import sys
from pathlib import Path

from connectors.sandbox.server import hold_state, prepare, run_detached, serve
from connectors.sandbox.standins import STANDINS, standin_of
from warehouse.errors import CopilotError
from warehouse.settings import copilot_home


def main() -> int:
    """Serve, in the foreground unless asked otherwise; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("vendor", nargs="?", default="salesforce", choices=list(STANDINS))
    parser.add_argument("--home", type=Path, default=None, help="folder of all local state")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 (0: the last one)")
    parser.add_argument("--detach", action="store_true", help="return once it listens")
    arguments = parser.parse_args()
    home = arguments.home or copilot_home()
    if arguments.detach:
        return run_detached(home, arguments.vendor, arguments.port)
    try:
        lock = hold_state(home, arguments.vendor)
        prepared = prepare(home, arguments.vendor, arguments.port)
    except CopilotError as error:
        print(error, file=sys.stderr)
        return 1
    title = standin_of(arguments.vendor).title
    print(f"{title} stand-in (synthetic data) at {prepared.url}", flush=True)
    serve(prepared)
    lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
