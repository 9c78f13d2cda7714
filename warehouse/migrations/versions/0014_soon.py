"""What was made anew between two nights: each time with why, of whom, and what became of it."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables."""
    ops = context.config.attributes["warehouse"].schema("ops")
    op.create_table(
        "soon_run",
        sa.Column("soon_run_id", sa.Text, primary_key=True),
        sa.Column("as_of_date", sa.Date, nullable=False),
        sa.Column("accounts", ARRAY(sa.Text), nullable=False),
        sa.Column("signals", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("noticed_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.CheckConstraint(
            "status in ('running', 'published', 'failed', 'taken_over')", name="soon_run_status"
        ),
        schema=ops,
    )
    op.create_table("soon_account", sa.Column("account_id", sa.Text, primary_key=True), schema=ops)
    _allow_makers(ops, "'person', 'run', 'soon'")


def downgrade() -> None:
    """Drop both tables."""
    ops = context.config.attributes["warehouse"].schema("ops")
    op.drop_table("soon_account", schema=ops)
    op.drop_table("soon_run", schema=ops)
    _allow_makers(ops, "'person', 'run'")


def _allow_makers(ops: str, makers: str) -> None:
    op.drop_constraint("publish_plan_maker", "publish_plan", schema=ops)
    op.create_check_constraint(
        "publish_plan_maker", "publish_plan", f"made_by in ({makers})", schema=ops
    )
