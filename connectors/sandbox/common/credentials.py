"""Credentials that a call brings along."""

import base64
import binascii
import hmac

from connectors.sandbox.common.vendor import Call


def bearer(call: Call) -> str:
    """Return the token of ``Authorization: Bearer``, or an empty text."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def basic(call: Call) -> tuple[str, str]:
    """Return user and password of ``Authorization: Basic``, or two empty texts."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def same(given: str, expected: str) -> bool:
    """Compare two secrets in a time that tells nothing of them."""
    return hmac.compare_digest(given.encode(), expected.encode())
