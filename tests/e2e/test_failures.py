"""What goes wrong on the way: said by name, nothing sent, and the next run mends it."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import LASTING, RAW, Company, fingerprint

pytestmark = pytest.mark.e2e

PROJECT_ROOT = Path(__file__).parents[2]
SOURCES = PROJECT_ROOT / "connectors" / "sources"
DISK = "150m"


def one(company: Company, query: str) -> object:
    with company.warehouse().connect() as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def state_of(company: Company) -> tuple[dict[str, str], object]:
    """Return what must not move when a run fails: the tables, and what was sent."""
    sent = one(company, "select count(*) from ops.sync_row where state <> 'unchanged'")
    return fingerprint(company.warehouse(), LASTING), sent


@contextlib.contextmanager
def spoilt(company: Company, table: str, key: str, column: str, value: str) -> Iterator[None]:
    """Put ``value`` into one row of a table, and the old one back at the end."""
    warehouse = company.warehouse()
    with warehouse.connect() as connection:
        row = connection.execute(
            f"select {key}, {column} from {table} where {column} is not null"
            f" order by {key} limit 1".encode()
        ).fetchone()
        assert row is not None
        connection.execute(
            f"update {table} set {column} = {value} where {key} = %s".encode(), (row[0],)
        )
    yield
    with warehouse.connect() as connection:
        connection.execute(
            f"update {table} set {column} = %s where {key} = %s".encode(), (row[1], row[0])
        )


def test_raw_rows_that_break_their_contract_stop_the_run_before_it_builds(
    company: Company,
) -> None:
    before = state_of(company)
    with spoilt(company, "raw_zendesk.tickets", "id", "created_at", "null"):
        said = company.copilot("run", succeeds=False)
    assert "contract raw_zendesk: 1 rule(s) BROKEN" in said
    assert "tickets" in said
    assert "created_at" in said
    assert "dbt: building" not in said
    assert state_of(company) == before


def test_outbound_rows_that_break_their_contract_are_not_sent(company: Company) -> None:
    before = state_of(company)
    with spoilt(company, "publish.sync_salesforce_account", "salesforce_id", "health_score", "400"):
        said = company.copilot("publish", "apply", succeeds=False)
    assert "contract publish" in said
    assert "health_score" in said
    assert state_of(company) == before
    assert "0 accounts updated" in company.copilot("publish", "apply")


Step = dict[str, object]


def failed_sync(
    company: Company, folder: Path, played: dict[str, list[Step]], *sources: str
) -> str:
    """Return what `copilot sync` says when sources' connectors play these steps instead."""
    for source, steps in played.items():
        catalog = json.loads((SOURCES / source / "catalog.json").read_text())
        script = {"streams": catalog["streams"], "steps": steps}
        (folder / f"{source}.json").write_text(json.dumps(script))
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.replaced_source", folder, "sync", *sources],
        env=company.variables(), capture_output=True, text=True, check=False, cwd=PROJECT_ROOT,
    )  # fmt: skip
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_source_that_emits_garbage_leaves_no_trace_and_one_that_dies_is_tried_again(
    company: Company, tmp_path: Path
) -> None:
    before = fingerprint(company.warehouse(), RAW)
    stranger = {"distinct_id": "x", "event": "made up", "time": "2026-06-30T00:00:00Z"}
    garbage: list[Step] = [
        {"record": ["export", stranger]},
        {"raw": '{"type": "RECORD", "record": {"stream": "exSegmentation fault'},
    ]
    played = {"mixpanel": garbage, "zendesk": [{"exit": 1}]}
    said = failed_sync(company, tmp_path, played, *played)
    assert "The source mixpanel failed: line 2 of its output is not a message" in said
    assert "Segmentation fault" in said
    assert said.count("The source mixpanel failed") == 1
    assert said.count("sync mixpanel: reading") == 1
    assert "The source zendesk failed: it ended with exit code 1" in said
    assert said.count("sync zendesk: reading") == 3
    assert fingerprint(company.warehouse(), RAW) == before


def refused(words: str, kind: str) -> list[Step]:
    """Return the steps in which a connector reports an error of a vendor, and ends."""
    error = {"message": words, "failure_type": kind}
    trace = {"type": "ERROR", "emitted_at": 1, "error": error}
    return [{"message": {"type": "TRACE", "trace": trace}}, {"exit": 1}]


# By source: its words, their kind, how often it is tried, what is advised.
REFUSALS = {
    "mixpanel": (
        "401 Unauthorized: the service account's secret has expired",
        "config_error",
        1,
        "renew them in the environment",
    ),
    "zendesk": (
        "429 Too Many Requests: the hourly export quota is used up",
        "transient_error",
        3,
        "wait until its quota is renewed",
    ),
    "stripe": (
        "HTTPSConnectionPool(host='api.stripe.com', port=443): Max retries exceeded (Caused by"
        " NameResolutionError)",
        "transient_error",
        3,
        "stripe cannot be reached",
    ),
}


