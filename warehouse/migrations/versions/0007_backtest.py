"""What the scores would have told a year ago, and the card of each model version."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ML = context.config.attributes["warehouse"].schema("ml")
TABLES = ("backtest_run", "backtest_call", "backtest_departure")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _date(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=null)


def upgrade() -> None:
    """Create the tables and the column."""
    card = sa.Column("card", JSONB, nullable=False, server_default=sa.text("'{}'"))
    op.add_column("model_run", card, schema=ML)
    number, money, count = sa.Float(53), sa.Numeric(16, 2), sa.BigInteger
    op.create_table(
        "backtest_run",
        _date("as_of_date"),
        sa.Column("horizon_days", count, nullable=False),
        sa.Column("lists", JSONB, nullable=False),
        sa.Column("figures", JSONB, nullable=False),
        _text("note"),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("as_of_date"),
        schema=ML,
    )
    op.create_table(
        "backtest_call",
        _date("as_of_date"),
        _date("list_date"),
        _text("account_id"),
        sa.Column("rank", count, nullable=False),
        sa.Column("is_called", sa.Boolean, nullable=False),
        *[
            sa.Column(name, number, nullable=False)
            for name in ("churn_probability", "probability_low", "probability_high")
        ],
        _text("basis"),
        sa.Column("arr", money, nullable=False),
        _date("left_on", null=True),
        sa.PrimaryKeyConstraint("as_of_date", "list_date", "account_id"),
        schema=ML,
    )
    op.create_table(
        "backtest_departure",
        _date("as_of_date"),
        _text("account_id"),
        _date("left_on"),
        _date("known_on"),
        sa.Column("arr", money, nullable=False),
        _date("called_on", null=True),
        sa.Column("days_of_warning", count),
        _text("missed_kind", null=True),
        _text("missed_reason", null=True),
        sa.PrimaryKeyConstraint("as_of_date", "account_id", "left_on"),
        schema=ML,
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_column("model_run", "card", schema=ML)
    for table in TABLES:
        op.drop_table(table, schema=ML)
