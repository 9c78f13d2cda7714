"""Secrets behind asterisks: what the server shows of a configuration, and how it takes them back.

A server keeps the secret that it has where asterisks are sent. That matters for tokens that a
vendor changes with each use: the server's own is newer than the one in the environment.
"""

from collections.abc import Iterator
from typing import Any

from connectors.airbyte.session import Document

MASK = "**********"


def changed_settings(wanted: Document, found: Document, prefix: str = "") -> Iterator[str]:
    """Return the keys whose visible values differ; asterisks are no value.

    What the server shows beyond what is wanted is a default of its connector.
    """
    for key, value in sorted(wanted.items()):
        shown = found.get(key)
        if isinstance(value, dict) and isinstance(shown, dict):
            yield from changed_settings(value, shown, f"{prefix}{key}.")
        elif shown not in (MASK, value) and not (value in (None, "", []) and not shown):
            yield f"{prefix}{key}"


def secrets_of(wanted: Document, shown: Document, prefix: str = "") -> dict[str, Any]:
    """Return the values that the server shows as asterisks, by their paths."""
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(shown.get(key), dict):
            found |= secrets_of(value, shown[key], f"{prefix}{key}.")
        elif shown.get(key) == MASK:
            found[prefix + key] = value
    return found


def with_masks(wanted: Document, shown: Document) -> Document:
    """Return the configuration with asterisks where the server shows them."""
    masked: Document = {}
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(shown.get(key), dict):
            masked[key] = with_masks(value, shown[key])
        else:
            masked[key] = MASK if shown.get(key) == MASK else value
    return masked
