"""A server of one stand-in, on 127.0.0.1 only."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from connectors.sandbox.common.protocol import CuttableProtocol


def listen(port: int) -> socket.socket:
    """Return a socket on this port of 127.0.0.1; any free one if it is 0.

    Raises
    ------
    OSError
        The port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener


def make_server(app: ASGIApp) -> uvicorn.Server:
    """Return a server, not yet running."""
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,  # clients poll every five seconds, uvicorn's own limit
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve in a thread of this process while the block runs; yield the address."""
    listener = listen(0)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
