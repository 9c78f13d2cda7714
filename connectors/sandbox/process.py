"""Start a stand-in by itself, find it again, and stop it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from connectors.sandbox.info import SandboxInfo, log_path, read_info, sandbox_folder
from connectors.sandbox.standins import STANDINS, standin_of
from warehouse.errors import CopilotError
from warehouse.files import locked
from warehouse.lock import RUN_MARK
from warehouse.settings import PROJECT_ROOT

_START_SECONDS = 60
_STOP_SECONDS = 10


def ensure_running(home: Path, vendor: str = "salesforce") -> SandboxInfo:
    """Return the running stand-in of this home and vendor; start it, detached, if it is not up.

    Raises
    ------
    CopilotError
        It does not start; the message says why.
    """
    title = standin_of(vendor).title
    with locked(sandbox_folder(home) / "start.lock"):  # one process at a time looks and starts
        info = running(home, vendor)
        if info is not None:
            return info
        _start(home, vendor)
        info = running(home, vendor)
    if info is None:
        raise CopilotError(
            f"The {title} stand-in started and does not answer.",
            f"Its log is {log_path(home, vendor)}.",
        )
    return info


def running(home: Path, vendor: str = "salesforce") -> SandboxInfo | None:
    """Return the stand-in of this home and vendor if it answers, else None."""
    info = read_info(home, vendor)
    return info if info is not None and _answering_pid(info) == info.pid else None


def stop(home: Path) -> None:
    """End the stand-ins of this home that run; their state stays."""
    for vendor in STANDINS:
        info = running(home, vendor)
        if info is not None:
            _stop(info)


def _stop(info: SandboxInfo) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(info.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while _answering_pid(info) is not None:
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(info.pid, signal.SIGKILL)
            return
        time.sleep(0.05)


def _start(home: Path, vendor: str) -> None:
    title, log = standin_of(vendor).title, log_path(home, vendor)
    command = [sys.executable, "-m", "connectors.sandbox", vendor, "--detach", "--home", str(home)]
    outlives_the_run = {key: value for key, value in os.environ.items() if key != RUN_MARK}
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=outlives_the_run,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CopilotError(
            f"The {title} stand-in did not start within {_START_SECONDS} s.", f"Its log is {log}."
        ) from error
    if done.returncode:
        raise CopilotError(
            f"The {title} stand-in did not start: {done.stderr.strip()}", f"Its log is {log}."
        )


def _answering_pid(info: SandboxInfo) -> int | None:
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(f"{info.url}/__sandbox__/health", timeout=5)
            return int(answer.json()["pid"])
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return None
