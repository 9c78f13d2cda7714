"""Vendors' own JavaScript clients: each installed into a folder of its own, and driven by Node."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parent / "clients"
_UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT")  # npm, without a registry
_SECONDS = 180


def node_session(cache: Path, package: str, script: str, **environment: str) -> dict[str, Any]:
    """Run a script of `clients` with a package of npm, and return the JSON that it prints.

    Skips the test where the package registry cannot be reached, but not in CI.

    Parameters
    ----------
    cache : Path
        Where packages stay between sessions.
    package : str
        Name and version, such as ``@slack/web-api@8.2.0``.
    """
    folder = cache / package.replace("/", "_")
    if not (folder / "whole").exists():
        _install(folder, package)
    shutil.copy(CLIENTS / script, folder / script)  # imports are looked for beside the script
    done = subprocess.run(
        ["node", script],
        cwd=folder,
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
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", package]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode == 0:
        (folder / "whole").touch()
    elif any(word in done.stderr for word in _UNREACHABLE) and not os.environ.get("CI"):
        pytest.skip(f"{package} cannot be fetched here: {done.stderr.strip()[:300]}")
    else:
        pytest.fail(f"{package} was not installed: {done.stderr}", pytrace=False)
