"""Serve Pipedrive's stand-in: ``python -m connectors.sandbox.pipedrive [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company

if __name__ == "__main__":
    sys.exit(serve_one(Company(), build))
