"""What `copilot run` says at its end: where to look."""

from sqlalchemy import Connection, text

from warehouse.database import Role, open_warehouse
from warehouse.settings import Settings, copilot_home


def where_to_look(settings: Settings) -> str:
    """Return the closing lines: counts, which models are in use and why, and the addresses."""
    warehouse = open_warehouse(settings)
    marts = warehouse.schema("marts")
    with warehouse.engine(Role.TRANSFORMER).connect() as connection:
        counts = connection.execute(
            text(
                "select count(*) filter (where is_active), count(health_score),"  # noqa: S608
                f' count(churn_probability), max(as_of_date) from "{marts}".account_360'
            )
        ).one()
        verdicts = connection.execute(
            text(
                "select model_name, verdict, verdict_reason"  # noqa: S608
                f' from "{marts}".rpt_model order by model_order'
            )
        ).all()
        unmatched = unmatched_lines(connection, marts)
    warehouse.dispose()
    lines = [
        "",
        f"{settings.company_name}, as of {counts[3]}: {counts[0]} customers,"
        f" {counts[1]} with a health score, {counts[2]} with a churn score.",
    ]
    lines += [f"  {row.model_name}: {row.verdict} - {row.verdict_reason}" for row in verdicts]
    lines += unmatched
    lines += [
        "",
        "Where to look:",
        f"  reports    make serve, then {settings.reports.base_url}"
        f"  (files: {copilot_home() / 'reports' / 'site'})",
        "  CRM        make serve prints the address of the account pages"
        if settings.crm != "none"
        else "  CRM        none (copilot.yml)",
        f"  SQL        .venv/bin/copilot db psql, then: table {marts}.account_360 limit 5;",
        "  Dagster    make serve, then http://127.0.0.1:3001",
    ]
    return "\n".join(lines)


def unmatched_lines(connection: Connection, marts: str) -> list[str]:
    """Return a line on what belongs to no account, or none if everything belongs to one.

    Parameters
    ----------
    marts : str
        The schema of the marts.
    """
    rows = connection.execute(
        text(
            "select kind, sum(records), sum(unmatched_records)"  # noqa: S608
            f' from "{marts}".rpt_unmatched_record'
            " group by kind having sum(unmatched_records) > 0 order by kind"
        )
    ).all()
    counts = ", ".join(f"{kind}: {unmatched:,} of {every:,}" for kind, every, unmatched in rows)
    if not counts:
        return []
    return [f"  belonging to no account - {counts}; why: marts.unmatched_account_record"]
