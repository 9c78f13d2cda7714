"""Serve the Airbyte stand-in: ``python -m connectors.sandbox.airbyte [--port N]``."""

import argparse
import sys
from pathlib import Path

from connectors.sandbox.airbyte.app import build_app, open_server
from connectors.sandbox.common.serving import listen, make_server
from connectors.sandbox.info import sandbox_folder
from warehouse.settings import copilot_home


def main() -> int:
    """Serve in the foreground until interrupted; say how to log in."""
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox.airbyte")
    parser.add_argument("--home", type=Path, default=None, help="folder of all local state")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 (0: any)")
    arguments = parser.parse_args()
    folder = sandbox_folder(arguments.home or copilot_home())
    listener = listen(arguments.port)
    server = open_server(folder / "airbyte.sqlite")
    server.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(f"Airbyte stand-in at {server.base_url}, workspace {server.workspace_id}")
    print(f"AIRBYTE_CLIENT_ID={server.client_id} AIRBYTE_CLIENT_SECRET={server.client_secret}")
    sys.stdout.flush()
    make_server(build_app(server)).run(sockets=[listener])
    server.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
