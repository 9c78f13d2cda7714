"""What a night's batch knew of all customers, from which one account is scored anew at noon."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "score_reference",
        sa.Column("as_of_date", sa.Date, primary_key=True),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("mean_lacking_health", sa.Float(53), nullable=False),
        sa.Column("mean_contribution", JSONB, nullable=False),
        schema=context.config.attributes["warehouse"].schema("ml"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("score_reference", schema=context.config.attributes["warehouse"].schema("ml"))
