"""Whether a secret on an Airbyte server has changed, apart from the rest of its configuration."""

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPS = context.config.attributes["warehouse"].schema("ops")


def upgrade() -> None:
    """Add the column."""
    op.add_column("airbyte_resource", sa.Column("secret_fingerprint", sa.Text), schema=OPS)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("airbyte_resource", "secret_fingerprint", schema=OPS)
