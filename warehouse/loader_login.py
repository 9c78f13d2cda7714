"""A login for a program outside that writes raw tables: it can do what the loader can, no more."""

import logging
import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoaderLogin:
    """Who the program logs in as.

    Parameters
    ----------
    username : str
        The login.
    password : str or None
        None if the login is there already: nobody but the program knows its password.
    """

    username: str
    password: str | None

    def __repr__(self) -> str:
        """Show the name; never the password."""
        return f"LoaderLogin(username={self.username!r})"


def login_name(warehouse: Warehouse) -> str:
    """Return the name of the login in this installation."""
    return f"{warehouse.schema_prefix}copilot_airbyte"


def internal_schema(warehouse: Warehouse) -> str:
    """Return the schema in which the program makes tables before they take their place."""
    return warehouse.schema("airbyte_internal")


def planned_login(warehouse: Warehouse) -> LoaderLogin:
    """Return who the program is to log in as; the password only of the URL's own login.

    Where the server does not let this login make roles, it has to do itself.
    """
    if has_own_login(warehouse) or _may_make_one(warehouse):
        return LoaderLogin(login_name(warehouse), None)
    logger.warning(
        "This database server does not let a login of its own be made for Airbyte: it gets the"
        " login of COPILOT_DATABASE_URL, with all that this one may do."
    )
    url = make_url(warehouse.url())
    return LoaderLogin(url.username or "", url.password or "")


def has_own_login(warehouse: Warehouse) -> bool:
    """Return whether the login of its own exists and may act as the loader."""
    with warehouse.connect() as connection:
        row = connection.execute(
            "select pg_has_role(r.oid, l.oid, 'member') and r.rolcanlogin"
            " from pg_roles r, pg_roles l where r.rolname = %s and l.rolname = %s",
            (login_name(warehouse), warehouse.role_name(Role.LOADER)),
        ).fetchone()
    return bool(row and row[0])


def _may_make_one(warehouse: Warehouse) -> bool:
    with warehouse.connect() as connection:
        row = connection.execute(
            "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()
    return bool(row and row[0]) and warehouse.acting_role(Role.LOADER) is not None


def renew_own_login(warehouse: Warehouse) -> LoaderLogin:
    """Make the login if it is absent, with its grants, and give it a new password.

    The password is returned and kept nowhere: nobody but the program is to know it.

    Raises
    ------
    CopilotError
        The database's owner has to grant something first.
    """
    name, password = login_name(warehouse), secrets.token_urlsafe(32)
    with warehouse.connect() as connection:
        try:
            _create(warehouse, connection, name)
            _set_password(connection, name, password)
            _grant(warehouse, connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise CopilotError(
                f"The login for Airbyte cannot be made on {warehouse.address}:"
                f" {str(error).strip()}",
                "The database's owner has to let the login of COPILOT_DATABASE_URL make roles and"
                " grant CREATE on the database.",
            ) from error
    return LoaderLogin(name, password)


def _create(warehouse: Warehouse, connection: psycopg.Connection, name: str) -> None:
    """Make a login that inherits nothing: each of its sessions acts as the loader itself.

    So everything that it makes belongs to the loader, as what the runner makes does, and the
    grants on the loader's tables hold for both.
    """
    loader = sql.Identifier(warehouse.role_name(Role.LOADER))
    login = sql.Identifier(name)
    row = connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone()
    verb = "alter" if row else "create"
    connection.execute(sql.SQL(f"{verb} role {{}} login noinherit").format(login))
    connection.execute(sql.SQL("grant {} to {}").format(loader, login))
    connection.execute(sql.SQL("alter role {} set role = {}").format(login, loader))


def _set_password(connection: psycopg.Connection, name: str, password: str) -> None:
    """Send the password's SCRAM verifier, so that no log of the server holds the password."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(name), sql.Literal(verifier))
    )


def _grant(warehouse: Warehouse, connection: psycopg.Connection) -> None:
    """Let the loader make schemas, and the transformer read what is moved out of the internal one.

    Airbyte says ``create schema if not exists``, which asks for the right to create even where the
    schema exists. A table keeps the grants of the schema in which it was made when it is moved.
    """
    loader = sql.Identifier(warehouse.role_name(Role.LOADER))
    database = connection.execute("select current_database()").fetchone()
    internal = internal_schema(warehouse)
    connection.execute(
        sql.SQL("grant connect, create on database {} to {}").format(
            sql.Identifier(str(database[0]) if database else ""), loader
        )
    )
    connection.execute(
        sql.SQL("create schema if not exists {} authorization {}").format(
            sql.Identifier(internal), loader
        )
    )
    reader = warehouse.acting_role(Role.TRANSFORMER)
    if reader:
        connection.execute(
            sql.SQL(
                "alter default privileges for role {} in schema {} grant select on tables to {}"
            ).format(loader, sql.Identifier(internal), sql.Identifier(reader))
        )
