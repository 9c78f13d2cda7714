"""Which offers stand out; those made before are not known to, until the next run."""

import sqlalchemy as sa
from alembic import context, op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; each row that is written says it."""
    ml = context.config.attributes["warehouse"].schema("ml")
    column = sa.Column("stands_out", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("opportunity_score", column, schema=ml)
    op.alter_column("opportunity_score", "stands_out", server_default=None, schema=ml)


def downgrade() -> None:
    """Drop the column."""
    ml = context.config.attributes["warehouse"].schema("ml")
    op.drop_column("opportunity_score", "stands_out", schema=ml)
