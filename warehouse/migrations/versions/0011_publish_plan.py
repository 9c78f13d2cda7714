"""What was planned for a CRM, what the copilot wrote there last, and what the CRM refused."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPS = context.config.attributes["warehouse"].schema("ops")
TIME = sa.DateTime(timezone=True)
# Ledgers named fields as Salesforce does; from now on they are named as the outbound columns.
COLUMN_OF = (
    "case name when 'Copilot_As_Of__c' then 'as_of_date'"
    " else lower(regexp_replace(name, '^Copilot_|__c$', '', 'g')) end"
)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def upgrade() -> None:
    """Create the tables; take over what the ledger knows to be written."""
    op.create_table(
        "publish_plan",
        _text("plan_hash"),
        _text("destination"),
        _text("object"),
        _text("label"),
        sa.Column("as_of_date", sa.Date),
        _text("made_by"),
        sa.Column("made_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("missing_fields", ARRAY(sa.Text), nullable=False),
        sa.Column("brakes", ARRAY(sa.Text), nullable=False),
        sa.Column("cost", sa.Integer, nullable=False),
        _text("unit"),
        sa.Column("state", sa.Text, nullable=False, server_default="made"),
        _text("run_id", null=True),
        sa.Column("settled_at", TIME),
        sa.PrimaryKeyConstraint("plan_hash"),
        sa.CheckConstraint(
            "state in ('made', 'applying', 'applied', 'held', 'refused', 'interrupted')",
            name="publish_plan_state",
        ),
        sa.CheckConstraint("made_by in ('person', 'run')", name="publish_plan_maker"),
        schema=OPS,
    )
    op.create_table(
        "publish_plan_row",
        _text("plan_hash"),
        sa.Column("place", sa.Integer, nullable=False),
        _text("record_id"),
        _text("account_name"),
        _text("action"),
        sa.Column("content", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("plan_hash", "place"),
        sa.ForeignKeyConstraint(
            ["plan_hash"], [f"{OPS}.publish_plan.plan_hash"], ondelete="cascade"
        ),
        schema=OPS,
    )
    op.create_table(
        "publish_record",
        _text("destination"),
        _text("object"),
        _text("record_id"),
        sa.Column("written", JSONB, nullable=False, server_default="{}"),
        sa.Column("refused", JSONB),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _text("message", null=True),
        sa.Column("changed_at", TIME, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("destination", "object", "record_id"),
        schema=OPS,
    )
    _take_over()


def _take_over() -> None:
    op.execute(
        f'insert into "{OPS}".publish_record (destination, object, record_id, written)'  # noqa: S608
        " select destination, object, record_id, jsonb_object_agg(name, value) from ("
        f" select distinct on (row.destination, row.object, row.record_id, {COLUMN_OF})"
        f" row.destination, row.object, row.record_id, {COLUMN_OF} as name,"
        " change -> 'new' as value"
        f' from "{OPS}".sync_row as row'
        " cross join lateral jsonb_each(row.fields) as field (name, change)"
        " where row.state = 'applied'"
        f" order by row.destination, row.object, row.record_id, {COLUMN_OF}, row.at desc"
        " ) as latest group by destination, object, record_id"
    )
    # What an older version left open names its fields otherwise: its rows are compared anew.
    op.execute(
        f'update "{OPS}".publish_intent set settled_at = now() where settled_at is null'  # noqa: S608
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("publish_record", "publish_plan_row", "publish_plan"):
        op.drop_table(table, schema=OPS)
