"""Schemas in which dbt makes something that is looked at or merged, and that nothing else reads."""

from psycopg import sql

from warehouse.database import Role, Warehouse

PREVIEW = "preview"


def drop_tables(warehouse: Warehouse, schema: str) -> None:
    """Drop what dbt made in a schema of its own, so that nobody takes it for the marts."""
    with warehouse.connect(Role.TRANSFORMER) as connection:
        found = connection.execute(
            "select table_name, table_type from information_schema.tables where table_schema = %s",
            (warehouse.schema(schema),),
        ).fetchall()
        for name, kind in found:
            word = sql.SQL("view" if kind == "VIEW" else "table")
            place = sql.Identifier(warehouse.schema(schema), name)
            connection.execute(sql.SQL("drop {} if exists {} cascade").format(word, place))
