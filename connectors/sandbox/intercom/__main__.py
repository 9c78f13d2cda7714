"""Serve Intercom's stand-in: ``python -m connectors.sandbox.intercom [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.intercom.app import build
from connectors.sandbox.intercom.workspace import Workspace

if __name__ == "__main__":
    sys.exit(serve_one(Workspace(), build))
