"""The tasks that were made in the CRM: what for, where they are, and what became of them."""

import sqlalchemy as sa
from alembic import context, op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPS = context.config.attributes["warehouse"].schema("ops")
TIME = sa.DateTime(timezone=True)
STATES = "'making', 'open', 'closing', 'done', 'dismissed', 'closed', 'rejected'"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def upgrade() -> None:
    """Create the table; a reason of an account has one task that is not over."""
    op.create_table(
        "task",
        _text("destination"),
        _text("marker"),
        _text("account_id"),
        _text("record_id"),
        _text("owner_id", null=True),
        _text("reason_key"),
        _text("playbook"),
        _text("subject"),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        _text("state"),
        _text("task_id", null=True),
        _text("run_id"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _text("message", null=True),
        sa.Column("created_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("destination", "marker"),
        sa.CheckConstraint(f"state in ({STATES})", name="task_state"),
        schema=OPS,
    )
    op.create_index(
        "task_one_for_a_reason",
        "task",
        ["destination", "account_id", "reason_key"],
        unique=True,
        schema=OPS,
        postgresql_where=sa.text("state in ('making', 'open', 'closing')"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("task", schema=OPS)
