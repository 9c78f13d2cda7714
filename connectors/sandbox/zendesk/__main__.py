"""Serve Zendesk's stand-in: ``python -m connectors.sandbox.zendesk [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.zendesk.app import build
from connectors.sandbox.zendesk.desk import Desk

if __name__ == "__main__":
    sys.exit(serve_one(Desk(), build))
