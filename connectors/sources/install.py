"""A vendor's connector in an environment of its own, pinned, made when it is first needed.

The environments lie under ``COPILOT_HOME/connectors``. They cannot be made elsewhere and moved
into place, since their scripts name their own folder; a mark written last says that one is whole.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sources.source import VendorSource
from warehouse.errors import CopilotError, TransientError
from warehouse.files import locked

PYTHON = "3.11"  # most of the pinned connectors refuse 3.12 and newer
_WHOLE = ".whole"
_SECONDS = 1800.0
_UNREACHABLE = re.compile(
    r"retrying \(|connectionerror|connect error|error sending request|dns error|timed out"
    r"|name resolution|failed to fetch|network is unreachable|connection refused",
    re.IGNORECASE,
)


def lock_file(vendor: VendorSource) -> Path:
    """Return the file that pins every package of the connector."""
    return Path(__file__).parent / vendor.name / "connector.lock"


def environment_folder(vendor: VendorSource, home: Path) -> Path:
    """Return where the connector's environment belongs; another lock makes another folder."""
    pins = hashlib.sha256(PYTHON.encode() + lock_file(vendor).read_bytes()).hexdigest()[:10]
    return home / "connectors" / f"{vendor.name}-{vendor.version}-{pins}"


def is_installed(vendor: VendorSource, home: Path) -> bool:
    """Tell whether the connector's environment is there, and whole."""
    return (environment_folder(vendor, home) / _WHOLE).exists()


def ensure_connector(
    vendor: VendorSource, home: Path, say: Callable[[str], None] | None = None
) -> list[str]:
    """Return the command that starts a vendor's connector; install it first if need be.

    Of several processes that need it at once, one installs it and the others wait.

    Parameters
    ----------
    vendor : VendorSource
        Whose connector.
    home : pathlib.Path
        ``COPILOT_HOME``.
    say : callable, optional
        Told before something is installed, since that takes a while.

    Raises
    ------
    CopilotError
        There is no Python that it runs on, the package registry is out of reach (a
        TransientError), or a package does not install; the message says which.
    """
    folder = environment_folder(vendor, home)
    (home / "connectors").mkdir(parents=True, exist_ok=True)
    with locked(home / "connectors" / f"{vendor.name}.lock"):
        if not is_installed(vendor, home):
            if say:
                say(f"installing the connector of {vendor.title}, {vendor.requirement}")
            shutil.rmtree(folder, ignore_errors=True)
            _install(vendor, folder)
            (folder / _WHOLE).touch()
    python = str(folder / "bin" / "python")
    if vendor.launcher is not None:
        return [python, str(vendor.launcher)]
    return [python, str(folder / "bin" / vendor.program)]


def _install(vendor: VendorSource, folder: Path) -> None:
    """Make the environment with uv, which takes seconds, or else with venv and pip.

    Both install the same files: the lock names every package with its checksums.
    """
    base = python_for_connectors(vendor)
    python = str(folder / "bin" / "python")
    pins = ["--no-deps", "--require-hashes", "--requirement", str(lock_file(vendor))]
    uv = _uv()
    if uv:
        make = [uv, "venv", "--quiet", "--no-config", "--python", base, str(folder)]
        fill = [uv, "pip", "install", "--quiet", "--python", python, *pins]
    else:
        make = [base, "-m", "venv", str(folder)]
        fill = [python, "-m", "pip", "install", "--disable-pip-version-check", *pins]
    for command in (make, fill):
        _run(vendor, command)


def _uv() -> str | None:
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv")


def python_for_connectors(vendor: VendorSource) -> str:
    """Return the Python that connectors are installed for.

    Raises
    ------
    CopilotError
        There is none.
    """
    if f"{sys.version_info.major}.{sys.version_info.minor}" == PYTHON:
        return sys.executable
    found = shutil.which(f"python{PYTHON}")
    if found is None:
        raise CopilotError(
            f"The connector of {vendor.title} needs Python {PYTHON}, and there is none: this is"
            f" {sys.version_info.major}.{sys.version_info.minor}.",
            f"Install Python {PYTHON} beside it, so that python{PYTHON} is on the PATH.",
        )
    return found


def _run(vendor: VendorSource, command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
            env={k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")},
        )
    except subprocess.TimeoutExpired as error:
        raise TransientError(
            f"Installing the connector of {vendor.title} took more than {_SECONDS / 60:g} minutes.",
            "Is the package registry slow? Run again.",
        ) from error
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    if _UNREACHABLE.search(said):
        raise TransientError(
            f"The connector of {vendor.title} ({vendor.requirement}) could not be installed:"
            f" the package registry cannot be reached: {_last_words(said)}",
            "Mend the way to it, or name a mirror (UV_INDEX_URL, PIP_INDEX_URL), and run again.",
        )
    raise CopilotError(
        f"The connector of {vendor.title} ({vendor.requirement}) could not be installed:"
        f" {_last_words(said)}",
        f"`{' '.join(command)}` shows all of it.",
    )


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " | ".join(lines[-4:])[:600]
