"""Where a stand-in is reached and with which credentials: a file that only its owner may read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.sandbox.standins import standin_of
from warehouse.files import write_private


@dataclass(frozen=True)
class SandboxInfo:
    """A running stand-in.

    Parameters
    ----------
    vendor : str
        Whose it is.
    url : str
        Base URL, such as ``http://127.0.0.1:41234``.
    pid : int
        Its process.
    credentials : mapping of str to str
        Its secrets by name; never shown.
    """

    vendor: str
    url: str
    pid: int
    credentials: Mapping[str, str] = field(repr=False)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point programs here."""
        known = {**self.credentials, "url": self.url}
        wanted = standin_of(self.vendor).environment
        return {name: value.format(**known) for name, value in wanted.items()}


def sandbox_folder(home: Path) -> Path:
    """Return the folder of the stand-ins' state, made if absent."""
    folder = home / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def info_path(home: Path, vendor: str = "salesforce") -> Path:
    """Return the file that tells where a stand-in is."""
    return sandbox_folder(home) / f"{vendor}.json"


def log_path(home: Path, vendor: str) -> Path:
    """Return the log of a stand-in."""
    return sandbox_folder(home) / f"{vendor}.log"


def read_info(home: Path, vendor: str = "salesforce") -> SandboxInfo | None:
    """Return what the file says; None if it is absent or damaged."""
    try:
        known = json.loads(info_path(home, vendor).read_text(encoding="utf-8"))
        return SandboxInfo(vendor, str(known.pop("url")), int(known.pop("pid")), known)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_info(home: Path, info: SandboxInfo) -> None:
    """Write the file whole, readable by its owner alone."""
    told = {"url": info.url, "pid": info.pid, **info.credentials}
    write_private(info_path(home, info.vendor), json.dumps(told, indent=2) + "\n")
