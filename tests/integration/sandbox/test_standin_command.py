"""Stand-ins are served from the command line, and answer programs on this machine alone."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from warehouse.settings import PROJECT_ROOT

VENDORS = ("hubspot", "intercom", "slack", "stripe", "teams", "zendesk")


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield a vendor's name, the address it was told, and the credentials."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"connectors.sandbox.{request.param}"],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().rpartition(" ")[2]
        said: dict[str, str] = {}
        health = requests.get(f"{address}/__sandbox__/health", timeout=20).json()
        for _ in range(2):
            name, _, value = process.stdout.readline().strip().partition("=")
            said[name] = value
        yield health["vendor"], address, said
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_stand_in_says_where_it_is_and_how_to_log_in(
    served: tuple[str, str, dict[str, str]], request: pytest.FixtureRequest
) -> None:
    vendor, address, credentials = served
    assert vendor == request.node.callspec.params["served"]
    assert all(credentials.values())
    for headers in ({"Host": "api.example.com"}, {"Origin": "https://evil.example"}):
        answer = requests.get(f"{address}/__sandbox__/health", headers=headers, timeout=10)
        assert answer.status_code == 403
