"""Serve Microsoft Teams's stand-in: ``python -m connectors.sandbox.teams [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.teams.app import build
from connectors.sandbox.teams.tenant import Tenant

if __name__ == "__main__":
    sys.exit(serve_one(Tenant(), build))
