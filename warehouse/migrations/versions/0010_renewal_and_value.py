"""What each renewal is expected to bring, what each customer is worth, what an offer rests on."""

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ML = context.config.attributes["warehouse"].schema("ml")
TABLES = ("account_value", "renewal_forecast")
BASIS = "basis in ('cox', 'curve', 'constant', 'notice')"
NUMBER = sa.Float(53)
MONEY = sa.Numeric(16, 2)


def _columns() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("as_of_date", sa.Date, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("churn_basis", sa.Text),
        sa.Column("is_published", sa.Boolean, nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False,
                  server_default=sa.func.now()),
    ]  # fmt: skip


def _estimate(value: str, short: str, kind: sa.types.TypeEngine) -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column(name, kind, nullable=False) for name in (value, f"{short}_low", f"{short}_high")
    ]


def upgrade() -> None:
    """Create both tables, and the evidence of an offer."""
    op.add_column("opportunity_score", sa.Column("evidence", sa.Text), schema=ML)
    op.create_table(
        "renewal_forecast",
        *_columns(),
        sa.Column("renewal_date", sa.Date, nullable=False),
        sa.Column("current_arr", MONEY, nullable=False),
        *_estimate("renewal_probability", "probability", NUMBER),
        *_estimate("price_ratio", "ratio", NUMBER),
        *_estimate("expected_arr", "arr", MONEY),
        sa.PrimaryKeyConstraint("account_id", "as_of_date", "model_version", "renewal_date"),
        sa.CheckConstraint(BASIS, name="renewal_forecast_basis"),
        sa.CheckConstraint(
            "probability_low >= 0 and probability_low <= renewal_probability"
            " and renewal_probability <= probability_high and probability_high <= 1",
            name="renewal_forecast_probability",
        ),
        sa.CheckConstraint(
            "arr_low >= 0 and arr_low <= expected_arr and expected_arr <= arr_high",
            name="renewal_forecast_arr",
        ),
        schema=ML,
    )
    op.create_table(
        "account_value",
        *_columns(),
        sa.Column("tenure_months", NUMBER, nullable=False),
        sa.Column("mrr", MONEY, nullable=False),
        *_estimate("expected_months", "months", NUMBER),
        *_estimate("lifetime_value", "value", MONEY),
        sa.Column("horizon_months", sa.Integer, nullable=False),
        sa.Column("discount_rate", NUMBER, nullable=False),
        sa.Column("chains_observed", sa.BigInteger, nullable=False),
        sa.Column("chains_ended", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "as_of_date", "model_version"),
        sa.CheckConstraint(BASIS, name="account_value_basis"),
        sa.CheckConstraint(
            "months_low >= 0 and months_low <= expected_months and expected_months <= months_high"
            " and months_high <= horizon_months",
            name="account_value_months",
        ),
        sa.CheckConstraint(
            "value_low >= 0 and value_low <= lifetime_value and lifetime_value <= value_high",
            name="account_value_value",
        ),
        schema=ML,
    )


def downgrade() -> None:
    """Drop both tables and the column."""
    op.drop_column("opportunity_score", "evidence", schema=ML)
    for table in TABLES:
        op.drop_table(table, schema=ML)
