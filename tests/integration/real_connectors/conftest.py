"""Fixtures for tests that run a vendor's unmodified connector."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.sources.source import VendorSource
from tests.integration.real_connectors.install import install


@pytest.fixture(scope="session")
def connector(request: pytest.FixtureRequest) -> Callable[[VendorSource], list[str]]:
    """Return a way to a connector's command; environments stay in pytest's cache."""
    folder: Path = request.config.cache.mkdir("connectors")
    return lambda source: install(source, folder)
