"""The whole road, from the sources to the CRM and the reports."""

import pytest

from connectors.sandbox.process import running
from tests.company import LASTING, Company, fingerprint

pytestmark = pytest.mark.e2e

LATEST_SCORES = (
    "select max(scored_at), count(*) from ml.churn_score where as_of_date = '2026-06-30'"
)


def rows(company: Company, query: str) -> list[tuple[object, ...]]:
    warehouse = company.warehouse()
    with warehouse.connect() as connection:
        return connection.execute(query.encode()).fetchall()


def test_every_customer_has_health_a_score_and_a_next_step(company: Company) -> None:
    [(customers, health, scores, actions)] = rows(
        company,
        "select count(*), count(health_band), count(churn_probability), count(next_playbook)"
        " from marts.account_360 where mrr > 0",
    )
    assert customers > 40
    assert customers == health == scores == actions


def test_what_the_crm_shows_is_what_the_warehouse_published(company: Company) -> None:
    in_crm = company.crm_accounts(
        "Copilot_Health_Score__c", "Copilot_Risk_Tier__c", "Copilot_Report_URL__c"
    )
    published = {
        str(row[0]): (None if row[1] is None else float(str(row[1])), row[2], row[3])
        for row in rows(
            company,
            "select salesforce_id, health_score, risk_tier, report_url"
            " from publish.sync_salesforce_account",
        )
    }
    assert len(published) > 40
    assert in_crm == published


def test_reasons_in_the_crm_say_which_way_they_weigh_and_risks_come_first(
    company: Company,
) -> None:
    said = [
        [line.split(": ")[0] for line in str(reasons).splitlines()]
        for (reasons,) in rows(
            company,
            "select reasons from publish.sync_salesforce_account where reasons is not null",
        )
    ]
    assert {way for ways in said for way in ways} == {"Raises", "Lowers"}
    assert all(ways == sorted(ways, reverse=True) for ways in said)


def test_each_outbound_row_has_one_outcome_and_the_audit_log_says_who(company: Company) -> None:
    states = dict(
        rows(company, "select state, count(*) from ops.sync_row group by state")  # type: ignore[arg-type]
    )
    assert states.get("applied", 0) > 40
    assert "rejected" not in states
    assert rows(company, "select 1 from ops.audit_log where actor <> '' limit 1")


def test_a_past_date_is_scored_and_not_sent_and_the_next_run_changes_nothing(
    company: Company,
) -> None:
    warehouse = company.warehouse()
    crm = running(company.home)
    stamps = rows(company, LATEST_SCORES)
    sent = rows(company, "select count(*) from ops.sync_row where state = 'applied'")
    said = company.copilot("run", "--as-of", "2026-06-15")
    assert "emitted no result" not in said, "a check that scores rest on did not run"
    assert rows(company, "select 1 from ml.churn_score where as_of_date = '2026-06-15' limit 1")
    assert rows(company, "select count(*) from ops.sync_row where state = 'applied'") == sent
    with warehouse.connect() as connection:
        for table in (
            "churn_score", "opportunity_score", "score_reference", "model_monitor",
            "renewal_forecast", "account_value",
        ):  # fmt: skip
            connection.execute(f"delete from ml.{table} where as_of_date = '2026-06-15'".encode())
        # The past date trained models of its own.
        for table in ("model_decision", "model_artifact", "model_run"):
            connection.execute(
                f"delete from ml.{table} where model_version in (select model_version"
                " from ml.model_run where as_of_date = '2026-06-15')".encode()
            )

    said = company.copilot("run")
    assert fingerprint(warehouse, LASTING) == company.first_fingerprint
    assert rows(company, LATEST_SCORES) == stamps
    [(last_run,)] = rows(company, "select run_id from ops.run order by started_at desc limit 1")
    states = rows(
        company,
        f"select distinct state from ops.sync_row where run_id = '{last_run}'"
        " and object = 'Account'",
    )
    assert states in ([], [("unchanged",)])
    assert "0 accounts updated in 0 write(s)" in said
    assert running(company.home) == crm, "a run must leave the CRM stand-in alone"


def test_the_run_says_where_to_look(company: Company) -> None:
    said = company.first_run
    assert "Where to look" in said
    assert "http://127.0.0.1:3000" in said
    assert "synthetic" in said
    [(customers,)] = rows(company, "select customers from marts.rpt_portfolio_summary")
    assert f"{customers} customers" in said
