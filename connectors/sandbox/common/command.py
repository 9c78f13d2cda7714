"""Serve a stand-in in the foreground, for trying clients by hand."""

import argparse
import contextlib
import sys
from collections.abc import Callable

from starlette.types import ASGIApp

from connectors.sandbox.common.served import AnyVendor
from connectors.sandbox.common.serving import listen, make_server
from connectors.sandbox.common.vendor import ADMIN


def serve_one(vendor: AnyVendor, build: Callable[[AnyVendor], ASGIApp]) -> int:
    """Serve until interrupted; say where, and with which credentials.

    Parameters
    ----------
    vendor : Vendor
        An empty stand-in; records come by ``POST /__sandbox__/seed``.
    build : callable
        Makes its application.

    Returns
    -------
    int
        The exit code.
    """
    parser = argparse.ArgumentParser(prog=f"python -m connectors.sandbox.{vendor.name}")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 (0: any)")
    port = parser.parse_args().port
    try:
        listener = listen(port)
    except OSError as error:
        print(f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.", file=sys.stderr)
        return 1
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(f"{vendor.name} stand-in (empty; seed it by POST {ADMIN}/seed) at {address}")
    for name, value in vendor.credentials.items():
        print(f"{name}={value}")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        make_server(build(vendor)).run(sockets=[listener])
    return 0
