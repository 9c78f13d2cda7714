"""What `copilot airbyte apply` made on an Airbyte server."""

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "airbyte_resource",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        schema=context.config.attributes["warehouse"].schema("ops"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("airbyte_resource", schema=context.config.attributes["warehouse"].schema("ops"))
