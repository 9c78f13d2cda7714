"""The ledgers (ops) and the models' tables (ml)."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPS = context.config.attributes["warehouse"].schema("ops")
ML = context.config.attributes["warehouse"].schema("ml")
TIME = sa.DateTime(timezone=True)


def _text(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null, server_default=default)


def upgrade() -> None:
    """Create all tables of the first release."""
    _create_sync_tables()
    _create_publish_tables()
    _create_score_tables()
    _create_model_tables()


def _create_sync_tables() -> None:
    op.create_table(
        "sync_state",
        _text("source"),
        _text("stream"),
        sa.Column("state", JSONB, nullable=True),
        sa.Column("generation_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("updated_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("source", "stream"),
        schema=OPS,
    )
    op.create_table(
        "sync_run",
        _text("run_id"),
        _text("source"),
        _text("stream"),
        sa.Column("records", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        _text("status"),
        _text("message", null=True),
        sa.PrimaryKeyConstraint("run_id", "source", "stream"),
        schema=OPS,
    )
    op.create_table(
        "rejected_row",
        sa.Column("rejected_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _text("source"),
        _text("stream"),
        _text("record_key", null=True),
        _text("reason"),
        sa.Column("row", JSONB, nullable=True),
        _text("row_hash"),
        sa.Column("rejected_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("source", "stream", "row_hash", "reason"),
        schema=OPS,
    )
    op.create_table(
        "run",
        _text("run_id"),
        sa.Column("as_of_date", sa.Date, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        _text("status"),
        _text("message", null=True),
        sa.PrimaryKeyConstraint("run_id"),
        schema=OPS,
    )


def _create_publish_tables() -> None:
    op.create_table(
        "sync_row",
        _text("run_id"),
        _text("destination"),
        _text("object"),
        _text("record_id"),
        sa.Column("state", sa.Text, nullable=False),
        _text("message", null=True),
        sa.Column("fields", JSONB),
        sa.Column("at", TIME, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("run_id", "destination", "object", "record_id"),
        sa.CheckConstraint(
            "state in ('unchanged', 'applied', 'rejected', 'deferred', 'unknown')",
            name="sync_row_state",
        ),
        schema=OPS,
    )
    op.create_table(
        "publish_intent",
        _text("intent_id"),
        _text("run_id"),
        _text("destination"),
        _text("object"),
        _text("record_id"),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("settled_at", TIME),
        sa.PrimaryKeyConstraint("intent_id"),
        schema=OPS,
    )
    op.create_index(
        "publish_intent_open",
        "publish_intent",
        ["destination", "object"],
        schema=OPS,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_table(
        "audit_log",
        sa.Column("audit_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", TIME, nullable=False, server_default=sa.func.now()),
        _text("actor"),
        _text("action"),
        _text("object"),
        _text("object_id", null=True),
        sa.Column("detail", JSONB),
        schema=OPS,
    )


def _score_columns() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        _text("account_id"),
        sa.Column("as_of_date", sa.Date, nullable=False),
        _text("model_version"),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("features", JSONB, nullable=False),
        _text("basis"),
        sa.Column("is_published", sa.Boolean, nullable=False),
        sa.Column("scored_at", TIME, nullable=False, server_default=sa.func.now()),
    ]


def _create_score_tables() -> None:
    basis = "basis in ('model', 'rule', 'base_rate')"
    number = sa.Float(53)
    op.create_table(
        "churn_score",
        *_score_columns(),
        sa.Column("churn_probability", number, nullable=False),
        sa.Column("probability_low", number, nullable=False),
        sa.Column("probability_high", number, nullable=False),
        _text("risk_tier"),
        sa.PrimaryKeyConstraint("account_id", "as_of_date", "model_version"),
        sa.CheckConstraint(basis, name="churn_score_basis"),
        sa.CheckConstraint(
            "churn_probability between 0 and 1"
            " and probability_low <= churn_probability and churn_probability <= probability_high",
            name="churn_score_probability",
        ),
        schema=ML,
    )
    op.create_index(
        "churn_score_published",
        "churn_score",
        ["account_id", "as_of_date"],
        unique=True,
        schema=ML,
        postgresql_where=sa.text("is_published"),
    )
    op.create_table(
        "opportunity_score",
        *_score_columns(),
        _text("kind"),
        _text("product"),
        sa.Column("propensity", number, nullable=False),
        sa.Column("expected_arr", sa.Numeric(16, 2), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "as_of_date", "model_version", "kind", "product"),
        sa.CheckConstraint(basis, name="opportunity_score_basis"),
        sa.CheckConstraint("kind in ('upsell', 'cross_sell')", name="opportunity_score_kind"),
        sa.CheckConstraint("propensity between 0 and 1", name="opportunity_score_propensity"),
        schema=ML,
    )


def _create_model_tables() -> None:
    op.create_table(
        "model_run",
        _text("model_version"),
        _text("model_name"),
        sa.Column("as_of_date", sa.Date, nullable=False),
        sa.Column("trained_at", TIME, nullable=False, server_default=sa.func.now()),
        *[
            sa.Column(name, sa.Date)
            for name in ("train_start", "train_end", "test_start", "test_end")
        ],
        *[
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("rows_train", "rows_test", "events_train", "events_test", "accounts")
        ],
        sa.Column("metrics", JSONB, nullable=False),
        sa.Column("baseline_metrics", JSONB, nullable=False),
        _text("verdict"),
        _text("verdict_reason"),
        sa.Column("params", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("model_version"),
        sa.CheckConstraint("verdict in ('model', 'rule', 'base_rate')", name="model_run_verdict"),
        schema=ML,
    )
    op.create_table(
        "model_artifact",
        _text("model_version"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _text("sha256"),
        sa.Column("feature_names", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("model_version"),
        sa.ForeignKeyConstraint(["model_version"], [f"{ML}.model_run.model_version"]),
        schema=ML,
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    for table in ("model_artifact", "model_run", "opportunity_score", "churn_score"):
        op.drop_table(table, schema=ML)
    for table in (
        "audit_log", "publish_intent", "sync_row", "run", "rejected_row", "sync_run", "sync_state",
    ):  # fmt: skip
        op.drop_table(table, schema=OPS)
