"""A fresh Pipedrive company for each test, over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.pipedrive.client import PipedriveCrm
from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company
from tests.integration.standins import Standin, running

QUICK = RetryPolicy(
    attempts=3, first_wait=0.01, longest_wait=5, connect_timeout=20, read_timeout=20
)


@dataclass
class Opened:
    """A running stand-in, what is in it, and the ways in which tests talk to it."""

    company: Company
    standin: Standin

    @property
    def token(self) -> str:
        return self.company.credentials["api_token"]

    def crm(
        self, policy: RetryPolicy = QUICK, *, tracks_edits: bool = False, **environment: str
    ) -> PipedriveCrm:
        """Return the destination, pointed here."""
        given = {"PIPEDRIVE_API_URL": self.standin.url, "PIPEDRIVE_API_TOKEN": self.token}
        return PipedriveCrm({**given, **environment}, policy, tracks_edits=tracks_edits)

    def organizations(self, count: int) -> list[str]:
        """Put organisations in; return their ids."""
        rows: list[dict[str, Any]] = [
            {"id": 100 + number, "name": f"Org {number}", "owner_id": 7} for number in range(count)
        ]
        self.standin.seed("users", {"id": 7, "name": "Ann", "email": "ann@example.com"})
        self.standin.seed("organizations", *rows)
        return [str(row["id"]) for row in rows]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Serve a fresh, empty company."""
    company = Company()
    with running(build(company)) as standin:
        standin.http.headers["x-api-token"] = company.credentials["api_token"]
        yield Opened(company, standin)
