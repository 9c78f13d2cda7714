"""Stripe's stand-in as an ASGI application."""

from starlette.types import ASGIApp

from connectors.sandbox.common.admin import app_of
from connectors.sandbox.stripe.account import Account
from connectors.sandbox.stripe.routes import routes


def build(account: Account) -> ASGIApp:
    """Return the application that serves one account."""
    return app_of(account, routes(account))
