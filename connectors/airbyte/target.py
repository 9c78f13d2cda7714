"""How the Airbyte server reaches the warehouse: the configuration of its Postgres destination."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.loader_login import internal_schema
from warehouse.settings import AirbyteSettings

_PLAIN_MODES = ("disable", "allow", "prefer", "require")
_CERTIFICATES = {
    "verify-ca": {"ca_certificate": "sslrootcert"},
    "verify-full": {
        "ca_certificate": "sslrootcert",
        "client_certificate": "sslcert",
        "client_key": "sslkey",
    },
}


def destination_configuration(warehouse: Warehouse, settings: AirbyteSettings) -> dict[str, Any]:
    """Return the destination's configuration, without the login.

    Numbers keep all their digits (`unconstrained_number`), and a table that is made anew may take
    the views on it along (`drop_cascade`): dbt makes them again in the same run.

    Raises
    ------
    CopilotError
        The server could not reach the database, or not as safely as the URL asks for.
    """
    url = make_url(warehouse.url())
    query = {key: str(value) for key, value in url.query.items()}
    host = settings.database_host or _reachable(url.host or query.get("host") or "")
    schema = internal_schema(warehouse)
    return {
        "destinationType": "postgres",
        "host": host,
        "port": settings.database_port or url.port or 5432,
        "database": url.database or "",
        "schema": schema,
        "raw_data_schema": schema,
        "ssl": query.get("sslmode", "prefer") != "disable",
        "ssl_mode": _ssl_mode(query),
        "drop_cascade": True,
        "unconstrained_number": True,
        "tunnel_method": {"tunnel_method": "NO_TUNNEL"},
    }


def _reachable(host: str) -> str:
    if not host or host.startswith("/"):
        raise CopilotError(
            "The warehouse is reached through a socket of this machine, which an Airbyte server"
            " cannot use.",
            "Point COPILOT_DATABASE_URL at the database's host name and port.",
        )
    if _is_loopback(host):
        raise CopilotError(
            f"The warehouse is known as {host} only, which on an Airbyte server is that server.",
            "Set airbyte.database_host (and database_port) in copilot.yml to the address under"
            " which the server sees the database.",
        )
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _ssl_mode(query: Mapping[str, str]) -> dict[str, str]:
    mode = query.get("sslmode", "prefer")
    if mode in _PLAIN_MODES:
        return {"mode": mode}
    wanted = _CERTIFICATES.get(mode, {})
    files = {key: query.get(name, "") for key, name in wanted.items()}
    if not files or not all(Path(path).is_file() for path in files.values()):
        raise CopilotError(
            f"The warehouse's URL says sslmode={mode}, and Airbyte needs the certificates for it.",
            f"Name their files in COPILOT_DATABASE_URL: {', '.join(wanted.values())}.",
        )
    return {"mode": mode, **{key: Path(path).read_text() for key, path in files.items()}}
