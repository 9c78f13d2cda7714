"""Vendors' own clients that the project does not need: each in an environment of its own."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uv

from tests.integration.javascript import printed

CLIENTS = Path(__file__).parent / "clients"
_UNREACHABLE = "error sending request for url"  # uv's words where no registry answers
_SECONDS = 180


@pytest.fixture(scope="session")
def client_session(request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Return a way to run a script of `clients` with a package; it gives the script's JSON.

    Skips the test where the package registry cannot be reached, but not in CI.
    """
    cache: Path = request.config.cache.mkdir("clients")

    def run(package: str, script: str, **environment: str) -> dict[str, Any]:
        return printed([_python(package, cache), str(CLIENTS / script)], environment)

    return run


def _python(package: str, cache: Path) -> str:
    folder = cache / package
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        python = str(folder / "bin" / "python")
        for arguments in (
            ["venv", "--python", "3.11", str(folder)],
            ["pip", "install", "--python", python, package],
        ):
            _uv(package, arguments)
        (folder / "whole").touch()
    return str(folder / "bin" / "python")


def _uv(package: str, arguments: list[str]) -> None:
    command = [uv.find_uv_bin(), "--quiet", "--no-progress", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode == 0:
        return
    if _UNREACHABLE in done.stderr and not os.environ.get("CI"):
        pytest.skip(f"{package} cannot be fetched here: {done.stderr.strip()[:300]}")
    pytest.fail(f"{package} was not installed: {done.stderr}", pytrace=False)
