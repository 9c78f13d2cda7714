"""The unmodified connectors, each in an environment of its own that outlives the test session."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import uv

from connectors.sources.source import VendorSource

_SECONDS = 300
_UNREACHABLE = "error sending request for url"  # uv's words where no registry answers
_offline: list[str] = []


def install(source: VendorSource, cache: Path) -> list[str]:
    """Return the command of a vendor's pinned connector; install it if it is not there yet.

    Skips the test where the package registry cannot be reached, but not in CI.
    """
    wanted = "\n".join((source.requirement, *source.overrides))
    folder = cache / f"{source.name}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    program = folder / "bin" / source.requirement.split("==")[0].removeprefix("airbyte-")
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _fill(source, folder)
    return [str(program)]


def _fill(source: VendorSource, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _uv(source, "venv", "--python", "3.11", str(folder))
    overrides = folder / "overrides.txt"
    overrides.write_text("\n".join(source.overrides), encoding="utf-8")
    arguments = ["--overrides", str(overrides)] if source.overrides else []
    python = str(folder / "bin" / "python")
    _uv(source, "pip", "install", "--python", python, *arguments, source.requirement)
    (folder / "complete").touch()


def _uv(source: VendorSource, *arguments: str) -> None:
    if _offline:
        pytest.skip(f"{source.requirement} cannot be fetched here: {_offline[0]}")
    done = subprocess.run(
        [uv.find_uv_bin(), "--quiet", "--no-progress", *arguments],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        return
    if _UNREACHABLE in done.stderr and not os.environ.get("CI"):
        _offline.append(done.stderr.strip()[:500])
        pytest.skip(f"{source.requirement} cannot be fetched here: {_offline[0]}")
    pytest.fail(f"{source.requirement} was not installed: {done.stderr}", pytrace=False)
