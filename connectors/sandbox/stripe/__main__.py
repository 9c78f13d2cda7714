"""Serve Stripe's stand-in: ``python -m connectors.sandbox.stripe [--port N]``."""

import sys

from connectors.sandbox.common.command import serve_one
from connectors.sandbox.stripe.account import Account
from connectors.sandbox.stripe.app import build

if __name__ == "__main__":
    sys.exit(serve_one(Account(), build))