def test_vendors_that_refuse_are_named_and_do_not_keep_the_others(
    company: Company, tmp_path: Path
) -> None:
    refusing = tuple(f"raw_{source}" for source in REFUSALS)
    before = fingerprint(company.warehouse(), refusing)
    said = failed_sync(
        company,
        tmp_path,
        {source: refused(words, kind) for source, (words, kind, *_) in REFUSALS.items()},
    )
    for source, (words, _, tries, advised) in REFUSALS.items():
        assert f"The source {source} failed" in said
        assert words in said
        assert advised in said
        assert said.count(f"sync {source}: reading") == tries
    assert said.split("sync salesforce: ")[-1].split("\n")[0].endswith("rows written")
    assert fingerprint(company.warehouse(), refusing) == before


def test_a_credential_or_a_source_that_is_missing_is_named_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "account.csv").write_text("account_id,name\na1,Ada Ltd\n")
    (data / "subscription.csv").write_text(
        "subscription_id,account_id,mrr,started_on\ns1,a1,100.00,2026-01-01\n"
    )
    own = Company(
        tmp_path / "home", "sources: [app, stripe, zendsk]\nstripe: {account_id: acct_1}\n"
    )
    own.environment["STRIPE_SECRET_KEY"] = ""
    try:
        own.copilot("load", str(data))
        said = own.copilot("run", succeeds=False)
        assert "The credentials of stripe are not set: STRIPE_SECRET_KEY" in said
        assert "There is no source 'zendsk'. Did you mean zendesk?" in said
        assert "dbt: building" not in said
        assert "Traceback" not in said
        assert one(own, "select count(*) from raw_app.account") == 1
        said = own.copilot("sync", "app")
        assert "zendsk" not in said
        assert "hubspot: not among the sources of copilot.yml" in own.copilot(
            "sync", "hubspot", succeeds=False
        )
        assert "There is no source 'zendsk'. Did you mean zendesk?" in own.copilot(
            "doctor", succeeds=False
        )
    finally:
        own.stop()


def test_a_file_with_broken_rows_loads_the_rest_and_keeps_the_reasons(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "account.csv").write_text("account_id,name\na1,Ada Ltd\n,Nobody\na2,Bob Ltd\n")
    (data / "subscription.csv").write_text(
        "subscription_id,account_id,mrr,started_on\n"
        "s1,a1,100.00,2026-01-01\ns2,a2,a lot,2026-01-01\ns3,a2,50,yesterday\n"
    )
    own = Company(tmp_path / "home", "sources: [app]\ncompany_name: Own tables\n")
    try:
        said = own.copilot("load", str(data))
        assert "account: 2 loaded, 1 rejected" in said
        assert "subscription: 1 loaded, 2 rejected" in said
        with own.warehouse().connect() as connection:
            reasons = connection.execute("select reason from ops.rejected_row").fetchall()
        assert len(reasons) == 3
        assert all("mrr" in r or "started_on" in r or "account_id" in r for (r,) in reasons)
        (data / "account.csv").write_text("who,what\n1,2\n")
        said = own.copilot("load", str(data), succeeds=False)
        assert "account.csv" in said
        assert "account_id" in said
    finally:
        own.stop()


@pytest.fixture
def small_disk(copilot_environment: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own that is too small for the company."""
    disk = copilot_environment / "disk"
    disk.mkdir()
    if mount(disk, f"size={DISK}").returncode != 0:
        pytest.skip("only root may mount a disk, and only where the container lets it")
    copilot_environment.chmod(0o755)
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def mount(disk: Path, options: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=False, capture_output=True
    )


def take_over_manifest(there: Company, here: Company) -> None:
    """Spare a company of the same settings parsing the dbt project once more."""
    for name in ("manifest.json", "manifest.stamp", "target/partial_parse.msgpack"):
        copy = here.home / "dbt" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(there.home / "dbt" / name, copy)


def test_a_full_disk_under_the_database_is_named_and_mended(
    company: Company, small_disk: Path
) -> None:
    full = Company(small_disk / "company")
    take_over_manifest(company, full)
    try:
        said = full.copilot("run", succeeds=False)
        assert "No space left on device" in said
        assert "Free space on" in said  # the database's disk, on which Dagster's records lie too
        assert "Traceback" not in said
        assert mount(small_disk, "remount,size=4g").returncode == 0
        full.copilot("sync")
        counts = [rows_of(one_company, RAW) for one_company in (full, company)]
        for count in counts:
            del count["raw_salesforce.Task"]  # the other company has the copilot's own by now
        assert counts[0] == counts[1]
    finally:
        full.stop()


def rows_of(company: Company, schemas: tuple[str, ...]) -> dict[str, object]:
    with company.warehouse().connect() as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema = any(%s)",
            (list(schemas),),
        ).fetchall()
    return {
        f"{schema}.{table}": one(company, f'select count(*) from "{schema}"."{table}"')
        for schema, table in tables
    }
