"""Which model version is published since when, the forecasts of its exam, and how it is watched."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ML = context.config.attributes["warehouse"].schema("ml")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; what was published so far becomes the first decisions."""
    op.add_column("model_artifact", sa.Column("exam", sa.LargeBinary), schema=ML)
    _create_decisions()
    op.create_table(
        "model_monitor",
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("as_of_date", sa.Date, nullable=False),
        sa.Column("monitor", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        *[sa.Column(name, sa.Float(53)) for name in ("value", "low", "high")],
        sa.Column("threshold", sa.Float(53), nullable=False),
        sa.Column("is_flagged", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("measured_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("model_name", "as_of_date", "monitor", "subject"),
        sa.ForeignKeyConstraint(["model_version"], [f"{ML}.model_run.model_version"]),
        sa.CheckConstraint(
            "monitor in ('distribution', 'unknown_share', 'calibration', 'calibration_slope')",
            name="model_monitor_monitor",
        ),
        schema=ML,
    )


def _create_decisions() -> None:
    op.create_table(
        "model_decision",
        sa.Column("decision_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("champion_version", sa.Text),
        sa.Column("effective_date", sa.Date, nullable=False),
        sa.Column("decided_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False, server_default="{}"),
        sa.Column("registered_at", TIME),
        *[
            sa.ForeignKeyConstraint([name], [f"{ML}.model_run.model_version"])
            for name in ("model_version", "champion_version")
        ],
        sa.CheckConstraint(
            "action in ('promoted', 'held', 'closed', 'rolled_back')", name="model_decision_action"
        ),
        schema=ML,
    )
    op.create_index(
        "model_decision_latest",
        "model_decision",
        ["model_name", "effective_date", "decision_id"],
        schema=ML,
    )
    op.execute(
        f'insert into "{ML}".model_decision (model_name, action, model_version, champion_version,'  # noqa: S608
        " effective_date, decided_at, decided_by, reason)"
        " select model_name, case verdict when 'model' then 'promoted' else 'closed' end,"
        " model_version, case verdict when 'model' then model_version end,"
        " as_of_date, trained_at, 'rule', verdict_reason"
        f' from "{ML}".model_run order by as_of_date, trained_at, model_version'
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_table("model_monitor", schema=ML)
    op.drop_table("model_decision", schema=ML)
    op.drop_column("model_artifact", "exam", schema=ML)
