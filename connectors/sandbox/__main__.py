"""Serve the Salesforce stand-in: ``python -m connectors.sandbox --home DIR [--port N]``."""

import argparse
import sys
from pathlib import Path

from connectors.sandbox.salesforce.server import hold_state, prepare, run_detached, serve
from warehouse.errors import CopilotError
from warehouse.settings import copilot_home


def main() -> int:
    """Serve, in the foreground unless asked otherwise; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("--home", type=Path, default=None, help="folder of all local state")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 (0: the last one)")
    parser.add_argument("--detach", action="store_true", help="return once it listens")
    arguments = parser.parse_args()
    home = arguments.home or copilot_home()
    if arguments.detach:
        return run_detached(home, arguments.port)
    try:
        lock = hold_state(home)
        org, listener = prepare(home, arguments.port)
    except CopilotError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Salesforce stand-in (synthetic data) at {org.base_url}", flush=True)
    serve(org, listener)
    lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
