"""What is severe and lands after a daily run, told at once: the same as the run itself would say.

A real urgent ticket and a real overdue invoice of the synthetic company are taken out of the raw
tables and land again, so that the run that saw them is the measure.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration.resources.soon import SoonRun
from orchestration.resources.soon_watch import Watcher
from tests.company import LASTING, Company, fingerprint
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import load_settings

pytestmark = pytest.mark.e2e

RULES = ("severe_ticket", "payment_failed")
BY_ACCOUNT = (
    "marts.fct_account_health", "marts.fct_account_health_measure", "marts.account_360",
    "marts.fct_ticket", "features.ftr_account_snapshot", "ml.churn_score", "success.alert",
    "publish.sync_salesforce_account",
)  # fmt: skip


def rows(warehouse: Warehouse, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        found = connection.execute(query.encode(), values)
        return found.fetchall() if found.description else []


def others(warehouse: Warehouse, accounts: list[str]) -> list[Any]:
    """Return a hash of what is said of all other accounts, by table."""
    return [
        rows(
            warehouse,
            "select md5(string_agg(h, '' order by h)) from (select md5(to_jsonb(t)::text) as h"
            f" from {table} as t where account_id <> all(%s)) as hashes",
            accounts,
        )
        for table in BY_ACCOUNT
    ]


@pytest.fixture(scope="module")
def watcher(company: Company) -> Iterator[Watcher]:
    """Yield a watcher of the company in this process, prepared as one that has been up."""
    before = dict(os.environ)
    kept = {name: value for name, value in company.variables().items() if "COPILOT" in name}
    warehouse = company.warehouse()
    try:
        os.environ.update(kept)
        made = Watcher(warehouse, load_settings(), said.append)
        made.prepare()
        yield made
    finally:
        os.environ.clear()
        os.environ.update(before)
        warehouse.dispose()


said: list[str] = []


def look(watcher: Watcher) -> SoonRun:
    """Look until something is noticed: the database tells of writes within a second or so."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        run = watcher.look()
        if run is not None:
            return run
        time.sleep(0.2)
    raise AssertionError(said)


@pytest.fixture(scope="module")
def touched(watcher: Watcher) -> dict[str, str]:
    """Return an account with an open alert of each rule."""
    found = dict(
        rows(
            watcher.warehouse,
            "select rule, max(account_id) from success.alert where state = 'open'"
            " and rule = any(%s) group by rule",
            list(RULES),
        )
    )
    assert set(found) == set(RULES)
    return found


RECORDS = {
    "severe_ticket": (
        "raw_zendesk.tickets",
        "id::text in (select source_ticket_id from marts.fct_ticket"
        " where account_id = %s and is_open and priority = 'urgent')",
    ),
    "payment_failed": (
        "raw_stripe.invoices",
        "id in (select source_invoice_id from marts.fct_invoice"
        " where account_id = %s and status = 'overdue')",
    ),
}


def test_what_lands_is_told_as_the_run_would_tell_it_and_of_nobody_else(
    company: Company, watcher: Watcher, touched: dict[str, str]
) -> None:
    warehouse = watcher.warehouse
    accounts = sorted(set(touched.values()))
    by_run = fingerprint(warehouse, LASTING)
    in_crm = company.crm_accounts("Copilot_Health_Score__c", "Copilot_As_Of__c")
    rest = others(warehouse, accounts)
    for rule, (table, condition) in RECORDS.items():
        rows(
            warehouse,
            f"create table public.kept_{rule} as select * from {table} where {condition}",
            touched[rule],
        )
        rows(warehouse, f"delete from {table} where {condition}", touched[rule])
    rows(
        warehouse,
        "insert into ops.soon_run (soon_run_id, as_of_date, accounts, signals, status, noticed_at)"
        " values ('killed', '2026-06-30', %s, '[]', 'running', now())",
        accounts,
    )

    killed = look(watcher)
    assert (list(killed.accounts), killed.signals) == (accounts, ()), "a killed run is taken over"
    open_alerts = (
        "select count(*) from success.alert where state = 'open' and (account_id, rule) in"
        " (select * from unnest(%s::text[], %s::text[]))"
    )
    pairs = (list(touched.values()), list(touched))
    assert rows(warehouse, open_alerts, *pairs) == [(0,)]
    assert company.crm_accounts("Copilot_Health_Score__c", "Copilot_As_Of__c") != in_crm
    assert others(warehouse, accounts) == rest

    for rule, (table, _) in RECORDS.items():
        rows(warehouse, f"insert into {table} select * from public.kept_{rule}")
        rows(warehouse, f"drop table public.kept_{rule}")
    landed = look(watcher)
    assert {(one.rule, one.account_id) for one in landed.signals} == set(touched.items())
    assert fingerprint(warehouse, LASTING) == by_run
    assert company.crm_accounts("Copilot_Health_Score__c", "Copilot_As_Of__c") == in_crm
    assert watcher.look() is None, "what is told is not told again"
    runs = rows(warehouse, "select status, count(*) from ops.soon_run group by status")
    assert dict(runs) == {"taken_over": 1, "published": 2}


def test_a_broken_contract_stops_it_and_a_stranger_waits_for_the_night(
    watcher: Watcher, touched: dict[str, str]
) -> None:
    warehouse = watcher.warehouse
    before = fingerprint(warehouse, LASTING)
    said.clear()
    copy = (
        "insert into raw_zendesk.tickets select (jsonb_populate_record(one, %s)).*"
        " from raw_zendesk.tickets as one limit 1"
    )
    urgent = '"priority": "urgent", "status": "open", "created_at": "2026-06-30T09:00:00Z"'
    stranger = f'{{"id": 9900001, {urgent}, "organization_id": 1, "requester_id": 1}}'
    rows(warehouse, copy, stranger)
    until = time.monotonic() + 20
    while not said and time.monotonic() < until:
        assert watcher.look() is None
    assert said == [
        "urgent ticket 9900001 (zendesk) is of no known account: it waits for the night"
    ]
    [(organization,)] = rows(
        warehouse,
        "select source_id::bigint from marts.account_source_link where source = 'zendesk'"
        " and source_object = 'organization' and account_id = %s limit 1",
        touched["payment_failed"],
    )
    rows(warehouse, copy, f'{{"id": 9900002, {urgent}, "organization_id": {organization}}}')
    rows(warehouse, copy, '{"id": null}')
    with pytest.raises(CopilotError, match="raw_zendesk is broken, so nothing is sent"):
        look(watcher)
    rows(warehouse, "update raw_zendesk.tickets set subject = 'Again' where id is null")
    with pytest.raises(CopilotError, match="raw_zendesk is broken, so nothing is sent"):
        look(watcher)
    assert fingerprint(warehouse, LASTING) == before
    rows(warehouse, "delete from raw_zendesk.tickets where id is null or id >= 9900001")
    rows(warehouse, "delete from ops.soon_run")
