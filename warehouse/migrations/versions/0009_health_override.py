"""Health scores that people set by hand, each with who, why and until when."""

import sqlalchemy as sa
from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "health_override",
        sa.Column("override_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("health_score", sa.Numeric, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("set_on", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("withdrawn_on", sa.Date),
        sa.Column("withdrawn_by", sa.Text),
        sa.CheckConstraint("health_score between 0 and 1", name="health_override_score"),
        sa.CheckConstraint("expires_on > set_on", name="health_override_expiry"),
        sa.CheckConstraint("author <> '' and reason <> ''", name="health_override_said"),
        schema=context.config.attributes["warehouse"].schema("ops"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("health_override", schema=context.config.attributes["warehouse"].schema("ops"))
