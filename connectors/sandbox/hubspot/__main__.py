"""Serve HubSpot's stand-in: ``python -m connectors.sandbox.hubspot [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.hubspot.app import build
from connectors.sandbox.hubspot.portal import Portal

if __name__ == "__main__":
    sys.exit(serve_one(Portal(), build))
