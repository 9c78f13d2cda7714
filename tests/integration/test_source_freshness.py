"""How long ago the sources were read, from the ledger of syncs, by dbt."""

import datetime as dt
import uuid
from pathlib import Path

import pytest
from psycopg import sql

from connectors.sources.registry import stream_names
from orchestration.cli import doctor
from orchestration.resources.freshness import require_fresh_sources
from tests.company import Company
from warehouse.clock import SAMPLE_END_DATE, last_complete_day
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import SOURCES, Settings

HISTORIES = {"AccountHistory", "OpportunityHistory"}


class Ledger:
    """The ledger of syncs of a company that has every source."""

    def __init__(self, warehouse: Warehouse, settings: Settings) -> None:
        self.warehouse = warehouse
        self.settings = settings.model_copy(update={"schema_prefix": warehouse.schema_prefix})
        self.said: list[str] = []
        self.now = dt.datetime.now(dt.UTC)

    def write(
        self, source: str, days_ago: float, *streams: str, status: str = "succeeded"
    ) -> dt.datetime:
        """Write that a source was read; return when."""
        at = self.now - dt.timedelta(days=days_ago)
        with self.warehouse.connect(Role.LOADER) as connection:
            for stream in streams or set(stream_names(source)) - HISTORIES:
                connection.execute(
                    sql.SQL(
                        "insert into {} (run_id, source, stream, started_at, finished_at, status)"
                        " values (%s, %s, %s, %s, %s, %s)"
                    ).format(sql.Identifier(self.warehouse.schema("ops"), "sync_run")),
                    (uuid.uuid4().hex, source, stream, at, at, status),
                )
        return at

    def require(self, as_of: dt.date | None = None) -> None:
        self.said.clear()
        wanted = as_of or last_complete_day(self.settings)
        require_fresh_sources(self.warehouse, self.settings, wanted, self.said.append)


@pytest.fixture
def ledger(warehouse: Warehouse, settings: Settings) -> Ledger:
    """Begin each test with a ledger in which nothing stands."""
    with warehouse.connect() as connection:
        table = sql.Identifier(warehouse.schema("ops"), "sync_run")
        connection.execute(sql.SQL("truncate {}").format(table))
    return Ledger(warehouse, settings)


def test_sources_that_were_read_lately_are_fresh_however_old_their_rows(ledger: Ledger) -> None:
    for source in SOURCES:
        ledger.write(source, 30)
        ledger.write(source, 1)
        ledger.write(source, 0, status="running")
    ledger.require()
    (line,) = ledger.said
    fresh, total = line.removeprefix("freshness: ").split(" raw tables")[0].split(" of ")
    assert fresh == total != "0"


def test_a_source_that_nobody_read_is_named_with_the_time_of_its_last_sync(ledger: Ledger) -> None:
    for source in set(SOURCES) - {"app", "hubspot", "zendesk"}:
        ledger.write(source, 0.5)
    at = ledger.write("zendesk", 3.1)
    ledger.write("zendesk", 0.5, status="failed")
    ledger.write("zendesk", 0.5, "users", "organizations", "ticket_metrics")
    hubspot_at = ledger.write("hubspot", 2.1)
    app_at = ledger.write("app", 6.9)
    history_at = ledger.write("salesforce", 300, "AccountHistory")
    with pytest.raises(CopilotError) as caught:
        ledger.require()
    assert caught.value.what.splitlines() == [
        "What was read is too old to score by:",
        f"  zendesk (tickets) was last read to the end on {at:%Y-%m-%d %H:%M} UTC",
    ]
    assert "copilot sync" in caught.value.hint
    assert "copilot load" in caught.value.hint
    warned = "\n".join(ledger.said)
    assert "freshness: zendesk (satisfaction_ratings, ticket_audits) was last" in warned
    assert (
        "freshness: app (account, churn_event, event, invoice, subscription, ticket, user) was last"
        in warned
    )
    assert f"read to the end on {app_at:%Y-%m-%d %H:%M} UTC" in warned
    assert (
        f"freshness: salesforce (AccountHistory) was last read to the end on {history_at:%Y-%m-%d}"
        in warned
    )
    assert f"owners, owners_archived) was last read to the end on {hubspot_at:%Y-%m-%d}" in warned
    assert len(ledger.said) == 4


def test_an_empty_ledger_is_told(ledger: Ledger) -> None:
    with pytest.raises(CopilotError) as caught:
        ledger.require()
    lines = caught.value.what.splitlines()[1:]
    assert [line.split()[0] for line in lines] == sorted(SOURCES)
    assert all(line.endswith("was never read to the end") for line in lines)


def test_a_run_as_of_a_day_that_has_passed_asks_for_no_fresh_source(ledger: Ledger) -> None:
    ledger.require(SAMPLE_END_DATE)
    ledger.require(last_complete_day(ledger.settings) - dt.timedelta(days=1))
    assert ledger.said == []


def test_a_ledger_that_may_not_be_read_is_told_in_dbts_words(ledger: Ledger) -> None:
    ops = ledger.warehouse.schema("ops")
    reader = ledger.warehouse.role_name(Role.TRANSFORMER)
    with ledger.warehouse.connect() as owner:
        owner.execute(f'revoke select on "{ops}".sync_run from "{reader}"'.encode())
    try:
        with pytest.raises(CopilotError, match="permission denied for table sync_run"):
            ledger.require()
    finally:
        with ledger.warehouse.connect() as owner:
            owner.execute(f'grant select on "{ops}".sync_run to "{reader}"'.encode())


def test_the_doctor_says_when_each_source_was_last_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(sources=["stripe", "zendesk"], schema_prefix=ledger.settings.schema_prefix)
    monkeypatch.setattr(doctor, "load_settings", lambda: settings)
    at = ledger.write("stripe", 4)
    ledger.write("stripe", 1, status="failed")
    assert [*doctor._syncs()] == [
        f"stripe was last read to the end: on {at:%Y-%m-%d %H:%M} UTC",
        "zendesk was last read to the end: never",
    ]


def test_no_build_of_today_begins_on_own_tables_that_nobody_loaded_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "account.csv").write_text("account_id,name\na1,Ada Ltd\n")
    (data / "subscription.csv").write_text(
        "subscription_id,account_id,mrr,started_on\ns1,a1,100.00,2026-01-01\n"
    )
    own = Company(tmp_path / "home", "sources: [app]\ncrm: none\ncompany_name: Own tables\n")
    try:
        own.copilot("load", str(data))
        with own.warehouse().connect() as connection:
            connection.execute("update ops.sync_run set finished_at = now() - interval '8 days'")
        said = own.copilot("build", succeeds=False)
        assert (
            "app (account, churn_event, event, invoice, subscription, ticket, user) was last read"
            in said
        )
        with own.warehouse().connect() as connection:
            built = connection.execute("select to_regclass('marts.dim_account')").fetchone()
        assert built == (None,)
    finally:
        own.stop()
