"""What `copilot identity suggest` found: who an unmatched record might be."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "account_link_suggestion",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("source_object", sa.Text, primary_key=True),
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("record_name", sa.Text, nullable=False),
        sa.Column("account_name", sa.Text, nullable=False),
        sa.Column("probability", sa.Numeric(7, 6), nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=False),
        schema=context.config.attributes["warehouse"].schema("ops"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table(
        "account_link_suggestion", schema=context.config.attributes["warehouse"].schema("ops")
    )
