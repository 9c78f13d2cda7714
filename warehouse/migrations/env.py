"""Alembic's entry point; the warehouse comes in through the configuration's attributes."""

from alembic import context

from warehouse.database import Warehouse

warehouse: Warehouse = context.config.attributes["warehouse"]

with warehouse.engine().connect() as connection:
    context.configure(
        connection=connection,
        version_table="alembic_version",
        version_table_schema=warehouse.schema("ops"),
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
