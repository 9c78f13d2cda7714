"""From the landing of a severe ticket to its alert and the CRM's field, beside a whole build.

    .venv/bin/python -m benchmarks.soon [--accounts 1000] [--trials 5]

The synthetic company has its daily run, `copilot watch` comes up, and urgent tickets of accounts in
good order land in the raw table, one after the other. Then everything is built whole, in this
process, with the scores left as they are: all that is said of any account must be the same.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from tests.company import Company
from tests.dbt import dbt
from warehouse.database import Warehouse
from warehouse.settings import load_settings

LAYERS = ("marts", "features", "health", "success", "publish")
NIGHTLY = ("rpt_", "fct_account_health_change", "sync_task")
"""What only a whole build makes."""
QUIET = """
    select accounts.account_id, organisations.source_id, records.source_id
    from marts.account_360 as accounts
    inner join marts.account_source_link as organisations
        on accounts.account_id = organisations.account_id
            and organisations.source_object = 'organization'
    inner join marts.account_source_link as records
        on accounts.account_id = records.account_id and records.source = 'salesforce'
    where accounts.mrr > 0 and accounts.open_alerts = 0
        and organisations.match_rule <> 'people' and records.match_rule = 'anchor'
    order by accounts.account_id
    limit %s
"""


def said_of_accounts(warehouse: Warehouse) -> dict[str, dict[str, str]]:
    """Return a hash of what each table says of each account."""
    found = {}
    with warehouse.connect() as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.columns"
            " inner join information_schema.tables using (table_schema, table_name)"
            " where column_name = 'account_id' and table_type = 'BASE TABLE'"
            " and table_schema = any(%s)",
            (list(LAYERS),),
        ).fetchall()
        for schema, table in tables:
            if table.startswith(NIGHTLY):
                continue
            query = (
                "select coalesce(account_id, ''), md5(string_agg(h, '' order by h)) from"
                f" (select account_id, md5(to_jsonb(t)::text) as h from {schema}.{table} as t)"
                " as hashes group by 1"
            )
            rows: list[Any] = connection.execute(query.encode()).fetchall()
            found[f"{schema}.{table}"] = dict(rows)
    return found


def land(warehouse: Warehouse, number: int, organisation: str) -> None:
    """Write an urgent ticket into the raw table, as a sync would."""
    at = "2026-06-30T09:00:00Z"
    values = {
        "id": number, "_airbyte_raw_id": f"landed-{number}", "priority": "urgent",
        "status": "open", "organization_id": int(organisation), "created_at": at, "updated_at": at,
    }  # fmt: skip
    with warehouse.connect() as connection:
        connection.execute(
            "insert into raw_zendesk.tickets select (jsonb_populate_record(one, %s)).*"
            " from raw_zendesk.tickets as one limit 1",
            (Jsonb(values),),
        )


def latency(
    company: Company, warehouse: Warehouse, account: str, record: str
) -> tuple[float, float]:
    """Return the seconds until the alert is there, and until the CRM says what to do."""
    start = time.monotonic()
    with warehouse.connect() as connection:
        connection.autocommit = True
        query = (
            "select 1 from success.alert where account_id = %s and rule = 'severe_ticket'"
            " and state = 'open'"
        )
        while connection.execute(query, (account,)).fetchone() is None:
            time.sleep(0.2)
            if time.monotonic() - start > 600:
                raise TimeoutError(f"nobody noticed the ticket of {account}")
    alert = time.monotonic() - start
    while "ticket" not in str(company.crm_accounts("Copilot_Next_Action__c")[record][0]):
        time.sleep(0.2)
    return alert, time.monotonic() - start


@contextmanager
def watching(company: Company) -> Iterator[None]:
    """Keep `copilot watch` up, from when it is ready."""
    process = company.start("watch")
    assert process.stdout is not None
    try:
        while "watching" not in (line := process.stdout.readline()):
            assert line, "copilot watch ended"
        yield
    finally:
        process.terminate()
        process.communicate(timeout=120)


def main() -> None:
    """Make a company, land tickets, and compare with a whole build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--trials", type=int, default=5)
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="copilot-benchmark-"))
    sample = f"sample: {{accounts: {arguments.accounts}, months: 24, seed: 7}}"
    company = Company(home)
    company.settings = "\n".join([*company.settings.splitlines()[:-1], sample, ""])
    company.settings_file.write_text(company.settings)
    try:
        company.copilot("run")
        warehouse = company.warehouse()
        before = said_of_accounts(warehouse)
        with warehouse.connect() as connection:
            quiet = connection.execute(QUIET.encode(), (arguments.trials,)).fetchall()
        taken = []
        with watching(company):
            for number, (account, organisation, record) in enumerate(quiet, start=9_900_001):
                land(warehouse, number, organisation)
                taken.append(latency(company, warehouse, account, record))
                print(f"  alert after {taken[-1][0]:5.1f} s, CRM after {taken[-1][1]:5.1f} s")
        soon = said_of_accounts(warehouse)
        start = time.monotonic()
        os.environ |= {k: v for k, v in company.variables().items() if k.startswith("COPILOT_")}
        settings = load_settings()
        dbt(warehouse, settings, home / "whole", "build", "--exclude-resource-type", "unit_test")
        whole = time.monotonic() - start
        touched = {account for account, *_ in quiet}
        report(taken, whole, touched, [before, soon, said_of_accounts(warehouse)])
    finally:
        company.stop()


def report(
    taken: list[tuple[float, float]],
    whole: float,
    touched: set[str],
    said: list[dict[str, dict[str, str]]],
) -> None:
    """Print latencies, their ratio to a whole build, and what is not the same.

    Parameters
    ----------
    said : list of dict
        What was said of accounts before, after what landed, and after the whole build.
    """
    before, soon, built = said
    alerts, fields = zip(*taken, strict=True)
    print(f"{len(taken)} severe tickets, from landing (a look every 10 s)")
    for name, seconds in (("alert", alerts), ("CRM field", fields)):
        print(
            f"  {name}: median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s;"
            f" median {statistics.median(seconds) / whole:.2f} of a whole build ({whole:.0f} s)"
        )
    moved = {
        table
        for table, accounts in before.items()
        for account in accounts.keys() | soon[table].keys()
        if account not in touched and accounts.get(account) != soon[table].get(account)
    }
    print(f"  tables in which other accounts moved: {sorted(moved) or 'none'}")
    unlike = {
        table
        for table, accounts in built.items()
        for account in accounts.keys() | soon[table].keys()
        if accounts.get(account) != soon[table].get(account)
    }
    print(f"  tables unlike the whole build: {sorted(unlike) or 'none'} of {len(built)}")


if __name__ == "__main__":
    main()
