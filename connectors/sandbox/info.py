"""Where a stand-in is reached and with which credentials: a file that only its owner may read."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.files import write_private


@dataclass(frozen=True)
class SandboxInfo:
    """A running stand-in.

    Parameters
    ----------
    url : str
        Base URL, such as ``http://127.0.0.1:41234``.
    pid : int
        Its process.
    client_id, client_secret : str
        For OAuth's client credentials.
    username, password : str
        For SOAP login and OAuth's password grant (there is no security token).
    refresh_token : str
        For OAuth's refresh token grant.
    """

    url: str
    pid: int
    client_id: str
    client_secret: str
    username: str
    password: str
    refresh_token: str = ""

    @property
    def credentials(self) -> dict[str, str]:
        """The secrets by name."""
        return {name: value for name, value in asdict(self).items() if name not in {"url", "pid"}}

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point the Salesforce destination here."""
        return {
            "SALESFORCE_INSTANCE_URL": self.url,
            "SALESFORCE_CLIENT_ID": self.client_id,
            "SALESFORCE_CLIENT_SECRET": self.client_secret,
        }

    def __repr__(self) -> str:
        """Show the address; never the secrets."""
        return f"SandboxInfo(url={self.url!r}, pid={self.pid})"


def sandbox_folder(home: Path) -> Path:
    """Return the folder of the stand-ins' state, made if absent."""
    folder = home / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def info_path(home: Path) -> Path:
    """Return the file that tells where the Salesforce stand-in is."""
    return sandbox_folder(home) / "salesforce.json"


def read_info(home: Path) -> SandboxInfo | None:
    """Return what the file says; None if it is absent or damaged."""
    try:
        return SandboxInfo(**json.loads(info_path(home).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_info(home: Path, info: SandboxInfo) -> None:
    """Write the file whole, readable by its owner alone."""
    write_private(info_path(home), json.dumps(asdict(info), indent=2) + "\n")


def new_credentials() -> dict[str, str]:
    """Make credentials for a fresh org."""
    return {
        "client_id": f"3MVG9{secrets.token_urlsafe(48)}",
        "client_secret": secrets.token_hex(32).upper(),
        "username": "integration@copilot.sandbox.example",
        "password": secrets.token_urlsafe(18),
        "refresh_token": f"5Aep{secrets.token_urlsafe(60)}",
    }
