"""Serve a CRM's stand-in: ``python -m connectors.sandbox [CRM] [--home DIR] [--port N]``."""

import argparse
import sys
from pathlib import Path

from connectors.sandbox.crms import CRM_STANDINS, standin_of
from connectors.sandbox.server import hold_state, prepare, run_detached, serve
from warehouse.errors import CopilotError
from warehouse.settings import copilot_home


def main() -> int:
    """Serve, in the foreground unless asked otherwise; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("crm", nargs="?", default="salesforce", choices=list(CRM_STANDINS))
    parser.add_argument("--home", type=Path, default=None, help="folder of all local state")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 (0: the last one)")
    parser.add_argument("--detach", action="store_true", help="return once it listens")
    arguments = parser.parse_args()
    home = arguments.home or copilot_home()
    if arguments.detach:
        return run_detached(home, arguments.crm, arguments.port)
    try:
        lock = hold_state(home, arguments.crm)
        prepared = prepare(home, arguments.crm, arguments.port)
    except CopilotError as error:
        print(error, file=sys.stderr)
        return 1
    title = standin_of(arguments.crm).title
    print(f"{title} stand-in (synthetic data) at {prepared.url}", flush=True)
    serve(prepared)
    lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
