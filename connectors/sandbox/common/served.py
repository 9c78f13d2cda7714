"""How a vendor's stand-in is opened for the process that serves it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from starlette.types import ASGIApp

from connectors.sandbox.common.vendor import Vendor

AnyVendor = TypeVar("AnyVendor", bound=Vendor)
Opened = tuple[ASGIApp, Callable[[], None]]


def opener(
    kind: type[AnyVendor], build: Callable[[AnyVendor], ASGIApp]
) -> Callable[[Path, dict[str, str], str], Opened]:
    """Return what opens the state in a file: its application, and what closes the file."""

    def open_standin(state: Path, credentials: dict[str, str], url: str) -> Opened:
        del url
        vendor = kind(credentials)
        vendor.open_state(state)
        return build(vendor), vendor.close_state

    return open_standin
