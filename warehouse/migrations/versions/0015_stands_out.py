"""Which offers stand out; of those made before it is told from their rows."""

import sqlalchemy as sa
from alembic import context, op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Otherwise each offer would seem new, and the tasks that people have closed would come back.
_BEFORE = """
update {table} as offer
set stands_out = true
from (
    select as_of_date, kind, model_version, avg(propensity) as propensity
    from {table}
    group by as_of_date, kind, model_version
) as average
where
    offer.as_of_date = average.as_of_date
    and offer.kind = average.kind
    and offer.model_version = average.model_version
    and offer.basis <> 'base_rate'
    and offer.propensity > average.propensity * (1 + 1e-9)
    and (
        offer.kind = 'cross_sell'
        or cast(offer.features ->> 'fullness' as double precision) >= 0.8
    )
"""


def upgrade() -> None:
    """Add the column; each row that is written says it."""
    ml = context.config.attributes["warehouse"].schema("ml")
    column = sa.Column("stands_out", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("opportunity_score", column, schema=ml)
    op.execute(_BEFORE.format(table=f'"{ml}".opportunity_score'))
    op.alter_column("opportunity_score", "stands_out", server_default=None, schema=ml)


def downgrade() -> None:
    """Drop the column."""
    ml = context.config.attributes["warehouse"].schema("ml")
    op.drop_column("opportunity_score", "stands_out", schema=ml)
