"""Roles, schemas and who may do what in them: the least each kind of work needs."""

import logging
from collections.abc import Iterable, Iterator

import psycopg
from psycopg import sql

from warehouse.database import DBT_SCHEMAS, Role, Warehouse

logger = logging.getLogger(__name__)

# (role that owns the schema, schema, {reader: privileges on the owner's future tables})
_READERS: dict[str, tuple[Role, ...]] = {
    "marts": (Role.SCIENTIST, Role.ANALYST, Role.PUBLISHER),
    "features": (Role.SCIENTIST, Role.ANALYST),
    "preview": (Role.SCIENTIST,),
    "soon": (Role.PUBLISHER,),
    "success": (Role.ANALYST,),
    "publish": (Role.PUBLISHER,),
}
_PYTHON_TABLES: tuple[tuple[str, str, Role, str], ...] = (
    ("ops", "sync_state", Role.LOADER, "select, insert, update, delete"),
    ("ops", "sync_run", Role.LOADER, "select, insert, update"),
    ("ops", "rejected_row", Role.LOADER, "select, insert, delete"),
    ("ops", "airbyte_resource", Role.LOADER, "select, insert, update"),
    ("ops", "sync_row", Role.PUBLISHER, "select, insert, update"),
    ("ops", "publish_intent", Role.PUBLISHER, "select, insert, update"),
    ("ops", "task", Role.PUBLISHER, "select, insert, update"),
    ("ops", "publish_plan", Role.PUBLISHER, "select, insert, update, delete"),
    ("ops", "publish_plan_row", Role.PUBLISHER, "select, insert, delete"),
    ("ops", "publish_record", Role.PUBLISHER, "select, insert, update"),
    ("ops", "audit_log", Role.PUBLISHER, "select, insert"),
    ("ops", "run", Role.PUBLISHER, "select"),
    ("ops", "alert_state", Role.PUBLISHER, "select, insert, update"),
    ("ops", "alert_message", Role.PUBLISHER, "select, insert, update"),
    ("ops", "alert_mute", Role.PUBLISHER, "select, insert, update"),
    ("ops", "account_link_suggestion", Role.SCIENTIST, "select, insert, delete"),
    ("ops", "audit_log", Role.SCIENTIST, "insert"),
    ("ml", "churn_score", Role.SCIENTIST, "select, insert, update, delete"),
    ("ml", "opportunity_score", Role.SCIENTIST, "select, insert, update, delete"),
    ("ml", "renewal_forecast", Role.SCIENTIST, "select, insert, update, delete"),
    ("ml", "account_value", Role.SCIENTIST, "select, insert, update, delete"),
    ("ml", "model_run", Role.SCIENTIST, "select, insert, update"),
    ("ml", "model_artifact", Role.SCIENTIST, "select, insert, update"),
    ("ml", "score_reference", Role.SCIENTIST, "select, insert, update"),
    ("ml", "model_decision", Role.SCIENTIST, "select, insert, update (registered_at)"),
    ("ml", "model_monitor", Role.SCIENTIST, "select, insert, update, delete"),
    ("ml", "backtest_run", Role.SCIENTIST, "select, insert, delete"),
    ("ml", "backtest_call", Role.SCIENTIST, "select, insert, delete"),
    ("ml", "backtest_departure", Role.SCIENTIST, "select, insert, delete"),
)
_TRANSFORMER_READS = (
    ("ops", "sync_state"), ("ops", "sync_run"), ("ops", "rejected_row"), ("ops", "sync_row"),
    ("ops", "publish_record"), ("ops", "account_link_suggestion"), ("ops", "health_override"),
    ("ops", "task"), ("ops", "soon_account"),
    ("ml", "churn_score"), ("ml", "opportunity_score"), ("ml", "model_run"),
    ("ml", "model_decision"), ("ml", "model_monitor"),
    ("ml", "backtest_run"), ("ml", "backtest_call"), ("ml", "backtest_departure"),
    ("ml", "renewal_forecast"), ("ml", "account_value"),
)  # fmt: skip


def ensure_roles_and_schemas(warehouse: Warehouse, sources: Iterable[str]) -> None:
    """Create what is absent of roles and schemas; existing ones keep their owners."""
    with warehouse.connect() as connection:
        _ensure_roles(warehouse, connection)
    warehouse.__dict__.pop("existing_roles", None)
    with warehouse.connect() as connection:
        for statement in _schema_statements(warehouse, sources):
            connection.execute(statement)


