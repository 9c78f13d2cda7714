"""The bounds of a night's risk tiers, for scores on demand."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was kept before has no bounds and is made anew by the next scoring."""
    schema = context.config.attributes["warehouse"].schema("ml")
    table = sa.table("score_reference", schema=schema)
    op.execute(sa.delete(table))
    op.add_column("score_reference", sa.Column("tiers", JSONB, nullable=False), schema=schema)


def downgrade() -> None:
    """Drop the column."""
    schema = context.config.attributes["warehouse"].schema("ml")
    op.drop_column("score_reference", "tiers", schema=schema)
