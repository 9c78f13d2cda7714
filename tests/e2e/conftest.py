"""One small synthetic company, run once for all end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import LASTING, Company, fingerprint


@pytest.fixture(scope="session")
def company(copilot_environment: Path) -> Iterator[Company]:
    """Yield a small synthetic company after its first daily run, reports included."""
    made = Company(copilot_environment / "company")
    try:
        made.first_run = made.copilot("run")
        made.first_fingerprint = fingerprint(made.warehouse(), LASTING)
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def built_site(company: Company) -> Path:
    """Return the folder of the built reports."""
    return company.home / "reports" / "site"