def grant_on_python_tables(warehouse: Warehouse) -> None:
    """Grant on the tables that the migrations made."""
    with warehouse.connect() as connection:
        for schema, table, role, privileges in _PYTHON_TABLES:
            _grant(warehouse, connection, privileges, schema, table, role)
        for schema, table in _TRANSFORMER_READS:
            _grant(warehouse, connection, "select", schema, table, Role.TRANSFORMER)


def _ensure_roles(warehouse: Warehouse, connection: psycopg.Connection) -> None:
    for role in Role:
        if role is Role.OWNER:
            continue
        name = warehouse.role_name(role)
        try:
            with connection.transaction():
                row = connection.execute("select 1 from pg_roles where rolname = %s", (name,))
                if row.fetchone() is None:
                    connection.execute(
                        sql.SQL("create role {} nologin").format(sql.Identifier(name))
                    )
                member = connection.execute(
                    "select rolsuper or pg_has_role(current_user, %s, 'usage')"
                    " from pg_roles where rolname = current_user",
                    (name,),
                ).fetchone()
                if member is None or not member[0]:
                    connection.execute(
                        sql.SQL("grant {} to current_user").format(sql.Identifier(name))
                    )
        except psycopg.errors.InsufficientPrivilege:
            logger.warning(
                "This server does not let the login create the role %s: everything runs as the"
                " login itself, without separation of power.",
                name,
            )
            return


def _schema_statements(warehouse: Warehouse, sources: Iterable[str]) -> Iterator[sql.Composed]:
    raw = sorted({f"raw_{source}" for source in (*sources, "app")})
    owned = [(schema, Role.LOADER) for schema in raw]
    owned += [(schema, Role.TRANSFORMER) for schema in DBT_SCHEMAS]
    owned += [("ops", Role.OWNER), ("ml", Role.OWNER), ("mlflow", Role.SCIENTIST)]
    for schema, owner in owned:
        name = sql.Identifier(warehouse.schema(schema))
        owner_name = warehouse.acting_role(owner)
        if owner_name:
            yield sql.SQL("create schema if not exists {} authorization {}").format(
                name, sql.Identifier(owner_name)
            )
        else:
            yield sql.SQL("create schema if not exists {}").format(name)
        yield from _reader_statements(warehouse, schema, owner_name)
    yield from _usage_statements(warehouse)


def _reader_statements(
    warehouse: Warehouse, schema: str, owner_name: str | None
) -> Iterator[sql.Composed]:
    readers = (Role.TRANSFORMER,) if schema.startswith("raw_") else _READERS.get(schema, ())
    for reader in readers:
        name = warehouse.acting_role(reader)
        if owner_name is None or name is None:
            continue
        parts = {
            "schema": sql.Identifier(warehouse.schema(schema)),
            "reader": sql.Identifier(name),
            "owner": sql.Identifier(owner_name),
        }
        yield sql.SQL("grant usage on schema {schema} to {reader}").format(**parts)
        yield sql.SQL("grant select on all tables in schema {schema} to {reader}").format(**parts)
        yield sql.SQL(
            "alter default privileges for role {owner} in schema {schema}"
            " grant select on tables to {reader}"
        ).format(**parts)


def _usage_statements(warehouse: Warehouse) -> Iterator[sql.Composed]:
    users = {
        "ops": (Role.LOADER, Role.TRANSFORMER, Role.SCIENTIST, Role.PUBLISHER),
        "ml": (Role.SCIENTIST, Role.TRANSFORMER),
    }
    for schema, roles in users.items():
        for role in roles:
            name = warehouse.acting_role(role)
            if name:
                yield sql.SQL("grant usage on schema {} to {}").format(
                    sql.Identifier(warehouse.schema(schema)), sql.Identifier(name)
                )


def _grant(
    warehouse: Warehouse,
    connection: psycopg.Connection,
    privileges: str,
    schema: str,
    table: str,
    role: Role,
) -> None:
    name = warehouse.acting_role(role)
    if name:
        connection.execute(
            sql.SQL("grant {} on {} to {}").format(
                sql.SQL(privileges),
                sql.Identifier(warehouse.schema(schema), table),
                sql.Identifier(name),
            )
        )
