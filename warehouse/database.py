"""Connections to the warehouse, each in the role that the work needs."""

import os
from enum import StrEnum
from functools import cached_property
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import make_url

from warehouse.embedded import EmbeddedServer
from warehouse.errors import CopilotError
from warehouse.settings import Settings, copilot_home

MINIMUM_VERSION = 15
DBT_SCHEMAS = (
    "seeds",
    "snapshots",
    "staging",
    "intermediate",
    "marts",
    "features",
    "health",
    "preview",
    "soon",
    "success",
    "publish",
)


class Role(StrEnum):
    """Who acts; ``OWNER`` is the login of the URL itself."""

    OWNER = "owner"
    LOADER = "loader"
    TRANSFORMER = "transformer"
    SCIENTIST = "scientist"
    PUBLISHER = "publisher"
    ANALYST = "analyst"


class Warehouse:
    """The warehouse database.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:port/database``.
    schema_prefix : str
        Put before the name of each schema and role.
    """

    def __init__(self, url: str, schema_prefix: str = "") -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self.schema_prefix = schema_prefix
        self._engines: dict[Role, sa.Engine] = {}

    def schema(self, name: str) -> str:
        """Return the schema's name in this installation."""
        return f"{self.schema_prefix}{name}"

    def role_name(self, role: Role) -> str:
        """Return the role's name in this installation."""
        return f"{self.schema_prefix}copilot_{role.value}"

    def url(self) -> str:
        """Return the URL with its password; never log it."""
        return self._url.render_as_string(hide_password=False)

    @property
    def address(self) -> str:
        """The URL without its password, fit for a message."""
        return self._url.render_as_string(hide_password=True)

    @cached_property
    def existing_roles(self) -> frozenset[str]:
        """Those of the copilot's roles that this server has."""
        names = [self.role_name(role) for role in Role]
        with self._open() as connection:
            rows = connection.execute(
                "select rolname from pg_roles where rolname = any(%s)"
                " and pg_has_role(current_user, oid, 'member')",
                (names,),
            ).fetchall()
        return frozenset(str(row[0]) for row in rows)

    def acting_role(self, role: Role) -> str | None:
        """Return the role to ``SET``, or None where the login itself has to do."""
        name = self.role_name(role)
        return name if role is not Role.OWNER and name in self.existing_roles else None

    def connect(self, role: Role = Role.OWNER) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a psycopg connection (autocommit off) acting as ``role``."""
        connection = self._open()
        name = self.acting_role(role)
        if name:
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(name)))
            connection.commit()
        return connection

    def engine(self, role: Role = Role.OWNER) -> sa.Engine:
        """Return the SQLAlchemy engine acting as ``role``; one a process and role."""
        if role not in self._engines:
            self._engines[role] = sa.create_engine(
                self._url.set(drivername="postgresql+psycopg"),
                creator=lambda: self.connect(role),
                pool_pre_ping=True,
            )
        return self._engines[role]

    def dispose(self) -> None:
        """Close all pooled connections."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()

    def check(self) -> None:
        """Raise a `CopilotError` unless the server answers and is new enough."""
        with self._open() as connection:
            version = connection.info.server_version // 10_000
        if version < MINIMUM_VERSION:
            raise CopilotError(
                f"{self.address} runs Postgres {version}.",
                f"The copilot needs Postgres {MINIMUM_VERSION} or newer.",
            )

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            return psycopg.connect(
                self.url(),
                connect_timeout=10,
                application_name=application_name(self.schema_prefix),
                options="-c timezone=UTC",
            )
        except psycopg.OperationalError as error:
            raise CopilotError(
                f"The database {self.address} cannot be reached: {str(error).strip()}",
                "Is the server up, and is COPILOT_DATABASE_URL right? `copilot doctor` tells more.",
            ) from error


def application_name(schema_prefix: str) -> str:
    """Return the name under which this installation's sessions show in ``pg_stat_activity``."""
    return f"copilot:{schema_prefix}"


def open_warehouse(settings: Settings) -> Warehouse:
    """Open the warehouse of ``COPILOT_DATABASE_URL``, or start the embedded server.

    Raises
    ------
    CopilotError
        The database cannot be reached, or is older than Postgres 15.
    """
    named = os.environ.get("COPILOT_DATABASE_URL", "").strip()
    if named:
        try:
            url = str(make_url(named).render_as_string(hide_password=False))
        except (sa.exc.ArgumentError, ValueError) as error:
            raise CopilotError(
                "COPILOT_DATABASE_URL is not a database URL.",
                "It looks like postgresql://user:password@host:5432/database.",
            ) from error
    else:
        url = EmbeddedServer(copilot_home()).start()
    warehouse = Warehouse(url, settings.schema_prefix)
    warehouse.check()
    return warehouse
