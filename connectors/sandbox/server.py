"""The process of a stand-in: one at a time for a home and vendor, on 127.0.0.1 only."""

import fcntl
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from connectors.sandbox.common.serving import listen, make_server
from connectors.sandbox.info import (
    SandboxInfo,
    info_path,
    log_path,
    read_info,
    sandbox_folder,
    write_info,
)
from connectors.sandbox.standins import fresh_credentials, open_standin, standin_of
from warehouse.errors import CopilotError


@dataclass(frozen=True)
class Prepared:
    """A stand-in that only has to serve: its application, its socket, what closes its state."""

    app: ASGIApp
    listener: socket.socket
    close: Callable[[], None]
    url: str


def hold_state(home: Path, vendor: str) -> IO[str]:
    """Take the state for this process until it ends.

    Raises
    ------
    CopilotError
        Another process has it.
    """
    handle = (sandbox_folder(home) / f"{vendor}.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise CopilotError(
            f"A {standin_of(vendor).title} stand-in already runs on {sandbox_folder(home)}.",
            f"{info_path(home, vendor)} says where.",
        ) from error
    return handle


def _listen_again(known: SandboxInfo | None, port: int) -> socket.socket:
    if port == 0 and known is not None:
        try:
            return listen(urlsplit(known.url).port or 0)
        except OSError:
            return listen(0)
    try:
        return listen(port)
    except OSError as error:
        raise CopilotError(
            f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.",
            "Choose another with --port, or leave it out.",
        ) from error


def prepare(home: Path, vendor: str, port: int) -> Prepared:
    """Open the state, the port, and the file that tells of them."""
    known = read_info(home, vendor)
    listener = _listen_again(known, port)
    credentials = fresh_credentials(vendor)
    if known:
        credentials |= {name: value for name, value in known.credentials.items() if value}
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    state = sandbox_folder(home) / f"{vendor}.sqlite"
    state.touch(mode=0o600)
    app, close = open_standin(vendor, state, credentials, url)
    write_info(home, SandboxInfo(vendor, url, os.getpid(), credentials))
    return Prepared(app, listener, close, url)


def serve(prepared: Prepared) -> None:
    """Serve until told to stop."""
    try:
        make_server(prepared.app).run(sockets=[prepared.listener])
    finally:
        prepared.close()


def run_detached(home: Path, vendor: str, port: int) -> int:
    """Serve in a process of its own; return 0 once it listens, else 1 with the reason on stderr."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            message = pipe.read()
        if message == "ready":
            return 0
        print(message or "The stand-in ended before it listened; see its log.", file=sys.stderr)
        return 1
    os.close(reading)
    os.setsid()
    _redirect(log_path(home, vendor))
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        try:
            lock = hold_state(home, vendor)
            prepared = prepare(home, vendor, port)
        except (CopilotError, OSError, ValueError) as error:
            pipe.write(str(error))
            return 1
        pipe.write("ready")
    serve(prepared)
    lock.close()
    return 0


def _redirect(log: Path) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
