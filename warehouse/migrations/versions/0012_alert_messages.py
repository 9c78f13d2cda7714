"""What was said of each alert, to whom, and what people answered."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPS = context.config.attributes["warehouse"].schema("ops")
TIME = sa.DateTime(timezone=True)
TABLES = ("alert_mute", "alert_message", "alert_state")


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "alert_state",
        sa.Column("alert_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text),
        sa.Column("account_name", sa.Text),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("rule_label", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False, server_default="1"),
        sa.Column("opened_at", sa.Date, nullable=False),
        sa.Column("as_of_date", sa.Date, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("escalate_at", TIME),
        sa.Column("acknowledged_at", TIME),
        sa.Column("acknowledged_by", sa.Text),
        sa.CheckConstraint("state in ('open', 'closed')", name="alert_state_state"),
        schema=OPS,
    )
    op.create_table(
        "alert_message",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("alert_id", sa.Text),
        sa.Column("account_id", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("is_digest", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("bundle_id", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("hold_until", TIME),
        sa.Column("retry_at", TIME),
        sa.Column("payload", JSONB),
        sa.Column("vendor_reference", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("intended_at", TIME),
        sa.Column("settled_at", TIME),
        sa.CheckConstraint(
            "state in ('pending', 'held', 'sent', 'failed', 'unknown', 'muted')",
            name="alert_message_state",
        ),
        sa.CheckConstraint(
            "change in ('opened', 'escalated', 'recovered', 'unanswered', 'digest')",
            name="alert_message_change",
        ),
        schema=OPS,
    )
    op.create_index("alert_message_of_alert", "alert_message", ["alert_id"], schema=OPS)
    op.create_index(
        "alert_message_open",
        "alert_message",
        ["position"],
        schema=OPS,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_table(
        "alert_mute",
        sa.Column("mute_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("account_id", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("muted_by", sa.Text, nullable=False),
        sa.Column("muted_at", TIME, nullable=False),
        sa.Column("until_date", sa.Date),
        sa.Column("ended_at", TIME),
        sa.Column("ended_by", sa.Text),
        sa.CheckConstraint("num_nonnulls(account_id, rule) = 1", name="alert_mute_of_one"),
        sa.CheckConstraint("reason <> '' and muted_by <> ''", name="alert_mute_said"),
        schema=OPS,
    )


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table, schema=OPS)
