"""Serve Slack's stand-in: ``python -m connectors.sandbox.slack [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.slack.app import build
from connectors.sandbox.slack.workspace import Workspace

if __name__ == "__main__":
    sys.exit(serve_one(Workspace(), build))
