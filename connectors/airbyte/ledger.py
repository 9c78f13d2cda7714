"""What was made on the server, and a fingerprint of the secrets that it was given.

A server shows secrets as asterisks only, so whether one has changed cannot be asked of it. The
fingerprint is salted and slow to compute: whoever reads the table learns no secret from it. If the
table is lost, everything is found again by its name, and given its secrets once more.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from warehouse.clock import utc_now
from warehouse.database import Role, Warehouse

_COST = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True)
class Entry:
    """One thing on the server that belongs to the copilot."""

    resource_id: str
    fingerprint: str | None
    secret_fingerprint: str | None


class Ledger:
    """Reads and writes ``ops.airbyte_resource``.

    Parameters
    ----------
    warehouse : Warehouse
        Whose installation the things belong to.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._table = sql.Identifier(warehouse.schema("ops"), "airbyte_resource")

    def read(self) -> dict[tuple[str, str], Entry]:
        """Return the entries by kind and name."""
        with self._warehouse.connect(Role.LOADER) as connection:
            rows = connection.execute(
                sql.SQL(
                    "select kind, name, resource_id, fingerprint, secret_fingerprint from {}"
                ).format(self._table)
            ).fetchall()
        return {(str(row[0]), str(row[1])): Entry(str(row[2]), *row[3:]) for row in rows}

    def write(
        self,
        kind: str,
        name: str,
        resource_id: str,
        sent: dict[str, Any] | None = None,
        secret: dict[str, Any] | None = None,
    ) -> None:
        """Write that a thing stands on the server as it should.

        Parameters
        ----------
        sent : dict, optional
            The configuration that it was given.
        secret : dict, optional
            What of it the server shows as asterisks.
        """
        with self._warehouse.connect(Role.LOADER) as connection:
            connection.execute(
                sql.SQL(
                    "insert into {} (kind, name, resource_id, fingerprint, secret_fingerprint,"
                    " updated_at) values (%s, %s, %s, %s, %s, %s)"
                    " on conflict (kind, name) do update set resource_id = excluded.resource_id,"
                    " fingerprint = excluded.fingerprint,"
                    " secret_fingerprint = excluded.secret_fingerprint,"
                    " updated_at = excluded.updated_at"
                ).format(self._table),
                (
                    kind,
                    name,
                    resource_id,
                    None if sent is None else fingerprint(sent),
                    None if secret is None else fingerprint(secret),
                    utc_now(),
                ),
            )


def fingerprint(configuration: dict[str, Any], salt: bytes | None = None) -> str:
    """Return a salted fingerprint of a configuration with its secrets."""
    salt = salt or secrets.token_bytes(16)
    text = json.dumps(configuration, sort_keys=True, ensure_ascii=True, default=str)
    digest = hashlib.scrypt(text.encode(), salt=salt, maxmem=2**26, **_COST)
    return "$".join(("scrypt", _text(salt), _text(digest)))


def matches(configuration: dict[str, Any], known: str | None) -> bool:
    """Return whether a fingerprint is that of a configuration."""
    if not known:
        return False
    salt = base64.b64decode(known.split("$")[1])
    return hmac.compare_digest(fingerprint(configuration, salt), known)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
