"""Vendors' own JavaScript clients: installed once from npm, driven by a script."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 180
_UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")


def run_script(cache: Path, package: str, script: Path, **environment: str) -> dict[str, Any]:
    """Run a script with a package at hand; return the JSON that it prints.

    Skips the test where the package registry cannot be reached, but not in CI.

    Parameters
    ----------
    cache : Path
        Folder that keeps packages from one run of the tests to the next.
    package : str
        Such as ``pipedrive@25.0.0``.
    """
    folder = cache / package.replace("/", "+")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            _install(folder, package)
    modules = str(folder / "node_modules")
    return printed(["node", str(script)], {"NODE_PATH": modules, **environment})


def printed(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """Return the JSON that a program prints which knows only these variables and the PATH."""
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _install(folder: Path, package: str) -> None:
    shutil.rmtree(folder / "node_modules", ignore_errors=True)
    command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund"]
    done = subprocess.run(
        [*command, "--ignore-scripts", "--loglevel=error", package],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        (folder / "whole").touch()
        return
    if any(code in done.stderr for code in _UNREACHABLE) and not os.environ.get("CI"):
        pytest.skip(f"{package} cannot be fetched here: {done.stderr.strip()[:300]}")
    pytest.fail(f"{package} was not installed: {done.stderr}", pytrace=False)
