"""Whatever systems a company has, its accounts, revenue and health come out, and agree."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.combinations.company import Combinations, rows
from warehouse.database import Warehouse
from warehouse.settings import SOURCES, Settings

# Each system at least once; `benchmarks.combinations --build` takes all 27 of three and Stripe.
COMBINATIONS = (
    ("salesforce", "zendesk", "mixpanel", "stripe"),
    ("hubspot", "intercom", "amplitude", "stripe"),
    ("pipedrive", "intercom", "mixpanel", "stripe"),
    ("hubspot",),
    ("app",),
    SOURCES,
)
# All models are in the first; in the others another system makes the accounts.
TESTED = (SOURCES, ("pipedrive", "intercom", "mixpanel", "stripe"), ("hubspot",), ("app",))
ACCOUNTS = """
    select
        account_name, csm_name, csm_email, lifecycle_stage, is_active, is_deleted, mrr, arr,
        renewal_date, first_subscribed_date, churned_date, created_at
    from {marts}.dim_account order by account_name, created_at
"""
TOUCHPOINTS = """
    select account_name, kind, occurred_at, subject, owner_email
    from {marts}.fct_touchpoint left join {marts}.dim_account using (account_id)
    order by 1, 2, 3, 4
"""
DEALS = """
    select
        account_name, deal_name, amount, currency, close_date, is_closed, is_won, owner_email,
        deal.created_at
    from {marts}.fct_deal as deal left join {marts}.dim_account using (account_id) order by 1, 2
"""
# An archived contact of HubSpot is in none of its streams, so those of today are compared.
CONTACTS = """
    select account_name, full_name, email, contact.created_at
    from {marts}.dim_contact as contact left join {marts}.dim_account using (account_id)
    where contact.is_active order by 1, 2, 3
"""
# What Pipedrive has no field for, unless a company makes one.
MORE_OF_ACCOUNTS = """
    select account.account_name, domain, segment, industry, country, parent_name
    from {marts}.dim_account as account
    left join (
        select account_id as parent_account_id, account_name as parent_name from {marts}.dim_account
    ) as parents using (parent_account_id)
    order by 1, 2
"""
MORE_OF_DEALS = "select deal_name, deal_type, stage from {marts}.fct_deal order by 1, 2"
MORE_OF_CONTACTS = """
    select full_name, email, role, title, is_champion from {marts}.dim_contact
    where is_active order by 1, 2
"""
HEALTH = """
    select account_name, as_of_date, measure, value
    from {marts}.fct_account_health_measure inner join {marts}.dim_account using (account_id)
    order by 1, 2, 3
"""
MOVEMENTS = """
    select
        account_name, month, opening_mrr, new_mrr, expansion_mrr, contraction_mrr, churned_mrr,
        reactivation_mrr, closing_mrr
    from {marts}.fct_mrr_movement inner join {marts}.dim_account using (account_id)
    order by 1, 2
"""
SCORES = """
    select account_name, health_score, coverage
    from {marts}.fct_account_health inner join {marts}.dim_account using (account_id)
    where as_of_date = '2026-06-30' order by 1
"""
Built = Callable[..., tuple[Warehouse, Settings]]


@pytest.fixture(scope="module")
def built(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Build a combination once."""
    combinations = Combinations(warehouse, tmp_path_factory.mktemp("dbt"))
    yield lambda *sources: combinations.built(*sources, is_tested=sources in TESTED)
    combinations.close()


@pytest.mark.parametrize("sources", COMBINATIONS, ids=lambda sources: "-".join(sources)[:60])
def test_any_systems_make_accounts_with_their_health(
    built: Built, sources: tuple[str, ...]
) -> None:
    opened, settings = built(*sources)
    accounts = rows(
        opened, "select count(*), count(distinct account_id), sum(mrr) from {marts}.dim_account"
    )
    count, distinct, mrr = accounts[0]
    assert count == distinct > 10
    has_billing = {"stripe", "app"} & set(settings.sources)
    assert (mrr > 0) == bool(has_billing)
    coverage = "select count(*), min(coverage), max(coverage) from {marts}.fct_account_health"
    health = rows(opened, coverage)
    assert (health[0][0] > 0) == bool(has_billing)
    if has_billing:
        assert Decimal(0) <= health[0][1] <= health[0][2] <= 1
    links = rows(opened, "select distinct source from {marts}.account_source_link")
    assert {source for (source,) in links} == set(settings.sources)


def facts(built: Built, query: str, *sources: str) -> list[tuple[Any, ...]]:
    return rows(built(*sources)[0], query)


SALESFORCE = ("salesforce", "zendesk", "mixpanel", "stripe")
HUBSPOT = ("hubspot", "intercom", "amplitude", "stripe")
PIPEDRIVE = ("pipedrive", "intercom", "mixpanel", "stripe")


@pytest.mark.parametrize("other", [HUBSPOT, PIPEDRIVE], ids=lambda sources: sources[0])
def test_the_same_truth_in_other_systems_gives_the_same_revenue_and_health(
    built: Built, other: tuple[str, ...]
) -> None:
    for query in (ACCOUNTS, MOVEMENTS, SCORES, TOUCHPOINTS, DEALS, CONTACTS):
        told = facts(built, query, *SALESFORCE)
        assert len(told) > 50
        assert facts(built, query, *other) == told
    # Intercom keeps no history of a rating that was changed later; nothing else may differ.
    pairs = zip(facts(built, HEALTH, *SALESFORCE), facts(built, HEALTH, *other), strict=True)
    different = {left[:3] for left, right in pairs if left != right}
    assert {measure for _, _, measure in different} <= {"support_quality"}
    assert len(different) < 10


@pytest.mark.parametrize("query", [MORE_OF_ACCOUNTS, MORE_OF_CONTACTS, MORE_OF_DEALS])
def test_hubspot_and_salesforce_tell_the_same_attributes(built: Built, query: str) -> None:
    told = facts(built, query, *SALESFORCE)
    assert all(any(row[column] for row in told) for column in range(len(told[0])))
    assert facts(built, query, *HUBSPOT) == told


def test_what_is_missing_lowers_the_coverage(built: Built) -> None:
    average = "select avg(coverage) from {marts}.fct_account_health"
    whole = facts(built, average, "salesforce", "zendesk", "mixpanel", "stripe")[0][0]
    assert facts(built, average, "app")[0][0] < whole
